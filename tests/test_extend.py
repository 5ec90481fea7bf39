"""Every example of docs/extend.md is one new file in a copy of the packages, and everything picks it up."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("editor", "reward_fns", "data_prep", "recipe")
BLOCK = re.compile(r"^```\w*\n# ([\w/]+\.\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def example_files(heading: str) -> dict[str, str]:
    """Return path -> text of the code blocks in a section of docs/extend.md whose first line names their file."""
    sections = re.split(r"^## ", (ROOT / "docs/extend.md").read_text(), flags=re.MULTILINE)
    (section,) = (text for text in sections if text.startswith(f"{heading}\n"))
    return {path: text for path, text in BLOCK.findall(section)}


def extended(folder: Path, heading: str) -> Path:
    """Copy the packages to `folder`/iea with the example files of a section; return the value for PYTHONPATH."""
    for package in PACKAGES:
        shutil.copytree(ROOT / package, folder / "iea" / package, ignore=shutil.ignore_patterns("__pycache__"))
    for path, text in example_files(heading).items():
        target = folder / "iea" / path
        assert not target.exists(), "an example is a new file"
        target.write_text(text)
    return folder


def run(script: str, path: Path, *arguments: str) -> Any:
    """Run a program of tests/scripts with the packages in `path`; return the JSON of its last line."""
    command = [sys.executable, "-W", "ignore", str(ROOT / "tests/scripts" / script), *arguments]
    environment = {**os.environ, "PYTHONPATH": str(path)}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.slow
def test_a_reward_term_is_one_file(tmp_path: Path) -> None:
    packages, work = extended(tmp_path / "packages", "Add a reward term"), tmp_path / "work"
    work.mkdir()
    weights = {"r_like": 0.5, "r_use": 0.3, "brief": 0.2}
    result = run("one_example.py", packages, str(work), "edit", '{"exposure": 20, "tint": -45}', json.dumps(weights))
    assert result["score"]["brief"] == 0.5
    assert result["score"]["score"] == pytest.approx(0.5 + 0.3 + 0.2 * 0.5)
    assert result["metrics"]["iea/edit/brief"] == 0.5


@pytest.mark.slow
def test_a_task_is_one_file(tmp_path: Path) -> None:
    packages, work = extended(tmp_path / "packages", "Add a task"), tmp_path / "work"
    work.mkdir()
    result = run("one_example.py", packages, str(work), "name_tool", "tint", '{"r_like": 1}')
    assert (result["prompt"], result["images"]) == ("<image><image>which tool?", 2)
    assert result["sft_answer"] == result["ground_truth"] == "tint"
    assert result["kinds"] == {"name_tool": 2}
    assert result["score"]["score"] == 1
    assert result["metrics"] == {"iea/name_tool/score": 1, "iea/name_tool/parsable": 1, "iea/name_tool/error": 0}
