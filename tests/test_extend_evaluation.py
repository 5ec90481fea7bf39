"""A metric, a compared system and a table are one file each: the examples of the documentation work as they are."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
EXAMPLE = re.compile(r"```python\n# (?P<path>\S+\.py)\n(?P<code>.*?)```", re.DOTALL)
PACKAGES = ("editor", "reward_fns", "data_prep", "recipe")


def _examples() -> dict[str, str]:
    """Path -> code of every example."""
    text = (ROOT / "docs" / "extend_evaluation.md").read_text()
    return {found["path"]: found["code"] for found in EXAMPLE.finditer(text)}


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The tables printed by a copy of the packages that has the examples as additional files."""
    folder = tmp_path_factory.mktemp("extended")
    for package in PACKAGES:
        shutil.copytree(ROOT / package, folder / "iea" / package, ignore=shutil.ignore_patterns("__pycache__"))
    for path, code in _examples().items():
        assert not (folder / "iea" / path).exists()
        (folder / "iea" / path).write_text(code)
    (folder / "rows").mkdir()
    script = ROOT / "tests" / "scripts" / "extended_evaluation.py"
    done = subprocess.run(
        [sys.executable, str(script), str(folder / "rows"), "always_brighter"],
        env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


pytestmark = pytest.mark.slow


def test_the_page_has_an_example_of_each_kind() -> None:
    folders = [str(Path(path).parent) for path in _examples()]
    assert folders == [f"recipe/evaluation/{kind}" for kind in ("metrics", "systems", "tables")]


def test_a_new_metric_is_a_column_of_the_tables(printed: str) -> None:
    assert "| run | stage | valid % ↑ | D ↓ | R_like ↑ | R_use ↑ | tools ↓ | reward ↑ |" in printed


def test_a_new_system_is_evaluated_with_the_reward(printed: str) -> None:
    assert "| seed-0 quick | after SFT | 100.0 | 0.000 | 1.000 | 1.000 | 1.0 | 1.000 |" in printed


def test_a_new_table_is_printed_at_its_rank(printed: str) -> None:
    assert "| seed-0 quick | photo0 | 1.000 |" in printed
    assert printed.index("**Photographs**") < printed.index("**Worst photograph**")
