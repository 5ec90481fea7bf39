"""Refine: the reward of an edit of the original, measured against the previous result."""

import asyncio
import json
from pathlib import Path

import pytest

from iea.editor import Image, distance, leave_one_out, render
from iea.editor.io import write_image
from iea.reward_fns import compute_score, score_text

PREVIOUS = {"exposure": 15, "tint": -20}
TRUTH = {"exposure": 25, "tint": -40, "sharpness": -60}
ANSWERS = [json.dumps(TRUTH), json.dumps(PREVIOUS), '{"exposure": 20, "tint": -30}', '{"exposure": -90}', "{}", "no"]


@pytest.fixture(scope="module")
def row(pair: dict[str, str], original: Image, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    path: Path = tmp_path_factory.mktemp("previous") / "previous.png"
    write_image(path, render(original, PREVIOUS))
    return pair | {"previous": str(path)}


def scores(row: dict[str, str], texts: list[str], source: str = "iea/refine") -> list[dict[str, float]]:
    async def main() -> list[dict[str, float]]:
        return await asyncio.gather(*(compute_score(source, text, "", row) for text in texts))

    return asyncio.run(main())


def test_r_like_is_the_gain_over_the_previous_result(original: Image, reference: Image, row: dict[str, str]) -> None:
    before = distance(render(original, PREVIOUS), reference)
    for text, result in zip(ANSWERS[:4], scores(row, ANSWERS[:4]), strict=True):
        after = distance(render(original, json.loads(text)), reference)
        r_like = max(-1.0, (before - after) / before)
        without = leave_one_out(original, reference, json.loads(text)).without.values()
        r_use = sum(1 if value > after else -1 for value in without) / len(without)
        assert (result["d_before"], result["d_after"]) == (before, after)
        assert (result["r_like"], result["r_use"]) == (r_like, r_use)
        assert result["score"] == pytest.approx(0.7 * r_like + 0.3 * result["r_use_scaled"])


def test_the_truth_scores_1_the_previous_program_gains_nothing(row: dict[str, str]) -> None:
    truth, previous, better, _, empty, prose = scores(row, ANSWERS)
    assert truth["score"] == pytest.approx(1.0)
    assert previous["r_like"] == 0
    assert 0 < better["r_like"] < 1
    assert (empty["score"], prose["score"]) == (-1, -1)
    assert (empty["parsable"], prose["parsable"]) == (1, 0)


def test_the_same_answer_to_an_edit_is_measured_from_the_original(row: dict[str, str]) -> None:
    (edit,), (refine,) = (scores(row, ANSWERS[2:3], source) for source in ("iea/edit", "iea/refine"))
    assert edit["d_after"] == refine["d_after"]
    assert edit["d_before"] > refine["d_before"]
    assert edit["r_like"] > refine["r_like"]


def test_scores_equal_those_in_process(original: Image, reference: Image, row: dict[str, str]) -> None:
    previous = render(original, PREVIOUS)
    for text, result in zip(ANSWERS, scores(row, ANSWERS), strict=True):
        expected = score_text(original, reference, text, previous=previous)
        assert result | {"reward_ms": 0} == expected | {"reward_ms": 0}


@pytest.mark.parametrize("previous", [None, "", "/no/such.png"])
def test_a_row_without_its_previous_image_is_an_error(row: dict[str, str], previous: str | None) -> None:
    (result,) = scores(row | {"previous": previous}, ANSWERS[:1])  # type: ignore[dict-item]
    assert (result["score"], result["error"]) == (-1, 1)


def test_a_previous_image_of_another_size_is_an_error(row: dict[str, str], original: Image, tmp_path: Path) -> None:
    write_image(tmp_path / "small.png", original[:-1])
    (result,) = scores(row | {"previous": str(tmp_path / "small.png")}, ANSWERS[:1])
    assert result["error"] == 1
