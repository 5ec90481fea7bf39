"""The upstream faults that we patch; if a test fails, remove its patch."""

from collections.abc import Callable
from subprocess import CompletedProcess

import pytest

pytestmark = pytest.mark.slow
RunScript = Callable[..., "CompletedProcess[str]"]


def test_position_ids_of_equal_length_need_the_patch(script: RunScript) -> None:
    assert script("position_ids").stdout.split() == ["False", "True", "True"]


def test_log_probs_in_one_call_equal_upstreams(script: RunScript) -> None:
    assert script("log_probs").stdout.split() == ["True"] * 4
