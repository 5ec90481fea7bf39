"""The examples of docs/extend.md work as they are, as new files in a copy of the packages."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("editor", "reward_fns", "data_prep", "recipe")
BLOCK = re.compile(r"^```\w*\n# ([\w/]+\.\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SECTION = re.compile(r"^## (Add .+?)\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
SECTIONS = dict(SECTION.findall((ROOT / "docs/extend.md").read_text()))
HERE = "."  # stands for an empty folder

TERM = {"r_like": 0.5, "r_use": 0.3, "brief": 0.2}
CASES: Mapping[tuple[str, ...], tuple[list[str], dict[str, Any]]] = {
    ("Add a tool",): (["use_tool.py", "haze"], {"used": "haze"}),
    ("Add a reward term",): (
        ["one_example.py", HERE, "edit", '{"exposure": 20, "tint": -45}', json.dumps(TERM)],
        {"score/brief": 0.5, "score/score": pytest.approx(0.5 + 0.3 + 0.2 * 0.5), "metrics/iea/edit/brief": 0.5},
    ),
    ("Add a task",): (
        ["one_example.py", HERE, "name_tool", "tint", '{"r_like": 1}'],
        {
            "prompt": "<image><image>which tool?",
            "images": 2,
            "sft_answer": "tint",
            "ground_truth": "tint",
            "kinds": {"name_tool": 2},
            "score/score": 1,
            "metrics": {"iea/name_tool/score": 1, "iea/name_tool/parsable": 1, "iea/name_tool/error": 0},
        },
    ),
    ("Add a source", "Add a mix"): (
        ["extended_data.py", HERE],
        {
            "ingested": 10,
            "rejected": {"missing": 1},
            "stage1_origins": ["csv_pairs"],
            "requests": ["it is too dark"],
            "ratios": {"Edit, amateur": 1, "Refine": 2},
        },
    ),
    ("Add a search method",): (
        ["extended_search.py", "Scaled"],
        {"program": {"exposure": 40, "tint": -20}, "r_like": 1},
    ),
    ("Add a metric", "Add a compared system", "Add a table"): (
        ["extended_evaluation.py", HERE, "always_brighter"],
        {
            "Edits/0": "| set | rows of | stage | seeds | photographs | rows | valid % ↑ | L ↓ | R_like ↑ | R_use ↑ | "
            "R_use_scaled ↑ | R_like, median ↑ | tools ↓ | characters ↓ | reward, paper's form ↑ | reward, honest form ↑ | reward ↑ |",
            "Edits/2": "| held out | Edit, without instruction | Stage 1 | 1 | 3 | 3 | 100.0 | 0.000 | 1.000 | 1.000 | "
            "1.000 | 1.000 | 1.0 | 16 | 1.000 | 1.000 | 1.000 |",
            "Worst photograph/2": "| seed-0 | photo0 | 1.000 |",
            "previous/Worst photograph": "Seeds",
        },
    ),
    ("Add an export format",): (
        ["extended_export.py", "words", '{"exposure": 20, "tint": -10}'],
        {
            "text/0": "exposure +20: brighter everywhere, as with more light",
            "lines/0": "note: words cannot be applied again",
        },
    ),
}
"""Sections -> program of tests/scripts with its arguments, and values in its output by their path."""


def _extended(folder: Path, sections: tuple[str, ...]) -> Path:
    """Copy the packages to `folder`/iea with the files of the sections; return the value for PYTHONPATH."""
    for package in PACKAGES:
        shutil.copytree(ROOT / package, folder / "iea" / package, ignore=shutil.ignore_patterns("__pycache__"))
    for path, text in (block for section in sections for block in BLOCK.findall(SECTIONS[section])):
        assert not (folder / "iea" / path).exists(), "an example is a new file"
        (folder / "iea" / path).write_text(text)
    return folder


def _value(result: Any, path: str) -> Any:
    """Return the value of nested dicts and lists at "key/index"; a key may contain slashes."""
    head, _, rest = path.partition("/")
    if isinstance(result, list):
        return result[int(path)]
    return result[path] if path in result or not rest else _value(result[head], rest)


def test_every_section_has_a_case_and_files() -> None:
    assert sorted(SECTIONS) == sorted(section for sections in CASES for section in sections)
    files = {section: len(BLOCK.findall(text)) for section, text in SECTIONS.items()}
    assert files == dict.fromkeys(SECTIONS, 1) | {"Add a tool": 2}


@pytest.mark.slow
@pytest.mark.parametrize("sections", CASES, ids=" and ".join)
def test_the_example_is_all_that_is_needed(sections: tuple[str, ...], tmp_path: Path) -> None:
    (program, *arguments), expected = CASES[sections]
    packages, work = _extended(tmp_path / "packages", sections), tmp_path / "work"
    work.mkdir()
    arguments = [str(work) if argument == HERE else argument for argument in arguments]
    command = [sys.executable, "-W", "ignore", str(ROOT / "tests/scripts" / program), *arguments]
    environment = {**os.environ, "PYTHONPATH": str(packages)}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr[-3000:]
    result = json.loads(done.stdout.splitlines()[-1])
    found = {path: _value(result, path) for path in expected}
    assert found == expected
