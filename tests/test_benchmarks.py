"""The benchmark's sides compute the same, so that their times may be compared."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent / "benchmarks"
CODE = """
import json
import numpy as np
import cases, passes, photographs
from iea.editor import render
small = photographs.mosaic(100, 120)
assert "the kernel" in passes.profile(small, render(small, cases.RETOUCH))
cases.SIDE = 64
photographs.mosaic = lambda height, width, full=photographs.mosaic: full(100, 120)
apart = {}
for case in cases.CASES:
    results = {name: side() for name, side in case.sides(1).items()}
    ours = results.pop("ours")
    for name, result in results.items():
        if name in ("naive64", "naive32", "C"):
            apart[case.title + ": " + name] = float(np.abs(np.subtract(result, ours)).max())
        elif name == "naive64 / 10":
            apart[case.title + ": " + name] = float(np.abs(np.subtract(result, ours[::10])).max())
        else:
            assert result.shape == ours.shape and result.dtype == np.uint8, name
print(json.dumps(apart))
"""


@pytest.mark.skipif(shutil.which("cc") is None, reason="the C yardstick needs a compiler")
def test_all_sides_of_the_benchmark_give_the_same_distances() -> None:
    done = subprocess.run(
        [sys.executable, "-c", CODE], cwd=FOLDER, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    apart = json.loads(done.stdout.splitlines()[-1])
    assert len(apart) == 9
    for name, difference in apart.items():
        assert difference < (1e-3 if "naive32" in name else 1e-6), name
