"""Scores by the results of an editor: those of ours are the training reward's, those of the published one follow its rendering."""

import json

import numpy as np
import pytest
from skimage import data

from iea.editor import Image, Program, distance, released, render
from iea.recipe.evaluation.editors import EDITORS, integers, score_with
from iea.reward_fns import score_text

TIMES = ("reward_ms",)
THOUGHT = "<think>\nIt is dark.\n</think>\n<answer>\n```json\n{}\n```\n</answer>"


@pytest.fixture(scope="module")
def photograph() -> Image:
    return np.ascontiguousarray(data.coffee()[100:292:4, 200:456:4])


def answer(**edits: float) -> str:
    return THOUGHT.replace("{}", json.dumps(edits))


@pytest.mark.parametrize(
    "text", ['{"exposure": 20, "tint": -30}', '{"fade": 0}', "{}", "brighter", '{"exposure": 300}']
)
def test_scores_of_our_editor_are_those_of_the_reward(text: str, photograph: Image) -> None:
    reference, previous = render(photograph, {"exposure": 30}), render(photograph, {"exposure": 10})
    for before in (None, previous):
        ours = score_with(EDITORS["iea"], photograph, reference, text, previous=before)
        wanted = score_text(photograph, reference, text, previous=before)
        assert {key: ours[key] for key in ours if key not in TIMES} == {
            key: wanted[key] for key in wanted if key not in TIMES
        }


def test_an_answer_for_the_published_editor_is_rendered_by_it(photograph: Image) -> None:
    reference = released.render(photograph, {"exposure": 30, "vibrance": -40})
    right = score_with(EDITORS["released"], photograph, reference, answer(exposure=30, vibrance=-40))
    near = score_with(EDITORS["released"], photograph, reference, answer(exposure=20))
    ours = score_with(EDITORS["iea"], photograph, reference, answer(exposure=30, vibrance=-40))
    assert (right["score"], right["d_after"], right["n_tools"]) == (1, 0, 2)
    assert right["score"] > near["score"] > -1
    assert ours["d_after"] > 0
    expected = distance(released.render(photograph, {"exposure": 20}), reference)
    assert near["d_after"] == expected and near["r_like"] == pytest.approx(1 - expected / near["d_before"])


def test_a_tool_that_does_nothing_counts_against_r_use(photograph: Image) -> None:
    reference = released.render(photograph, {"exposure": 30})
    both = score_with(EDITORS["released"], photograph, reference, answer(exposure=30, vibrance=50))
    assert both["r_use"] == 0 and both["r_like"] == 1


@pytest.mark.parametrize(
    "text", ["", "brighter", answer(), answer(exposure=0), "```json [1] ```", '```json {"tint": "x"} ```']
)
def test_an_answer_without_an_edit_has_the_lowest_score(text: str, photograph: Image) -> None:
    reference = released.render(photograph, {"exposure": 30})
    score = score_with(EDITORS["released"], photograph, reference, text)
    assert score["score"] == -1 and score["d_after"] == score["d_before"] == distance(photograph, reference)


def test_integers_are_within_our_ranges() -> None:
    assert integers({"fade": -20, "exposure": 20.6, "tint": -100}) == Program({"fade": 0, "exposure": 21, "tint": -100})
