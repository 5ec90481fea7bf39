"""Tools of the published editor: identity, range, direction, and the faults that it is known for."""

import numpy as np
import pytest

from iea.editor import TOOLS, Image, released

EVERY = [name for name in released.NAMES if name != "grain"]
GRAYS = np.repeat(np.arange(256, dtype=np.uint8)[:, None, None], 3, axis=2)
CUT = 0.1  # levels: the mean of what truncation may move
RISING = ("exposure", "brightness", "highlights", "shadows", "whites", "blacks", "temperature", "tint")
"""Tools that brighten every gray as their value rises."""


def grays(**edits: float) -> Image:
    """Return the levels, (256, 3), that the grays become."""
    return released.render(GRAYS, edits)[:, 0]


def test_the_names_and_ranges_are_those_of_our_tools() -> None:
    """A conversion and a search rely on it: a program of one editor is a start in the other."""
    assert set(released.NAMES) <= set(TOOLS) and len(released.NAMES) == 16
    assert all(released.LOWEST <= TOOLS[name].low and TOOLS[name].high == released.HIGHEST for name in released.NAMES)


@pytest.mark.parametrize("name", released.NAMES)
def test_zero_leaves_a_tool_out(name: str, crop: Image) -> None:
    assert np.array_equal(released.render(crop, {name: 0}), released.render(crop, {}))


def test_an_empty_program_keeps_grays_and_moves_colors_by_up_to_six_levels() -> None:
    assert np.array_equal(grays(), GRAYS[:, 0])
    green, blue = np.mgrid[:256, :256]
    colors = np.dstack([np.zeros_like(green), green, blue]).astype(np.uint8)
    assert np.abs(released.render(colors, {}).astype(int) - colors).max() == 6


@pytest.mark.parametrize("name", EVERY)
def test_values_are_clipped_to_the_range(name: str, crop: Image) -> None:
    for value, end in ((-250, -100), (101, 100), (10**400, 100), (float("inf"), 100)):
        assert np.array_equal(released.render(crop, {name: value}), released.render(crop, {name: end}))


@pytest.mark.parametrize("name", EVERY)
def test_a_fraction_lies_between_its_neighbors(name: str, crop: Image) -> None:
    low, middle, high = (released.render(crop, {name: value}).mean() for value in (40, 40.5, 41))
    assert min(low, high) - CUT <= middle <= max(low, high) + CUT


@pytest.mark.parametrize("name", RISING)
def test_brighter_with_a_larger_value(name: str) -> None:
    channel = 0 if name == "temperature" else 1
    results = [grays(**{name: value})[:, channel].astype(int) for value in range(-100, 101, 4)]
    assert (np.diff(results, axis=0) >= 0).all()
    assert results[0].sum() < results[len(results) // 2].sum() < results[-1].sum()


def test_fade_lifts_black_and_lowers_white() -> None:
    black, white = np.array([grays(fade=value)[[0, 255], 0].astype(int) for value in range(0, 101, 5)]).T
    assert (np.diff(black) > 0).all() and (np.diff(white) < 0).all() and (black[-1], white[-1]) == (145, 216)
    assert np.abs(grays(fade=-50).astype(int) - GRAYS[:, 0]).max() == 1


@pytest.mark.parametrize("name", ["exposure", "brightness", "contrast", "fade", "highlights", "whites", "blacks"])
def test_curves_do_not_decrease(name: str) -> None:
    for value in range(-100, 101, 5):
        assert (np.diff(grays(**{name: value})[:, 1].astype(int)) >= 0).all(), value


def test_unknown_names_and_values_that_are_no_numbers_are_rejected() -> None:
    with pytest.raises(ValueError, match="one of exposure, .*got 'sepia'"):
        released.effective({"sepia": 1})
    for value in (True, None, "20", float("nan"), [1]):
        with pytest.raises(ValueError, match="value of tint must be a number"):
            released.effective({"tint": value})  # type: ignore[dict-item]


def test_the_smallest_natural_contrast_leaves_seven_grays() -> None:
    assert len(np.unique(grays(natural_contrast=1))) == 7 == len(np.unique(grays(natural_contrast=-1)))


def test_negative_natural_contrast_inverts() -> None:
    assert (np.diff(grays(natural_contrast=-50)[:, 0].astype(int)) <= 0).all()


def test_contrast_rises_down_to_minus_33_and_falls_below() -> None:
    def spread(value: int) -> int:
        low, high = grays(contrast=value)[[118, 138], 0].astype(int)
        return int(high - low)

    assert spread(0) == 20 and spread(-1) > 20 and spread(-30) >= 20 and spread(-40) < 20


def test_strong_shadows_are_not_monotone() -> None:
    assert (np.diff(grays(shadows=93)[:, 0].astype(int)) >= 0).all()
    assert (np.diff(grays(shadows=100)[:, 0].astype(int)) < 0).any()


def test_positive_vibrance_does_nothing(crop: Image) -> None:
    assert np.array_equal(released.render(crop, {"vibrance": 100}), released.render(crop, {}))
    assert not np.array_equal(released.render(crop, {"vibrance": -20}), released.render(crop, {}))


def test_a_positive_vignette_darkens_the_corners_and_a_negative_one_whitens_them() -> None:
    flat = np.full((60, 80, 3), 128, np.uint8)
    dark, light = (released.render(flat, {"vignette": value})[..., 0] for value in (100, -100))
    assert dark[0, 0] == 12 and light[0, 0] == 242 and dark[30, 40] == light[30, 40] == 128


def test_temperature_brightens_and_tint_is_green() -> None:
    assert grays(temperature=100)[100].tolist() == [150, 130, 50]
    assert grays(tint=100)[100].tolist() == [100, 130, 100]


def test_full_desaturation_is_gray(crop: Image) -> None:
    assert np.ptp(released.render(crop, {"saturation": -100}), axis=2).max() == 0


def test_sharpness_is_symmetric_and_blurs_more_with_smaller_values() -> None:
    dot = np.zeros((31, 31, 3), np.uint8)
    dot[15, 15] = 255
    sides = []
    for value in range(-1, -101, -1):
        soft = released.render(dot, {"sharpness": value})[..., 0]
        assert np.array_equal(soft, soft.T) and np.array_equal(soft, soft[::-1])
        sides.append(int(soft[15, 15]))
    assert sides == sorted(sides, reverse=True) and len(set(sides)) == 7
