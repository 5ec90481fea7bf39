"""A tool is two files: those of the documentation, in a copy of the packages, and nothing else."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs/extend_tool.md"
PACKAGES = ("editor", "reward_fns", "data_prep", "recipe")


def files_of(page: str) -> dict[str, str]:
    """Path -> content of the fenced blocks that start with a comment of their path."""
    blocks = re.findall(r"^```\w+\n(# (\S+)\n.*?)^```$", page, re.MULTILINE | re.DOTALL)
    return {path: text for text, path in blocks}


@pytest.mark.slow
def test_a_new_tool_is_two_files(tmp_path: Path) -> None:
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / "iea" / package, ignore=shutil.ignore_patterns("__pycache__"))
    files = files_of(PAGE.read_text())
    assert list(files) == ["editor/tools/haze.py", "data_prep/language/tools/haze.yaml"]
    for path, text in files.items():
        (tmp_path / "iea" / path).write_text(text)
    used = subprocess.run(
        [sys.executable, ROOT / "tests/scripts/use_tool.py", "haze"],
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
        check=False,
        capture_output=True,
        text=True,
    )
    assert used.returncode == 0, used.stderr
