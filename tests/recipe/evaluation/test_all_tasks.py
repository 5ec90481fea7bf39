"""An untrained policy and an untrained judge, both real, on rows of all tasks: answers, controls, scores without a server."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import Result

pytest.importorskip("transformers")
pytest.importorskip("xgrammar")

from iea.data_prep.mix.verl_rows import PromptConfig, example_to_rl
from iea.editor import Program, render
from iea.editor.io import write_image
from iea.recipe.evaluation.evaluate import evaluate
from iea.recipe.evaluation.metrics import METRICS, measured
from iea.recipe.evaluation.systems import SYSTEMS, Settings
from iea.reward_fns.example import Example

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # transformers' and torch's own, on import
    pytest.mark.filterwarnings("ignore::FutureWarning"),
]
PROGRAM = '{"exposure": 30, "tint": -20}'
PHOTOS = 3


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("rows")
    table = []
    for photo in range(PHOTOS):
        original = np.random.default_rng(photo).integers(40, 200, (56, 56, 3), dtype=np.uint8)
        images = {"original": original, "reference": render(original, Program.from_json(PROGRAM)), "previous": original}
        paths = {name: str(folder / f"{name}{photo}.png") for name in images}
        for name, image in images.items():
            write_image(paths[name], image)
        for task, text in (("edit", "much brighter and a bit greener, please"), ("edit", ""), ("refine", "greener")):
            example = Example(
                task, name=f"{task}{len(table)}", photo=f"photo{photo}", text=text, program=PROGRAM, **paths
            )
            table.append(example_to_rl(example, len(table), PromptConfig("short")))
        summary = Example("summary", name=f"s{photo}", photo=f"photo{photo}", summary="brighten it a lot", **paths)
        table.append(example_to_rl(summary, len(table), PromptConfig("short")))
    pd.DataFrame(table).to_parquet(folder / "held_out.parquet")
    return folder / "held_out.parquet"


@pytest.fixture(scope="module")
def policy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from iea.recipe.tiny.policy import TinySize, build_tiny_model

    out = tmp_path_factory.mktemp("policy") / "model"
    build_tiny_model(out, iter(["make it a little warmer", PROGRAM] * 50), TinySize(vocabulary=400, layers=2))
    return out


@pytest.fixture(scope="module")
def settings(policy: Path) -> Settings:
    return Settings(model=policy, max_new_tokens=6, batch_size=5)


def test_every_task_is_scored_without_a_server(rows: Path, settings: Settings, judge: Path) -> None:
    local = {"backend": "local", "model": str(judge), "decode": "reasoned"}
    results = evaluate(SYSTEMS["checkpoint"], rows, settings, judge=local)
    assert results.kind.value_counts().to_dict() == dict.fromkeys(("edit", "auto", "refine", "summary"), PHOTOS)
    assert results.error.eq(0).all() and results.fallback.eq(0).all()
    assert -10 <= measured(METRICS["r_align"], results) <= 10
    assert measured(METRICS["distance"], results) > 0


def test_a_local_judge_scores_a_good_summary_as_its_answer_says(rows: Path, judge: Path) -> None:
    from iea.recipe.evaluation.judge.local_judge import LocalJudge, score_of
    from iea.recipe.evaluation.systems import System

    said = "make the photo clearly brighter"
    expected = score_of(LocalJudge(judge, reasoned=True).answers([("brighten it a lot", said)])[0])
    told = System("told", lambda rows, _: [said] * len(rows), ("summary",))
    local = {"backend": "local", "model": str(judge), "decode": "reasoned"}
    results = evaluate(told, rows, Settings(), judge=local)
    assert results.judge.tolist() == [expected / 10] * PHOTOS and results.parsable.eq(1).all()


def test_answers_keep_the_order_of_the_rows(rows: Path, settings: Settings) -> None:
    """Rows are batched by length: each answer must be that of its row alone."""
    table = pd.read_parquet(rows)
    together = SYSTEMS["checkpoint"].answers(table, settings)
    alone = [SYSTEMS["checkpoint"].answers(table.iloc[[place]], settings)[0] for place in (0, 3, 6)]
    assert [together[place] for place in (0, 3, 6)] == alone
    assert SYSTEMS["checkpoint"].answers(table[::-1], settings) == together[::-1]


def test_controls_show_other_images(rows: Path, settings: Settings) -> None:
    table = pd.read_parquet(rows)
    edits, summaries = table[table.ability != "summary"], table[table.ability == "summary"]
    gray = SYSTEMS["gray"].answers(edits, settings)
    assert len({gray[place] for place in range(0, len(gray), 3)}) == 1  # one request, and nothing of the photographs
    turned = pd.concat([summaries[1:], summaries[:1]])
    assert SYSTEMS["shuffled"].answers(summaries, settings) == SYSTEMS["checkpoint"].answers(turned, settings)


def test_the_command_takes_a_judge_in_a_folder(
    rows: Path, policy: Path, judge: Path, tmp_path: Path, iea: Callable[..., Result]
) -> None:
    system = f"checkpoint={policy},max_new_tokens=2"
    judged = ["--judge-model", judge, "--judge-decode", "reasoned"]
    result = iea("evaluate", system, "--rows", rows, "--out", tmp_path / "out", "--metrics", "r_align,valid", *judged)
    assert result.exit_code == 0, result.output
    manifest = json.loads((tmp_path / "out/checkpoint.json").read_text())
    assert -10 <= manifest["classes"]["summary"]["r_align"] <= 10 and manifest["not_computed"] == {}
