"""Conversion of programs between the editors, in both directions and by the command."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow
from skimage import data
from typer.testing import Result

from iea.editor import Image, Program, ProgramError, distance, released, render
from iea.recipe.evaluation.convert import convert, mean_delta_e

pytestmark = pytest.mark.slow

Iea = Callable[..., Result]


@pytest.fixture(scope="module")
def photograph() -> Image:
    return np.ascontiguousarray(data.chelsea()[60:252:4, 90:346:4])


def test_a_published_program_becomes_ours(photograph: Image) -> None:
    edits = {"exposure": 30.5, "temperature": 20}
    found = convert(photograph, edits, "iea")
    wanted = released.render(photograph, edits)
    assert found.loss == distance(render(photograph, found.program), wanted) < 0.2 * found.change
    assert found.change == distance(photograph, wanted) and found.evaluations > 10
    assert found.delta_e == mean_delta_e(render(photograph, found.program), wanted) < 2


def test_ours_becomes_a_published_program(photograph: Image) -> None:
    edits = Program({"brightness": 30, "saturation": -20})
    found = convert(photograph, edits, "released")
    assert found.loss == distance(released.render(photograph, found.program), render(photograph, edits))
    assert found.loss < 0.4 * found.change


def test_the_program_found_is_never_worse_than_the_same_values(photograph: Image) -> None:
    edits = {"contrast": 30, "highlights": -40}
    found = convert(photograph, edits, "released")
    assert found.loss <= distance(released.render(photograph, edits), render(photograph, edits))


@pytest.mark.parametrize("to", ["iea", "released"])
def test_empty_programs_differ_by_the_published_pass_through_hsv(to: str, photograph: Image) -> None:
    found = convert(photograph, {}, to)  # type: ignore[arg-type]
    assert 0 < found.loss <= distance(photograph, released.render(photograph, {})) < 0.01


def test_larger_photographs_are_reduced(photograph: Image) -> None:
    assert (
        convert(photograph, {"blacks": 40}, "iea", side=32).change != convert(photograph, {"blacks": 40}, "iea").change
    )


def test_wrong_editors_and_programs_are_rejected(photograph: Image) -> None:
    with pytest.raises(ValueError, match="one of iea, released, got 'lightroom'"):
        convert(photograph, {}, "lightroom")  # type: ignore[arg-type]
    with pytest.raises(ProgramError, match="sepia"):
        convert(photograph, {"sepia": 3}, "released")


def test_delta_e_of_black_and_white_is_100() -> None:
    black = np.zeros((2, 2, 3), np.uint8)
    assert mean_delta_e(black, black) == 0 and mean_delta_e(black, black + 255) == pytest.approx(100, abs=0.01)


def test_the_command_prints_the_program_and_its_loss(iea: Iea, photograph: Image, tmp_path: Path) -> None:
    path = tmp_path / "photograph.png"
    Pillow.fromarray(photograph).save(path)
    for program in ('{"exposure": 40}', '<answer>```json {"exposure": 40} ```</answer>'):
        result = iea("convert", path, program, "--side", 48)
        found = json.loads(result.output)
        assert result.exit_code == 0 and Program(found["program"]) and found["loss"] < found["change"]
    broken = iea("convert", path, "brighter")
    assert broken.exit_code == 1 and "an answer must hold a program" in broken.output
