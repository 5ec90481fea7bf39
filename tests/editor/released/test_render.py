"""Rendering: recorded results of the published editor, and the rules of images."""

import json
from pathlib import Path

import numpy as np
import pytest
from skimage import data

from iea.editor import Image, released

MEASURED = json.loads(Path(__file__).with_name("measured.json").read_text())
"""Written by `python tests/benchmarks/released.py CHECKOUT --record` from the published editor itself."""
RESULTS = MEASURED["results"]
TOOLS = [name for name in released.NAMES if name != "grain"]


@pytest.mark.parametrize("result", RESULTS, ids=lambda result: json.dumps(result["program"])[:50])
def test_results_are_those_of_the_published_editor(result: dict[str, dict[str, int]]) -> None:
    chart = np.ascontiguousarray(data.astronaut()[::16, ::16])
    rows, columns = np.transpose(MEASURED["pixels"])
    levels = released.render(chart, result["program"])[rows, columns]
    assert np.abs(levels.astype(int) - result["levels"]).max() <= 1


def test_every_tool_was_recorded_both_ways() -> None:
    single = {
        (name, value > 0) for one in RESULTS if len(one["program"]) == 1 for name, value in one["program"].items()
    }
    assert single == {(name, up) for name in TOOLS for up in (False, True)}
    assert sum(len(one["program"]) > 1 for one in RESULTS) >= 20


def test_tools_do_not_depend_on_the_order_in_a_program(crop: Image) -> None:
    edits = {"sharpness": 30, "tint": 20, "vignette": -40, "saturation": 25, "blacks": -20, "fade": 30, "exposure": -20}
    assert np.array_equal(released.render(crop, edits), released.render(crop, dict(reversed(edits.items()))))


def test_an_image_is_kept_and_its_shape_returned(crop: Image) -> None:
    before = crop.copy()
    for image in (crop, crop[::2, ::-1], crop[:1, :1], crop[:1], crop[:, :2]):
        for edits in ({}, dict.fromkeys(released.NAMES, 60), dict.fromkeys(released.NAMES, -60)):
            result = released.render(image, edits)
            assert result.shape == image.shape and result.dtype == np.uint8 and not np.shares_memory(result, image)
    assert np.array_equal(crop, before)


def test_other_images_are_rejected(crop: Image) -> None:
    with pytest.raises(ValueError, match="8-bit image, got uint16"):
        released.render(crop.astype(np.uint16), {})
    with pytest.raises(ValueError, match="shape"):
        released.render(crop[..., 0], {})
    with pytest.raises(TypeError, match="numpy array"):
        released.render([[0]], {})  # type: ignore[arg-type]


def test_grain_is_seeded_strong_and_different_in_every_channel() -> None:
    gray = np.full((64, 64, 3), 128, np.uint8)
    grain = released.render(gray, {"grain": 20})
    assert np.array_equal(grain, released.render(gray, {"grain": 20}, seed=0))
    assert not np.array_equal(grain, released.render(gray, {"grain": 20}, seed=1))
    assert abs(grain.std() / 255 - 0.06) < 0.003
    assert abs(np.corrcoef(grain[..., 0].ravel(), grain[..., 1].ravel())[0, 1]) < 0.1
    assert np.array_equal(released.render(gray, {"grain": -20}), gray)
