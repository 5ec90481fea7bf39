"""Presets of Camera Raw: a curve reader written here, the traps of Lightroom and darktable, and darktable itself."""

from collections.abc import Callable, Mapping
from typing import Any
from xml.etree.ElementTree import Element, fromstring

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.linalg import solve_banded

from iea.data_prep.ingest.sources.camera_raw import TOOL_SLIDERS
from iea.data_prep.ingest.sources.xmp import CRS, RDF
from iea.editor import TOOLS, Image, Program, render
from iea.recipe.agent.exports import darktable as module
from iea.recipe.agent.exports import export
from iea.recipe.agent.exports.darktable import version
from iea.recipe.agent.exports.format import Settings
from iea.recipe.agent.exports.parts import CURVES
from iea.recipe.agent.exports.points import curve_at, points_of

DrawProgram = Callable[..., Program]
PRESETS = ("sliders", "curve")
CURVED = sorted(name for name, tool in TOOLS.items() if tool.kind in CURVES)
NEEDS_DARKTABLE = [
    pytest.mark.slow,
    pytest.mark.skipif(
        module.program_path() is None, reason="darktable-cli is not on PATH; install darktable or set IEA_DARKTABLE"
    ),
]


def settings_of(text: str) -> Element:
    node = fromstring(text).find(f"{RDF}RDF/{RDF}Description")
    assert node is not None
    return node


def attributes(text: str) -> dict[str, str]:
    return {key.removeprefix(CRS): value for key, value in settings_of(text).attrib.items() if key.startswith(CRS)}


def curves(text: str) -> dict[str, NDArray[Any]]:
    """Return key -> (N, 2) points of all point curves."""
    listed = {one.tag.removeprefix(CRS): one.findall(f"{RDF}Seq/{RDF}li") for one in settings_of(text)}
    return {
        key: np.array([[int(number) for number in str(one.text).split(",")] for one in found])
        for key, found in listed.items()
        if key.startswith("ToneCurve")
    }


def spline(points: NDArray[Any], x: NDArray[Any]) -> NDArray[np.float64]:
    """Evaluate the natural cubic spline by its second derivatives, from the tridiagonal system; constant outside."""
    xs, ys = points.T.astype(float)
    h, slope = np.diff(xs), np.diff(ys) / np.diff(xs)
    bend = np.zeros(len(xs))
    if len(xs) > 2:
        bands = np.zeros((3, len(xs) - 2))
        bands[0, 1:], bands[1], bands[2, :-1] = h[1:-1], 2 * (h[:-1] + h[1:]), h[1:-1]
        bend[1:-1] = solve_banded((1, 1), bands, 6 * np.diff(slope))
    x = np.clip(x, xs[0], xs[-1])
    k = np.clip(np.searchsorted(xs, x, side="right") - 1, 0, len(h) - 1)
    left, right = x - xs[k], xs[k + 1] - x
    cubic = (bend[k] * right**3 + bend[k + 1] * left**3) / (6 * h[k])
    linear = (ys[k] / h[k] - bend[k] * h[k] / 6) * right + (ys[k + 1] / h[k] - bend[k + 1] * h[k] / 6) * left
    return np.clip(cubic + linear, 0, 255)


def apply(text: str, image: Image) -> NDArray[np.float64]:
    """Apply the curves of a file pixel by pixel: the channels', then that of all, by rank, with the middle one in its place."""
    found = curves(text)
    pixels = np.stack(
        [
            spline(found[f"ToneCurvePV2012{name}"], image[..., k].astype(float))
            for k, name in enumerate(("Red", "Green", "Blue"))
        ],
        -1,
    ).reshape(-1, 3)
    order = np.argsort(pixels, axis=1, kind="stable")
    ranked = np.take_along_axis(pixels, order, 1)
    bent = spline(found["ToneCurvePV2012"], ranked)
    spread = ranked[:, 2] - ranked[:, 0]
    place = np.where(spread > 0, (ranked[:, 1] - ranked[:, 0]) / np.where(spread > 0, spread, 1), 0)
    bent[:, 1] = bent[:, 0] + place * (bent[:, 2] - bent[:, 0])
    result = np.empty_like(pixels)
    np.put_along_axis(result, order, bent, 1)
    return result.reshape(image.shape)


def shown(image: Image, kind: str, *programs: Mapping[str, int]) -> list[Image]:
    """Return an image as darktable shows it beside the presets of programs."""
    return module.darktable([(export(Program(program), kind).text, image) for program in programs])


def apart(a: Any, b: Any) -> float:
    return float(np.abs(np.asarray(a, float) - b).mean())


@pytest.mark.parametrize("name", CURVED)
def test_the_curve_of_every_tool_at_its_ends(name: str, photograph: Image) -> None:
    for value in {TOOLS[name].low, TOOLS[name].high} - {0}:
        text = export(Program({name: value}), "curve").text
        assert apart(apply(text, photograph), render(photograph, {name: value})) < 1


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(12))
def test_curves_of_random_programs(seed: int, draw_program: DrawProgram, photograph: Image) -> None:
    program = draw_program(seed, CURVES)
    exported = export(program, "curve", Settings({"astronaut": photograph}))
    error = apart(apply(exported.text, photograph), render(photograph, program))
    assert error < 1, program
    assert abs(exported.errors[0].levels - error) < 0.3, "the stated error, of rounded pixels"


@pytest.mark.parametrize("kind", PRESETS)
@pytest.mark.parametrize("seed", range(8))
def test_lightroom_and_darktable_take_the_file(kind: str, seed: int, draw_program: DrawProgram) -> None:
    text = export(draw_program(seed), kind, Settings(name='<b>&\x01"')).text
    found = attributes(text)
    assert {"Temperature", "Tint", "WhiteBalance"}.isdisjoint(found), "kelvin belongs to raw files"
    for key, _, low, high in TOOL_SLIDERS.values():
        assert low <= float(found.get(key, "0")) <= high
        assert (found.get(key, "+0")[0] in "+-") or low == 0
    assert found["ProcessVersion"] == "11.0" and len(found["UUID"]) == 32
    for points in curves(text).values():
        assert (
            2 <= len(points) <= 16 and (np.diff(points[:, 0]) > 0).all() and points.min() >= 0 and points.max() <= 255
        )
    assert (found.get("ToneCurveName2012") == "Custom") == bool(curves(text)), (
        "darktable reads points under this name alone"
    )
    assert text.count(">\n    <rdf:Seq>\n     <rdf:li>") == len(curves(text)), "and after white space alone"
    assert text == export(draw_program(seed), kind, Settings(name='<b>&\x01"')).text


@pytest.mark.parametrize("kind", PRESETS)
@pytest.mark.parametrize("name", sorted(TOOLS))
def test_a_tool_is_a_slider_or_a_curve_or_lost_and_never_twice(kind: str, name: str) -> None:
    for value in {TOOLS[name].low, TOOLS[name].high} - {0}:
        other = "saturation" if name != "saturation" else "vibrance"
        exported = export(Program({name: value, other: 50}), kind)
        as_slider = TOOL_SLIDERS.get(name, ("",))[0] in attributes(exported.text)
        assert [as_slider, bool(curves(exported.text)), name in exported.lost].count(True) == 1
        assert as_slider == (name in exported.approximate)
        if kind == "curve":
            assert bool(curves(exported.text)) == (name in CURVED)


def test_a_program_without_a_counterpart_is_refused() -> None:
    with pytest.raises(ValueError, match=r"a preset must hold a tool that Camera Raw has, got \{'sharpness': -20\}"):
        export(Program({"sharpness": -20}), "sliders")


@pytest.mark.parametrize("gamma", [0.25, 0.5, 1, 2, 4])
@pytest.mark.parametrize(("low", "high"), [(0, 1), (0.2, 0.9), (-0.3, 1.4)])
def test_points_follow_any_curve(gamma: float, low: float, high: float) -> None:
    table = np.clip(low + (high - low) * np.linspace(0, 1, 256) ** gamma, 0, 1)
    points = points_of(table)
    assert len(points) <= 16
    assert apart(curve_at(points, np.arange(256)), table * 255) < (0.6 if gamma >= 0.5 else 1.2)
    np.testing.assert_allclose(curve_at(points, np.arange(256)), spline(np.array(points), np.arange(256.0)), atol=1e-6)


class TestDarktable:
    pytestmark = NEEDS_DARKTABLE

    @pytest.fixture
    def ramp(self) -> Image:
        return np.repeat(np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 8, axis=0), 3, axis=2)

    def test_it_applies_the_curve_to_lightness(self, ramp: Image) -> None:
        from skimage.color import lab2rgb, rgb2lab

        programs = [{"fade": 60}, {"brightness": -60, "contrast": 40}, {"exposure": 70}, {"blacks": -80}]
        light = rgb2lab(ramp)[..., 0] * 2.55
        for program, found in zip(programs, shown(ramp, "curve", *programs), strict=True):
            points = curves(export(Program(program), "curve").text)["ToneCurvePV2012"]
            lab = np.zeros((*light.shape, 3))
            lab[..., 0] = spline(points, light) / 2.55
            assert np.abs(found - np.clip(lab2rgb(lab), 0, 1) * 255).max() < 3, program

    def test_it_multiplies_encoded_values_by_exposure(self, ramp: Image) -> None:
        for value, found in zip((-20, 50), shown(ramp, "sliders", {"exposure": -20}, {"exposure": 50}), strict=True):
            assert np.abs(found - np.minimum(ramp * 2 ** (value / 50), 255)).max() <= 1

    def test_the_signs_are_ours(self, photograph: Image) -> None:
        programs = [
            {"saturation": 1},
            {"vignette": -60},
            {"natural_contrast": 80},
            {"natural_contrast": -80},
            {"grain": 60},
        ]
        plain, dark, crisp, soft, grainy = shown(photograph, "sliders", *programs)
        assert apart(plain, photograph) < 0.1, "darktable ignores saturation"
        assert dark[:8, :8].mean() < 0.7 * plain[:8, :8].mean()
        assert apart(dark[56:72, 56:72], plain[56:72, 56:72]) < 2
        assert crisp.std() > plain.std() > soft.std()
        assert apart(grainy, plain) > 1

    def test_the_command_states_its_error(self, photograph: Image) -> None:
        settings = Settings({"astronaut": photograph}, check=True)
        errors = {kind: export(Program({"exposure": -30}), kind, settings).errors[-1] for kind in PRESETS}
        assert all(f"darktable {version()}" in error.about for error in errors.values())
        assert errors["curve"].delta_e < 3 < errors["sliders"].delta_e


def test_without_darktable_the_check_says_what_to_do(monkeypatch: pytest.MonkeyPatch, photograph: Image) -> None:
    monkeypatch.setenv(module.VARIABLE, "/nowhere/darktable-cli")
    with pytest.raises(RuntimeError, match=r"install darktable or set IEA_DARKTABLE"):
        module.darktable([("<x/>", photograph)])
