"""Demands of a photographer: hue kept, casts removed, one look at every size, limited halos, colors that keep drawing."""

import cv2
import numpy as np
import pytest
from skimage import data
from skimage.color import deltaE_ciede2000, rgb2lab

from iea.editor import TOOLS, Image, render
from iea.editor.color import linear_to_srgb, srgb_to_linear

TONES = [name for name, tool in TOOLS.items() if tool.kind == "curve"] + ["highlights", "shadows", "natural_contrast"]


@pytest.fixture(scope="module")
def coffee() -> Image:
    image: Image = cv2.resize(data.coffee(), (240, 160), interpolation=cv2.INTER_AREA)
    return image


def _turn(before: Image, after: Image) -> float:
    """Return the mean turn of the hue in CIELAB, weighted by chroma, in degrees."""
    a, b = (lab[..., 1] + 1j * lab[..., 2] for lab in (rgb2lab(before), rgb2lab(after)))
    colored = (np.abs(a) > 8) & (np.abs(b) > 8)
    return float(np.average(np.abs(np.angle(a * b.conj(), deg=True))[colored], weights=np.abs(a)[colored]))


@pytest.mark.parametrize("name", TONES)
def test_tone_tools_keep_the_hue(name: str, coffee: Image) -> None:
    for value in (TOOLS[name].low, 100):
        assert _turn(coffee, render(coffee, {name: value})) < 4.5  # of CIELAB, which bends hues more than OKLab


@pytest.mark.parametrize(
    ("gains", "edits"),
    [
        ((1.15, 0.85, 0.46), {"temperature": -63, "tint": -14, "exposure": 10}),
        ((0.76, 0.94, 0.69), {"temperature": -7, "tint": -50, "exposure": 11}),
    ],
)
def test_white_balance_removes_a_cast_from_all_tones(
    gains: tuple[float, ...], edits: dict[str, int], coffee: Image
) -> None:
    light = np.minimum(srgb_to_linear(coffee / 255) * gains, 1)
    tinted = np.floor(linear_to_srgb(light) * 255 + 0.5).astype(np.uint8)
    apart = [deltaE_ciede2000(rgb2lab(image), rgb2lab(coffee)).mean() for image in (tinted, render(tinted, edits))]
    assert apart[1] < 0.35 * apart[0]


def test_grain_is_the_same_at_every_size() -> None:
    gray = {side: np.full((side, side, 3), 128, np.uint8) for side in (384, 1023, 1024, 2048)}
    shown = {
        side: cv2.resize(render(image, {"grain": 50}), (384, 384), interpolation=cv2.INTER_AREA).std()
        for side, image in gray.items()
    }
    assert all(0.93 < deviation / shown[384] < 1.05 for deviation in shown.values())


@pytest.mark.parametrize("side", [384, 1024])
@pytest.mark.parametrize("value", [50, 100])
def test_sharpness_limits_its_halos(side: int, value: int) -> None:
    edge = np.full((64, side, 3), 96, np.uint8)
    edge[:, side // 2 :] = 160
    row = render(cv2.resize(edge, (side, side), interpolation=cv2.INTER_NEAREST), {"sharpness": value})[side // 2, :, 0]
    assert max(int(row.max()) - 160, 96 - int(row.min())) <= 0.3 * 64
