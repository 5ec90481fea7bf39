"""The source and the mix of docs/extend_data.md are one new file each in a copy of the packages."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("editor", "reward_fns", "data_prep", "recipe")
PAGE = ROOT / "docs/extend_data.md"
BLOCK = re.compile(r"^```\w*\n# ([\w/]+\.\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.mark.slow
def test_a_source_and_a_mix_are_one_file_each(tmp_path: Path) -> None:
    packages, work = tmp_path / "packages", tmp_path / "work"
    work.mkdir()
    for package in PACKAGES:
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / package, packages / "iea" / package, ignore=ignored)
    examples = dict(BLOCK.findall(PAGE.read_text()))
    assert list(examples) == ["data_prep/ingest/sources/csv_pairs.py", "data_prep/mix/everyday_words.yaml"]
    for path, text in examples.items():
        target = packages / "iea" / path
        assert not target.exists(), "an example is a new file"
        target.write_text(text)
    done = subprocess.run(
        [sys.executable, str(ROOT / "tests/scripts/extended_data.py"), str(work)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(packages)},
    )
    assert done.returncode == 0, done.stderr[-3000:]
    result = json.loads(done.stdout.splitlines()[-1])
    assert (result["ingested"], result["rejected"]) == (10, {"missing": 1})
    assert result["stage1_origins"] == ["csv_pairs"] and result["requests"] == ["it is too dark"]
    (edits, taken), (refinements, repeated) = result["parts"].values()
    assert taken == edits > 0 and repeated == 2 * refinements > 0
