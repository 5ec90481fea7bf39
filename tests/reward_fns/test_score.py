import json
import math

import numpy as np
import pytest

from iea.editor import TOOLS, Image, distance, render
from iea.reward_fns import score_text
from iea.reward_fns.result import NO_EDIT, RANGES, failed_score
from iea.reward_fns.score import score_files, score_texts
from iea.reward_fns.tasks import TASKS
from iea.reward_fns.terms import TERMS
from iea.reward_fns.weights import read_weights

TRUTH = {"exposure": 25, "tint": -40, "sharpness": -30}
OTHER_TASKS = sorted(set(RANGES) - set(TASKS["edit"].reported))
ANSWERS = {
    "truth": json.dumps(TRUTH),
    "half": '{"exposure": 12, "tint": -20}',
    "wrong": '{"exposure": -90, "saturation": 100}',
    "zeros": '{"exposure": 0, "tint": 0}',
    "empty": "{}",
    "prose": "Brighter, please.",
    "unknown": '{"hue": 3}',
    "beyond": '{"exposure": 300}',
    "twice": '{"exposure": 25, "exposure": 25}',
}


@pytest.mark.parametrize("text", ANSWERS.values(), ids=ANSWERS)
def test_every_answer_gives_the_same_finite_floats_in_range(original: Image, reference: Image, text: str) -> None:
    result = score_text(original, reference, text)
    assert list(result) == list(RANGES)
    assert all(type(value) is float and math.isfinite(value) for value in result.values())
    assert all(low <= result[key] <= high for key, (low, high) in RANGES.items())
    assert result["error"] == 0
    assert {result[key] for key in OTHER_TASKS} == {0}
    assert result["reward_ms"] > 0


def test_an_error_has_the_keys_of_a_score() -> None:
    worst = dict.fromkeys(["score", *TERMS], -1.0) | dict.fromkeys(["d_before", "d_after", "error"], 1.0)
    assert failed_score(7.0) == dict.fromkeys(RANGES, 0.0) | worst | {"reward_ms": 7.0}
    assert list(failed_score(7.0)) == list(RANGES)


def test_better_edits_score_higher(original: Image, reference: Image) -> None:
    score = {name: score_text(original, reference, text)["score"] for name, text in ANSWERS.items()}
    assert score["truth"] > score["half"] > 0 > score["wrong"] >= score["prose"]


def test_the_program_that_made_the_reference_scores_one(original: Image, reference: Image) -> None:
    result = score_text(original, reference, ANSWERS["truth"])
    assert result["d_after"] == 0
    assert result["score"] == pytest.approx(1.0)
    assert result["n_tools"] == len(TRUTH)


@pytest.mark.parametrize("name", ["zeros", "empty", "prose", "unknown", "beyond", "twice"])
def test_no_edit_scores_minus_one_and_leaves_the_distance(original: Image, reference: Image, name: str) -> None:
    result = score_text(original, reference, ANSWERS[name])
    assert result | NO_EDIT | {"score": -1} == result
    assert result["d_before"] == result["d_after"] == distance(original, reference) > 0


def test_zeros_and_an_empty_program_count_as_parsable(original: Image, reference: Image) -> None:
    parsable = {name: score_text(original, reference, text)["parsable"] for name, text in ANSWERS.items()}
    assert [name for name, flag in parsable.items() if flag] == ["truth", "half", "wrong", "zeros", "empty"]
    assert score_text(original, reference, ANSWERS["zeros"])["n_tools"] == 2


@pytest.mark.parametrize("name", [tool for tool in TOOLS if tool != "exposure"])
def test_a_tool_left_at_zero_beside_an_edit_is_of_no_use(original: Image, reference: Image, name: str) -> None:
    alone = score_text(original, reference, '{"exposure": 25}')
    beside = score_text(original, reference, json.dumps({"exposure": 25, name: 0}))
    assert alone["r_use"] == 1
    assert beside["r_use"] == 0
    assert beside["r_like"] == alone["r_like"]


def test_a_tool_without_effect_on_this_picture_is_of_no_use() -> None:
    grey = np.repeat(np.arange(30, 220, dtype=np.uint8)[:, None, None], 3, axis=-1)
    result = score_text(grey, render(grey, {"exposure": 25}), '{"exposure": 25, "saturation": 50}')
    assert (result["r_like"], result["r_use"]) == (1, 0)


@pytest.mark.parametrize("w", [0, 0.25, 0.7, 1])
def test_w_weighs_r_like_against_r_use(original: Image, reference: Image, w: float) -> None:
    result = score_text(original, reference, '{"exposure": 60, "blacks": -20}', w=w)
    assert result["r_like"] != result["r_use"]
    assert result["score"] == pytest.approx(w * result["r_like"] + (1 - w) * result["r_use"])
    named = score_text(original, reference, '{"exposure": 60, "blacks": -20}', terms={"r_like": w, "r_use": 1 - w})
    assert timeless([named]) == timeless([result])


def test_a_pair_that_is_already_alike_rewards_restraint() -> None:
    ramp = np.repeat(np.linspace(40, 200, 32 * 32).reshape(32, 32, 1), 3, axis=-1).astype(np.uint8)
    unseen, seen = (score_text(ramp, ramp, text) for text in ('{"saturation": 80}', '{"exposure": 80}'))
    assert unseen["d_before"] == 0
    assert unseen["r_like"] == 0
    assert unseen["score"] == pytest.approx(-0.3)
    assert seen["r_like"] == seen["score"] == -1


def test_sixteen_bit_pairs_score_as_eight_bit_ones(original: Image) -> None:
    deep = original.astype(np.uint16) * 257
    result = score_text(deep, render(deep, TRUTH), ANSWERS["truth"])
    assert result["score"] == pytest.approx(1.0)


@pytest.mark.parametrize("text", [ANSWERS["truth"], ANSWERS["empty"], ANSWERS["prose"]])
def test_pictures_of_two_sizes_are_refused_whatever_the_answer(original: Image, reference: Image, text: str) -> None:
    with pytest.raises(ValueError, match="shape"):
        score_text(original, reference[:-1], text)


@pytest.mark.parametrize("w", [-0.1, 1.1, math.nan])
def test_a_weight_outside_its_range_is_refused(original: Image, reference: Image, w: float) -> None:
    with pytest.raises(ValueError, match=r"w must be a number in \[0, 1\]"):
        score_text(original, reference, "{}", w=w)


def timeless(scores: list[dict[str, float]]) -> list[dict[str, float]]:
    return [score | {"reward_ms": 0.0} for score in scores]


def test_answers_score_together_as_they_do_alone(original: Image, reference: Image) -> None:
    texts = [*ANSWERS.values(), *ANSWERS.values()]
    together = [result.as_score() for result in score_texts(original, reference, texts)]
    assert timeless(together) == timeless([score_text(original, reference, text) for text in texts])


def test_the_time_of_a_batch_is_shared_out(pair: dict[str, str]) -> None:
    scores = score_files(pair["original"], pair["reference"], list(ANSWERS.values()))
    assert len({score["reward_ms"] for score in scores}) == 1
    assert scores[0]["reward_ms"] > 0


def test_files_score_as_their_pictures_do(original: Image, reference: Image, pair: dict[str, str]) -> None:
    texts = list(ANSWERS.values())
    weights = read_weights(w=0.5)
    by_file = score_files(pair["original"], pair["reference"], texts, weights)
    alone = [score_text(original, reference, text, w=0.5) for text in texts]
    assert timeless(by_file) == timeless(alone)
