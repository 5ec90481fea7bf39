"""Scores of answers: keys, ranges, order and weights; and the cache of decoded images."""

import json
import math
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from iea.editor import TOOLS, Image, distance, render
from iea.editor.io import write_image
from iea.reward_fns import score_text
from iea.reward_fns.result import NO_EDIT, RANGES, failed_score, make_score
from iea.reward_fns.score import IMAGE_BYTES, IMAGES, _read, score_files
from iea.reward_fns.tasks import TASKS
from iea.reward_fns.terms import TERMS
from iea.reward_fns.weights import read_weights

TRUTH = {"exposure": 25, "tint": -40, "sharpness": -60}
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
    worst = dict.fromkeys(["score", "first_score", *TERMS], -1.0) | dict.fromkeys(["d_before", "d_after", "error"], 1.0)
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
def test_a_tool_at_zero_beside_an_edit_has_no_use(original: Image, reference: Image, name: str) -> None:
    alone = score_text(original, reference, '{"exposure": 25}')
    beside = score_text(original, reference, json.dumps({"exposure": 25, name: 0}))
    assert alone["r_use"] == 1
    assert beside["r_use"] == 0
    assert beside["r_like"] == alone["r_like"]


def test_a_tool_without_effect_on_the_image_has_no_use() -> None:
    gray = np.repeat(np.arange(30, 220, dtype=np.uint8)[:, None, None], 3, axis=-1)
    result = score_text(gray, render(gray, {"exposure": 25}), '{"exposure": 25, "saturation": 50}')
    assert (result["r_like"], result["r_use"]) == (1, 0)


@pytest.mark.parametrize("w", [0, 0.25, 0.7, 1])
def test_w_weighs_r_like_against_r_use(original: Image, reference: Image, w: float) -> None:
    result = score_text(original, reference, '{"exposure": 60, "blacks": -20}', w=w)
    assert result["r_like"] != result["r_use"]
    assert result["score"] == pytest.approx(w * result["r_like"] + (1 - w) * result["r_use"])
    named = score_text(original, reference, '{"exposure": 60, "blacks": -20}', terms={"r_like": w, "r_use": 1 - w})
    assert timeless(named) == timeless(result)


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
def test_images_of_two_sizes_are_rejected_for_every_answer(original: Image, reference: Image, text: str) -> None:
    with pytest.raises(ValueError, match="shape"):
        score_text(original, reference[:-1], text)


@pytest.mark.parametrize("w", [-0.1, 1.1, math.nan])
def test_a_weight_outside_its_range_is_rejected(original: Image, reference: Image, w: float) -> None:
    with pytest.raises(ValueError, match=r"w must be a number in \[0, 1\]"):
        score_text(original, reference, "{}", w=w)


def timeless(score: dict[str, float]) -> dict[str, float]:
    return score | {"reward_ms": 0.0}


@pytest.mark.parametrize("text", ANSWERS.values(), ids=ANSWERS)
def test_files_score_as_their_images_do(original: Image, reference: Image, pair: dict[str, str], text: str) -> None:
    by_file = score_files(pair["original"], pair["reference"], text, read_weights(w=0.5))
    assert timeless(by_file) == timeless(score_text(original, reference, text, w=0.5))
    assert by_file["reward_ms"] > 0


def test_an_unknown_key_is_not_part_of_a_score() -> None:
    with pytest.raises(TypeError, match=r"keys among score, .*, got \['juge'\]"):
        make_score(juge=1)


@pytest.mark.parametrize("replaced", ["in place", "by another file"])
def test_a_file_of_the_same_size_and_date_is_read_again(tmp_path: Path, replaced: str) -> None:
    IMAGES.clear()
    path, other = tmp_path / "a.bmp", tmp_path / "b.bmp"
    write_image(path, np.full((8, 8, 3), 7, np.uint8))
    write_image(other, np.full((8, 8, 3), 9, np.uint8))
    before = os.stat(path)
    assert _read(str(path))[0, 0, 0] == 7
    if replaced == "in place":
        path.write_bytes(other.read_bytes())
    else:
        other.replace(path)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (os.stat(path).st_size, os.stat(path).st_mtime_ns) == (before.st_size, before.st_mtime_ns)
    assert _read(str(path))[0, 0, 0] == 9


@pytest.fixture
def image_file(tmp_path: Path) -> Iterator[Callable[[int], str]]:
    """image_file(level) writes an image of one level and returns its path; no image is in the cache."""
    IMAGES.clear()

    def write(level: int) -> str:
        path = tmp_path / f"{level}.png"
        write_image(path, np.full((8, 8, 3), level, np.uint8))
        return str(path)

    yield write
    IMAGES.clear()


def test_an_image_is_decoded_once_and_read_only(image_file: Callable[[int], str]) -> None:
    path = image_file(7)
    image = _read(path)
    assert _read(path) is image
    with pytest.raises(ValueError, match="read-only"):
        image[0, 0, 0] = 1


def test_a_changed_file_is_read_again(image_file: Callable[[int], str]) -> None:
    path = image_file(7)
    assert _read(path)[0, 0, 0] == 7
    write_image(path, np.full((8, 8, 3), 9, np.uint8))
    os.utime(path, ns=(0, os.stat(path).st_mtime_ns + 1))
    assert _read(path)[0, 0, 0] == 9


def test_the_least_recently_used_image_is_dropped(
    image_file: Callable[[int], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(IMAGES, "getsizeof", lambda image: IMAGE_BYTES // 2)
    one, two, three = map(image_file, (1, 2, 3))
    kept, dropped = _read(one), _read(two)
    _read(one)
    _read(three)
    assert _read(one) is kept
    assert _read(two) is not dropped


def test_an_image_above_the_budget_is_read_and_not_kept(
    image_file: Callable[[int], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(IMAGES, "getsizeof", lambda image: IMAGE_BYTES + 1)
    path = image_file(9)
    assert _read(path) is not _read(path)
    assert _read(path)[0, 0, 0] == 9


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="gone.png"):
        _read(str(tmp_path / "gone.png"))
