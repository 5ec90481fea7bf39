"""The upstream fault of process groups; if the test fails, remove the patch."""

from collections.abc import Callable
from subprocess import CompletedProcess

import pytest


@pytest.mark.slow
def test_upstream_process_group_names_the_cpu_twice(script: Callable[..., "CompletedProcess[str]"]) -> None:
    assert script("process_group").stdout.split() == ["1"]
