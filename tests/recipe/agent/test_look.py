"""Statistics of photographs, looks matched by them, and edits explained by programs."""

import numpy as np
import pytest

from iea.editor import Image, Program, render
from iea.recipe.agent.look import Look, improved_look, match_look, mean_look
from iea.recipe.agent.stats import measure
from iea.recipe.agent.style import Fit, fit_pair, read_program, report, style_of

pytestmark = pytest.mark.slow


def test_statistics_name_clipping_cast_and_tones(cat: Image, rocket: Image) -> None:
    assert any("cast" in finding for finding in measure(cat).findings())
    assert any(finding.startswith("dark") for finding in measure(rocket).findings())
    bright = np.where(np.arange(cat.size).reshape(cat.shape) % 7 == 0, 255, cat).astype(np.uint8)
    assert measure(bright).clipped_white > 0.3
    veiled = render(cat, {"fade": 100, "contrast": -60})
    assert any(finding.startswith(("flat", "veiled")) for finding in measure(veiled).findings())


def test_statistics_do_not_depend_on_the_depth(cat: Image) -> None:
    eight, sixteen = measure(cat), measure(cat.astype(np.uint16) * 257)
    assert sixteen.bits == 16 and sixteen.lightness == eight.lightness and sixteen.cast == eight.cast
    assert "findings" in sixteen.as_dict() and "16 bits" in sixteen.text()


@pytest.mark.parametrize(
    "program", [{"exposure": 30, "temperature": 40}, {"contrast": -40, "saturation": -50}, {"fade": 50, "tint": -30}]
)
def test_a_look_that_the_tools_made_is_found_again(program: dict[str, int], cat: Image) -> None:
    wanted = Look.of(render(cat, program))
    matched = match_look(cat, wanted)
    assert matched.after < 0.35 * matched.before
    assert Look.of(render(cat, matched.program)).distance(wanted) == pytest.approx(matched.after, abs=0.5)


def test_a_photograph_has_its_own_look(cat: Image) -> None:
    matched = match_look(cat, Look.of(cat))
    assert (matched.program, matched.left) == ({}, ())


def test_the_rest_of_a_difference_is_said(cat: Image, rocket: Image) -> None:
    matched = match_look(cat, Look.of(rocket))
    assert matched.after < matched.before and matched.left


def test_the_mean_of_looks_lies_between_them(cat: Image, rocket: Image) -> None:
    mean, both = mean_look([cat, rocket]), (Look.of(cat), Look.of(rocket))
    assert all(mean.distance(one) < both[0].distance(both[1]) for one in both)


def test_an_improvement_brightens_a_dark_photograph_and_leaves_a_good_one(rocket: Image, cat: Image) -> None:
    dark = match_look(rocket, improved_look(rocket))
    assert measure(render(rocket, dark.program)).lightness[50] > measure(rocket).lightness[50] + 8
    assert Look.of(cat).distance(improved_look(cat)) < Look.of(rocket).distance(improved_look(rocket))


@pytest.mark.parametrize(("level", "way"), [(60, 1), (99, 1), (200, -1)])
def test_an_image_of_one_tone_is_moved_towards_the_middle(level: int, way: int) -> None:
    flat = np.full((60, 90, 3), level, np.uint8)
    assert way * (improved_look(flat).lightness[3] - Look.of(flat).lightness[3]) > 0


def test_a_pair_is_explained_by_its_program(cat: Image) -> None:
    pytest.importorskip("skimage")
    program = {"exposure": 25, "temperature": -30, "saturation": -40}
    found = fit_pair(cat.astype(np.uint16) * 257, render(cat, program))  # depths may differ
    assert found.explained > 0.95 and found.delta_e_left < 1 < found.delta_e_change
    assert report(found).startswith(f"explains {found.explained:.0%}")


@pytest.mark.slow
def test_an_edit_of_many_tools_is_learned_by_the_longer_search(cat: Image) -> None:
    vintage = {"fade": 40, "temperature": 25, "saturation": -25, "vignette": -20, "grain": 20}
    found = fit_pair(cat, render(cat, vintage))
    assert found.explained > 0.95 and set(vintage) <= set(found.program)


def test_what_a_program_cannot_explain_is_stated(cat: Image) -> None:
    pytest.importorskip("skimage")
    edited = render(cat, {"exposure": 25})
    edited[:, :200] = edited[:, :200][..., ::-1]  # another hue on one side
    found = fit_pair(cat, edited)
    assert found.explained < 0.9 and "beyond these tools" in report(found)


@pytest.mark.parametrize("other", ["size", "equal"])
def test_pairs_that_are_none_are_refused(other: str, cat: Image) -> None:
    with pytest.raises(ValueError, match="the same size" if other == "size" else "must differ"):
        fit_pair(cat, cat[:100] if other == "size" else cat.copy())


def test_a_style_is_the_median_of_its_pairs() -> None:
    fits = [
        Fit(Program(values), 0, 0, 0, 0)
        for values in ({"exposure": 10}, {"exposure": 30, "grain": 20}, {"exposure": 20, "fade": 9})
    ]
    assert style_of(fits) == {"exposure": 20}


@pytest.mark.parametrize("shape", [(1, 1), (1, 2), (1, 3000)])
def test_an_image_of_few_pixels_has_a_look(shape: tuple[int, int]) -> None:
    look = Look.of(np.full((*shape, 3), 99, np.uint8))
    assert np.isfinite(look.vector()).all() and look.colors.shape == (3, 2)


@pytest.mark.parametrize(
    "text",
    [
        "none.json",
        "{}",
        '{"program": {"exposure": 20, "exposure": 30}}',
        '{"exposure": 0}',
        '{"exposure": 300}',
        '{"program": {"nothing": 1}}',
    ],
)
def test_a_program_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        read_program(text)
