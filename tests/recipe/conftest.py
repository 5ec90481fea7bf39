"""A small table of judged pairs, the SFT rows made of it, and an untrained tiny judge; a home with all that recipes read."""

import shutil
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from iea.data_prep import runner
from iea.data_prep.runner import Step
from iea.data_prep.schema import JUDGED
from iea.data_prep.synthesize.judged import JudgedMaker
from iea.data_prep.synthesize.step import judged_items
from iea.recipe.tiny.judge_rows import write_judge_rows

sys.path.insert(0, str(Path(__file__).parent))  # makes homes.py and its like importable from the tests of this folder


@pytest.fixture(scope="session")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out, maker = tmp_path_factory.mktemp("judged") / "judged", JudgedMaker(0)
    items = judged_items({"train": 150, "val": 4})
    runner.run(Step("judged", JUDGED, maker, asdict(maker)), items, out, workers=1, quiet=True)
    return out


@pytest.fixture(scope="session")
def judge_rows(judged: Path) -> Path:
    out = judged.parent / "judge_rows"
    write_judge_rows(judged, out)
    return out


@pytest.fixture(scope="session")
def judge(judge_rows: Path) -> Path:
    pytest.importorskip("transformers")
    from iea.recipe.tiny.judge import JudgeSize, build_tiny_judge
    from iea.recipe.tiny.policy import message_texts

    out = judge_rows.parent / "judge"
    build_tiny_judge(out, message_texts(judge_rows / "train.parquet"), JudgeSize(hidden=32, layers=2, mlp=64))
    return out


@pytest.fixture(scope="module")  # its event loop lives as long, and would stop asyncio.run in other modules
def chromium() -> Iterator[Any]:
    """Start a browser, see browser.py."""
    from browser import CHROMIUM

    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def finished_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from homes import write_home

    return write_home(tmp_path_factory.mktemp("home"))


@pytest.fixture
def home(finished_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of `finished_home` in a folder of its own, as IEA_HOME."""
    shutil.copytree(finished_home, tmp_path / "home")
    monkeypatch.setenv("IEA_HOME", str(tmp_path / "home"))
    return tmp_path / "home"
