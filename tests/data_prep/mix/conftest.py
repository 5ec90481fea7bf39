"""A table of examples, and the helpers of mixed.py."""

import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # makes mixed.py importable from the tests of this folder

from mixed import table


@pytest.fixture
def examples(tmp_path: Path, example_rows: list[dict[str, Any]]) -> Path:
    return table(tmp_path / "examples.parquet", example_rows)
