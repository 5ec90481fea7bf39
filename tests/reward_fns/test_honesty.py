"""Known ways to earn much for little do not pay under the default reward; the paper's reward stays as it is.

The kinds and their pairs are those of tests/benchmarks/honesty.py: photographs, with references that other programs made.
"""

import importlib
import json
from pathlib import Path
from types import ModuleType

import pandas as pd
import pytest

from iea.data_prep.synthesize.draw_pair import MIN_CHANGE
from iea.editor import TOOLS, Image, distance, render
from iea.editor.io import read_image
from iea.reward_fns import score_text

pytestmark = pytest.mark.slow

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
SIDE = 64
HONEST = "honest, errors of 30"


def honesty() -> ModuleType:
    """Return tests/benchmarks/honesty.py, which lies outside of all packages."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(BENCHMARKS))
        return importlib.import_module("honesty")


@pytest.fixture(scope="module")
def rewards() -> pd.DataFrame:
    frame: pd.DataFrame = honesty().measure(SIDE)
    return frame


@pytest.fixture(scope="module")
def photograph() -> Image:
    from iea.data_prep.ingest.sources.bundled import everyday_photographs

    image = read_image(everyday_photographs()["coffee"])
    return image[: image.shape[0] // SIDE * SIDE : image.shape[0] // SIDE, :: image.shape[1] // SIDE]


@pytest.mark.parametrize(
    "kind",
    [
        "the one best tool at 1",
        "canceling tools alone",
        "one giant tool: exposure 100",
        "grain 10 alone",
        "errors of 30, and near no-op tools",
        "errors of 30, and grain 1",
    ],
)
def test_a_known_way_earns_less_than_an_honest_program(rewards: pd.DataFrame, kind: str) -> None:
    assert rewards.default[kind] < rewards.default[HONEST]


def test_the_paper_pays_more_for_near_no_op_tools_than_for_honesty(rewards: pd.DataFrame) -> None:
    for kind in ("the one best tool at 1", "canceling tools alone", "errors of 30, and near no-op tools"):
        assert rewards.paper[kind] > rewards.paper[HONEST]


def test_canceling_tools_beside_a_program_add_no_more_than_they_gain(rewards: pd.DataFrame) -> None:
    added = rewards.loc["errors of 30, and canceling tools"] - rewards.loc["errors of 30"]
    assert added.default <= min(added.r_like, added.paper)


def test_two_tools_that_cancel_do_not_pay_though_each_spoils_the_balance(rewards: pd.DataFrame) -> None:
    for pair in honesty().CANCELING_PAIRS:
        kind = " and ".join(f"{tool} {value}" for tool, value in pair.items())
        assert rewards.r_use_scaled[kind] < 0 and rewards.default[kind] < min(0.1, rewards.default[HONEST])


def test_tools_that_cancel_are_clearly_visible_alone_and_hardly_together(photograph: Image) -> None:
    for program in (honesty().CANCELING, *honesty().CANCELING_PAIRS):
        together = distance(render(photograph, program), photograph)
        assert all(2 * MIN_CHANGE < distance(render(photograph, {t: v}), photograph) for t, v in program.items())
        assert together < min(distance(render(photograph, {t: v}), photograph) for t, v in program.items())


@pytest.mark.parametrize("w", [0.7, None])
def test_tools_that_cancel_earn_nothing_where_nothing_is_to_be_changed(photograph: Image, w: float | None) -> None:
    for program in (honesty().CANCELING, *honesty().CANCELING_PAIRS):
        score = score_text(photograph, photograph, json.dumps(program), **({} if w is None else {"w": w}))
        assert score["score"] < 0


def test_blind_and_lazy_answers_earn_almost_nothing(rewards: pd.DataFrame) -> None:
    assert rewards.default["canceling tools alone"] < 0.1
    assert rewards.default["the one best tool at 1"] < 0.1


def test_more_accurate_programs_earn_more(rewards: pd.DataFrame) -> None:
    kinds = ["search", *(f"honest, errors of {error}" for error in (10, 20, 30))]
    assert rewards.default[kinds].is_monotonic_decreasing
    assert rewards.default["honest, errors of 20"] > rewards.default["the one best tool at 10"]


def test_nothing_is_earned_where_nothing_is_to_be_changed(photograph: Image) -> None:
    answers = ['{"brightness": 1, "whites": -1}', *(f'{{"{tool}": {value}}}' for tool in TOOLS for value in (1, 10))]
    scores = [score_text(photograph, photograph, answer) for answer in answers]
    assert max(score["score"] for score in scores) <= 0
    assert score_text(photograph, photograph, answers[0], w=0.7)["score"] > 0.1


@pytest.mark.parametrize("answer", ["{}", "brighter", '{"exposure": 0}'])
def test_no_edit_earns_the_least_even_of_equal_images(photograph: Image, answer: str) -> None:
    assert score_text(photograph, photograph, answer)["score"] == -1


@pytest.mark.parametrize("name", ["exposure", "exposure2", "Exposure", "exposure ", "\\u0065xposure"])
def test_a_copied_tool_does_not_count_twice(photograph: Image, name: str) -> None:
    score = score_text(photograph, render(photograph, {"exposure": 20}), f'{{"exposure": 20, "{name}": 20}}')
    assert (score["score"], score["parsable"]) == (-1, 0)


def test_grain_has_one_pattern_and_does_not_pay_where_the_reference_has_none(photograph: Image) -> None:
    reference = render(photograph, {"exposure": 20, "contrast": 10})
    plain = score_text(photograph, reference, '{"exposure": 20}')["score"]
    grainy = [score_text(photograph, reference, f'{{"exposure": 20, "grain": {grain}}}') for grain in (1, 5, 30, 5)]
    assert all(score["score"] < plain for score in grainy)
    assert grainy[1]["score"] == grainy[3]["score"]
