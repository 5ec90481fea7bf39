"""Make the programs of this folder, and recipe/homes.py, importable from its tests."""

import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1] / "recipe")]
