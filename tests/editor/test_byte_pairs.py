"""Looking up two values at a time equals the specification on any size, and is chosen for the right images."""

import numpy as np
import pytest

from iea.editor import Image, byte_pairs, distance, kernel, leave_one_outs, reference, render
from iea.editor.program import Program
from iea.editor.tiles import Plan

CURVES = {"exposure": 25, "fade": 20}  # the same in all channels
TINTED = {"exposure": -30, "temperature": 40, "tint": -25}  # one curve per channel
COLOURED = [edits | {"saturation": value} for edits in (CURVES, TINTED, {}) for value in (-100, -40, 70)]


@pytest.fixture
def always(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(byte_pairs, "PAIRS_FROM", 0)


def _by_pairs(image: Image, edits: dict[str, int]) -> Image:
    plan = Plan.of(Program(edits))
    assert byte_pairs.suits(image, plan)
    return np.concatenate([levels.copy() for _, levels in byte_pairs.develop_pairs(image, plan)])


@pytest.mark.parametrize("edits", [{}, CURVES, TINTED])
def test_curves_are_exact(always: None, large: Image, edits: dict[str, int]) -> None:
    assert np.array_equal(_by_pairs(large, edits), reference.render(large, edits))


@pytest.mark.parametrize("edits", COLOURED)
def test_saturation_equals_the_specification_up_to_rare_rounding(
    always: None, large: Image, edits: dict[str, int]
) -> None:
    fast, slow = _by_pairs(large, edits).astype(int), reference.render(large, edits)
    assert np.abs(fast - slow).max() <= 1
    assert (fast != slow).mean() < 1e-3


@pytest.mark.parametrize("shape", [(1, 1), (1, 2), (1, 3), (3, 5), (1, 32_767), (70_001, 1), (3, 20_001)])
@pytest.mark.parametrize("edits", [TINTED, COLOURED[3]])
def test_any_shape_and_odd_numbers_of_pixels_are_supported(
    always: None, shape: tuple[int, int], edits: dict[str, int]
) -> None:
    image = np.random.default_rng(0).integers(0, 256, (*shape, 3), np.uint8)
    fast, slow = _by_pairs(image, edits).astype(int), reference.render(image, edits)
    assert fast.shape == image.shape
    assert np.abs(fast - slow).max() <= 1


@pytest.mark.parametrize("edits", [TINTED, COLOURED[3]])
def test_views_render_as_copies(always: None, large: Image, edits: dict[str, int]) -> None:
    for view in (large[::-1, ::-2], large.transpose(1, 0, 2), large[..., ::-1]):
        assert np.array_equal(render(view, edits), render(view.copy(), edits))


def test_distances_equal_those_of_rendered_images(always: None, large: Image) -> None:
    target = render(large, {"exposure": 20, "vignette": -30})
    programs = [CURVES, *COLOURED, TINTED | {"sharpness": 30}]
    assert kernel.distances(large, target, programs) == [distance(render(large, edits), target) for edits in programs]
    assert len(leave_one_outs(large, target, programs)) == len(programs)


@pytest.mark.parametrize(
    ("edits", "dtype", "shape", "chosen"),
    [
        (COLOURED[3], np.uint8, (600, 600), True),
        (COLOURED[3], np.uint8, (400, 400), False),
        (COLOURED[3], np.uint8, (8, 40_000), False),
        (COLOURED[3], np.uint16, (600, 600), False),
        ({"vibrance": 20, "saturation": 10}, np.uint8, (600, 600), False),
        ({"grain": 20}, np.uint8, (600, 600), False),
        ({"vignette": -20}, np.uint8, (600, 600), False),
    ],
)
def test_only_large_8_bit_images_without_planes_take_this_path(
    edits: dict[str, int], dtype: type, shape: tuple[int, int], chosen: bool
) -> None:
    assert byte_pairs.suits(np.zeros((*shape, 3), dtype), Plan.of(Program(edits))) == chosen
