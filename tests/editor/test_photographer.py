"""Demands of a photographer: hue kept, casts removed, one look at every size, limited halos, colors that keep drawing.

The measures are those of tests/benchmarks/photographer.py, whose page, docs/photographer.md, has the figures without the margins.
"""

import importlib
from pathlib import Path
from types import ModuleType

import cv2
import numpy as np
import pytest

from iea.editor import TOOLS, Image, render
from iea.editor.color import MOST, gray_of
from iea.editor.describe import CANCELING

pytestmark = pytest.mark.slow

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
MEAN_TURN, P95_TURN = 2.0, 6.0  # degrees, over the photographs
CAST_LEFT, CAST_LEFT_IN_LIGHTS = 0.6, 2.0  # dE
HALO = 30  # percent of an edge's height
PREVIEW = 0.5  # dE


def _benchmark(name: str) -> ModuleType:
    """Return a module of tests/benchmarks, which lies outside of all packages."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(BENCHMARKS))
        return importlib.import_module(name)


looks, photographer = _benchmark("looks"), _benchmark("photographer")


@pytest.fixture(scope="module")
def images() -> list[Image]:
    """The bundled photographs, 96 px."""
    return [photographer.shrunk(image, 96) for image in photographer.photographs()]


def mean_delta_e(images: list[Image], edits: dict[str, int]) -> float:
    return float(np.mean([looks.delta_e(image, render(image, edits)) for image in images]))


@pytest.mark.parametrize("name", photographer.TONE)
def test_tone_tools_keep_the_hue(name: str, images: list[Image]) -> None:
    for value in {TOOLS[name].low, 100} - {0}:
        turns = [looks.hue_turn(image, render(image, {name: value}))[0] for image in images]
        assert np.mean([turn.mean for turn in turns]) < MEAN_TURN
        assert np.mean([turn.p95 for turn in turns]) < P95_TURN


def test_white_balance_removes_casts_from_all_tones(images: list[Image]) -> None:
    left = []
    for image in (photographer.shrunk(images[number], 48) for number in (2, 3, 4, 5)):
        for gains in photographer.CASTS.values():
            tinged = photographer.tinged(image, gains)
            result = render(tinged, photographer.repaired(tinged, image))
            left.append([looks.delta_e(result, image), looks.delta_e(result, image, looks.lab(image)[..., 0] > 80)])
    everywhere, in_lights = np.mean(left, axis=0)
    assert everywhere < CAST_LEFT and in_lights < CAST_LEFT_IN_LIGHTS


def test_white_and_gray_stay_in_white_balance() -> None:
    for name in ("temperature", "tint"):
        for value in (-100, 100):
            gray, white = render(np.array([[[128] * 3, [255] * 3]], np.uint8), {name: value})[0]
            assert white.tolist() == [255, 255, 255]
            assert abs(float(gray_of(gray / 255)) - 128 / 255) < 0.02


@pytest.mark.parametrize("name", TOOLS)
def test_positive_tools_keep_white(name: str) -> None:
    white = np.full((16, 16, 3), 255, np.uint8)
    if name not in ("fade", "grain"):  # they mute it and give it texture
        assert (render(white, {name: 100}) == 255).all()


def test_no_saturation_keeps_the_luminance(images: list[Image]) -> None:
    apart = [looks.lab(render(image, {"saturation": -100}))[..., 0] - looks.lab(image)[..., 0] for image in images]
    assert max(np.abs(one).mean() for one in apart) < 1.5


@pytest.mark.parametrize("value", [50, -50])
def test_sharpness_is_the_same_at_every_size(value: int) -> None:
    scene = photographer.sampled(photographer.mosaic(1000, 1000), 192)
    effects = []
    for side in (384, 511, 512, 1023, 1024):
        image = cv2.resize(scene, (side, side), interpolation=cv2.INTER_CUBIC)
        shown = [photographer.sampled(one, 384) for one in (image, render(image, {"sharpness": value}))]
        effects.append(np.std(looks.luma_levels(shown[1]) - looks.luma_levels(shown[0])))
    assert np.abs(np.array(effects) / effects[0] - 1).max() < 0.05


def test_sharpness_shows_in_a_thumbnail(images: list[Image]) -> None:
    assert mean_delta_e(images, {"sharpness": 50}) > 1


def test_grain_is_the_same_at_every_size() -> None:
    shown = []
    for side in (384, 511, 1023, 1024, 2048):
        gray = np.full((side, side, 3), 128, np.uint8)
        shown.append(photographer.sampled(render(gray, {"grain": 50}), 384).std())
    assert np.abs(np.array(shown) / shown[0] - 1).max() < 0.05


@pytest.mark.parametrize("name", [name for name in TOOLS if name != "grain"])
def test_the_preview_shows_the_full_size(name: str) -> None:
    full = cv2.resize(photographer.mosaic(400, 600), (1200, 800), interpolation=cv2.INTER_LANCZOS4)
    preview = photographer.shrunk(full, 400)
    for value in {max(TOOLS[name].low, -50), 50} - {0}:
        reduced = photographer.shrunk(render(full, {name: value}), 400)
        assert looks.delta_e(render(preview, {name: value}), reduced) < PREVIEW


@pytest.mark.parametrize("side", [384, 1024])
@pytest.mark.parametrize("value", [50, 100])
def test_halos_are_limited(side: int, value: int) -> None:
    for dark, light in photographer.STEPS:
        assert photographer.overshoot("sharpness", value, dark, light, side) <= HALO
        assert photographer.overshoot("shadows", value, dark, light, side) <= HALO


def test_saturation_and_vibrance_together_are_limited() -> None:
    muted = np.array([[[120, 126, 136]]], np.uint8)
    spread = {
        name: np.ptp(render(muted, edits).astype(int)) / 16
        for name, edits in {"one": {"vibrance": 100}, "both": {"vibrance": 100, "saturation": 100}}.items()
    }
    assert 2.5 < spread["one"] < spread["both"] < 1 + MOST


@pytest.mark.parametrize("program", CANCELING, ids=str)
def test_canceling_programs_come_back_near_the_original(program: dict[str, int], images: list[Image]) -> None:
    alone = min(mean_delta_e(images, {name: value}) for name, value in program.items())
    together = mean_delta_e(images, dict(program))
    assert together < min(4.5, 0.9 * alone)
