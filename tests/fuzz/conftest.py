"""Make the programs of this folder, and recipe/homes.py, importable from its tests; the seed of what is drawn, and the time for it."""

import os
import sys
from pathlib import Path

import pytest

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1] / "recipe")]


@pytest.fixture
def seed() -> int:
    """Return the seed of the inputs: 0, or the variable IEA_FUZZ_SEED to try others."""
    return int(os.environ.get("IEA_FUZZ_SEED", "0"))


@pytest.fixture
def seconds() -> float:
    """Return the time of a test that draws inputs: 20, or the variable IEA_FUZZ_SECONDS."""
    return float(os.environ.get("IEA_FUZZ_SECONDS", "20"))
