"""The programs of this folder are importable from its tests, as they are from one another."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
