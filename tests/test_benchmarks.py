"""All sides of the benchmark compute the same distances."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

FOLDER = Path(__file__).with_name("benchmarks")


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("cc") is None, reason="the C yardstick needs a compiler")
def test_all_sides_give_the_same_distances(script: Callable[..., "CompletedProcess[str]"]) -> None:
    apart = json.loads(script("benchmark_sides", cwd=FOLDER).stdout.splitlines()[-1])
    assert len(apart) == 9
    for name, difference in apart.items():
        assert difference < (1e-3 if "naive32" in name else 1e-6), name
