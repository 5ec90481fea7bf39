"""Distances and leave-one-out: equal to values by hand and to rendering each program."""

import numpy as np
import pytest

from iea.editor import TOOLS, Image, distance, kernel, leave_one_out, leave_one_outs, reference, render

EDITS = {"exposure": 25, "tint": -30, "contrast": 20, "saturation": 30, "vibrance": -20, "sharpness": 50}


def wanted(image: Image) -> Image:
    return render(image, {"exposure": 20, "tint": -20, "saturation": 25, "vignette": -30})


def test_distance_equals_values_computed_by_hand() -> None:
    black = np.zeros((2, 2, 3), np.uint8)
    one = black.copy()
    one[0, 0, 0] = 51
    assert distance(black, one) == pytest.approx((0.2 / 12 + (0.04 / 12) ** 0.5) / 2, rel=1e-14)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_distance_is_symmetric_0_to_itself_1_from_black_to_white(dtype: type) -> None:
    black = np.zeros((3, 70_000, 3), dtype)
    white = np.full_like(black, np.iinfo(dtype).max)
    noise = np.random.default_rng(0).integers(0, np.iinfo(dtype).max, black.shape, dtype=dtype)
    assert distance(black, white) == 1 and distance(noise, noise) == 0
    assert distance(noise, white) == distance(white, noise)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_distance_is_exact(dtype: type) -> None:
    generator = np.random.default_rng(2)
    a, b = (generator.integers(0, np.iinfo(dtype).max, (301, 257, 3), dtype=dtype)[::-1] for _ in range(2))
    difference = a.astype(object) - b.astype(object)
    top, count = int(np.iinfo(dtype).max), a.size
    expected = (np.abs(difference).sum() / count + ((difference**2).sum() / count) ** 0.5) / (2 * top)
    assert distance(a, b) == pytest.approx(float(expected), rel=1e-15)
    assert distance(a, b) == pytest.approx(reference.distance(a, b), rel=1e-12)


def test_images_of_another_shape_or_dtype_are_rejected(chart: Image) -> None:
    with pytest.raises(ValueError, match="one shape and dtype"):
        distance(chart, chart[:-1])
    with pytest.raises(ValueError, match="one shape and dtype"):
        leave_one_out(chart, chart.astype(np.uint16), EDITS)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_leave_one_out_equals_rendering_each_program(dtype: type, large: Image) -> None:
    original = large[::2].astype(dtype) * (1 if dtype is np.uint8 else 257)
    target = wanted(original)
    result = leave_one_out(original, target, EDITS, seed=4)
    assert result.before == distance(original, target)
    assert result.after == distance(render(original, EDITS, seed=4), target)
    assert set(result.without) == set(EDITS)
    for name in EDITS:
        rest = {tool: value for tool, value in EDITS.items() if tool != name}
        assert result.without[name] == distance(render(original, rest, seed=4), target)


def test_programs_measured_together_equal_each_alone(large: Image) -> None:
    target = wanted(large)
    programs = [
        EDITS,
        {"saturation": 30, "fade": 0},
        {"exposure": 25, "tint": -30},
        dict(reversed(EDITS.items())),
        {"grain": 40, "vignette": -60},
        {},
    ]
    together = leave_one_outs(large, target, programs, seed=4)
    assert together == [leave_one_out(large, target, program, seed=4) for program in programs]
    assert together[0].without == dict(reversed(together[3].without.items()))


@pytest.mark.parametrize("seed", range(8))
def test_leave_one_out_agrees_with_the_specification(seed: int, large: Image) -> None:
    generator = np.random.default_rng(seed)
    names = generator.choice(list(TOOLS), size=5, replace=False)
    edits = {str(name): int(generator.integers(TOOLS[name].low, TOOLS[name].high + 1)) for name in names}
    original, target = large[50:210, 100:300], wanted(large[50:210, 100:300])
    result = leave_one_out(original, target, edits)
    for name in edits:
        rest = {tool: value for tool, value in edits.items() if tool != name}
        slow = reference.distance(reference.render(original, rest), target)
        assert result.without[name] == pytest.approx(slow, abs=1e-6)
    slow = reference.distance(reference.render(original, edits), target)
    assert result.after == pytest.approx(slow, abs=1e-6)


def test_the_right_program_is_nearest_and_every_tool_counts(photograph: Image) -> None:
    result = leave_one_out(photograph, render(photograph, EDITS), EDITS)
    assert result.after == 0 < min(result.without.values())
    assert result.before > max(result.without.values())


def test_a_tool_at_zero_is_left_out_without_effect(photograph: Image) -> None:
    result = leave_one_out(photograph, wanted(photograph), {"exposure": 20, "grain": 0, "vibrance": 0})
    assert result.without["grain"] == result.without["vibrance"] == result.after


def test_an_empty_program_leaves_nothing_out(photograph: Image) -> None:
    result = leave_one_out(photograph, wanted(photograph), {})
    assert result.without == {} and result.before == result.after > 0
    assert kernel.distances(photograph, photograph, []) == []
