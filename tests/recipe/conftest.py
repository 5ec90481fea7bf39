"""A small table of judged pairs, the SFT rows made of it, and an untrained tiny judge."""

from dataclasses import asdict
from pathlib import Path

import pytest

from iea.data_prep import runner
from iea.data_prep.runner import Step
from iea.data_prep.schema import JUDGED
from iea.data_prep.synthesize.judged import JudgedMaker
from iea.data_prep.synthesize.step import judged_items
from iea.recipe.tiny.judge_rows import write_judge_rows


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
