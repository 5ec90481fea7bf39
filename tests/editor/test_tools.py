"""Rules for every tool in TOOLS, and claims about single tools."""

import itertools
from collections.abc import Callable

import numpy as np
import pytest

from iea.editor import TOOLS, Image, Tool, distance, render
from iea.editor.color import gray_of, luma, srgb_to_linear
from iea.editor.image import Plane
from iea.editor.kernel import distances
from iea.editor.reference import place_of, render_float
from iea.editor.tools import by_stage
from iea.editor.tools.grain import noise

LEVELS = np.repeat(np.arange(256, dtype=np.uint8)[:, None, None], 3, axis=2)  # every gray, one per row
CURVES = [name for name, tool in TOOLS.items() if tool.kind in ("balance", "curve")]
TONES = [name for name, tool in TOOLS.items() if tool.kind == "curve"]
every_tool = pytest.mark.parametrize("name", TOOLS)
both_ways = pytest.mark.parametrize(
    ("name", "sign"), [(name, sign) for name, tool in TOOLS.items() for sign in (-1, 1) if sign > 0 or tool.low]
)
every_curve = pytest.mark.parametrize("name", CURVES)


def values(name: str, step: int = 20) -> list[int]:
    return list(range(TOOLS[name].low, TOOLS[name].high + 1, step))


def ends(name: str) -> list[int]:
    return [value for value in (TOOLS[name].low, TOOLS[name].high) if value]


def chroma(x: Plane) -> Plane:
    return x - luma(x)


def saturation_of(rgb: tuple[int, int, int], **edits: int) -> float:
    """Return the range of the channels of a single pixel after an edit."""
    return float(np.ptp(render_float(np.array([[rgb]], np.uint8), edits)))


def corners(x: Plane) -> Plane:
    return x[:, [0, 0, -1, -1], [0, -1, 0, -1]]


def roughness(x: Plane) -> float:
    return float(np.mean(np.diff(luma(x), axis=1) ** 2) + np.mean(np.diff(luma(x), axis=0) ** 2))


# Measures that must not fall while the value rises: the direction in the tool's words.
RISING: dict[str, Callable[[Plane], Plane | float]] = {
    "exposure": lambda x: x,
    "brightness": lambda x: x,
    "highlights": lambda x: x,
    "shadows": lambda x: x,
    "whites": lambda x: x,
    "blacks": lambda x: x,
    "contrast": lambda x: np.abs(np.stack([x.min(axis=0), x.max(axis=0)]) - 0.5),
    "natural_contrast": roughness,
    "fade": lambda x: x.min() - x.max(),
    "temperature": lambda x: np.stack([x[0], -x[2]]),
    "tint": lambda x: np.stack([x[1], -x[0], -x[2]]),
    "saturation": lambda x: np.ptp(x, axis=0),
    "vibrance": lambda x: np.ptp(x, axis=0),
    "sharpness": roughness,
    "vignette": corners,
    "grain": roughness,
}


def test_tools_come_in_order_of_application_and_cannot_be_changed() -> None:
    stages = [tool.stage for tool in TOOLS.values()]
    assert stages == sorted(stages)
    assert [name for name in TOOLS] == [tool.name for tool in TOOLS.values()]
    with pytest.raises(TypeError):
        TOOLS["more"] = TOOLS["grain"]  # type: ignore[index]


def test_two_tools_of_one_stage_are_rejected() -> None:
    with pytest.raises(ValueError, match=r"own stage, got \[160\] twice"):
        by_stage({"grain": TOOLS["grain"], "other": Tool(**{**vars(TOOLS["grain"]), "name": "other"})})


def test_a_tool_without_function_or_with_a_wrong_range_is_rejected() -> None:
    with pytest.raises(ValueError, match="must have a curve"):
        Tool(**{**vars(TOOLS["exposure"]), "curve": None})
    with pytest.raises(ValueError, match="must have low"):
        Tool(**{**vars(TOOLS["exposure"]), "low": 10})


@every_tool
def test_every_tool_has_a_range_and_words(name: str) -> None:
    tool = TOOLS[name]
    assert tool.low in (-100, 0) and tool.high == 100
    assert tool.plus and tool.reference and bool(tool.minus) == (tool.low < 0)


@every_tool
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_zero_is_the_bit_exact_identity(name: str, dtype: type, photograph: Image) -> None:
    image = photograph.astype(dtype) * (1 if dtype is np.uint8 else 257)
    assert np.array_equal(render(image, {name: 0}), image)


@both_ways
def test_a_larger_value_changes_the_image_more(name: str, sign: int, photograph: Image) -> None:
    before = render_float(photograph, {})
    changes = [np.abs(render_float(photograph, {name: sign * v}) - before).mean() for v in range(0, 101, 10)]
    assert (np.diff(changes) > 0).all()


@pytest.mark.parametrize("name", [name for name, tool in TOOLS.items() if tool.low < 0])
def test_opposite_values_change_the_image_in_opposite_directions(name: str, photograph: Image) -> None:
    before = render_float(photograph, {})
    plus, minus = (render_float(photograph, {name: value}) - before for value in (50, -50))
    assert np.corrcoef(plus.ravel(), minus.ravel())[0, 1] < 0


@pytest.mark.parametrize("name", RISING)
def test_the_value_is_monotone_in_the_direction_named(name: str, photograph: Image) -> None:
    measured = [RISING[name](render_float(photograph, {name: value})) for value in values(name, 10)]
    steps = np.stack([np.subtract(after, before) for before, after in itertools.pairwise(measured)])
    assert steps.min() > -1e-12
    assert (steps.reshape(len(steps), -1).sum(axis=1) > 1e-6).all()


@both_ways
def test_the_first_step_changes_the_mean_slightly(name: str, sign: int, photograph: Image) -> None:
    change = render_float(photograph, {name: sign}) - render_float(photograph, {})
    assert 0 < abs(change.mean()) <= 2 / 255
    assert 1e-5 < np.abs(change).mean() <= 2 / 255


@both_ways
def test_half_the_range_is_clearly_visible(name: str, sign: int, photograph: Image) -> None:
    assert distance(render(photograph, {name: 50 * sign}), photograph) > 1.5 / 255


@both_ways
def test_no_other_tool_replaces_a_tool(name: str, sign: int, photograph: Image) -> None:
    wanted = render(photograph, {name: 50 * sign})
    others = [{other: v} for other in TOOLS if other != name for v in values(other, 10)]
    assert min(distances(photograph, wanted, others)) > 0.2 * distance(photograph, wanted)


@every_tool
def test_no_value_inverts_the_image(name: str, photograph: Image) -> None:
    before = luma(render_float(photograph, {}))
    for value in ends(name):
        after = luma(render_float(photograph, {name: value}))
        assert np.corrcoef(before.ravel(), after.ravel())[0, 1] > 0.8


@every_curve
def test_curves_rise_stay_in_range_and_keep_the_levels(name: str) -> None:
    ramp = np.tile(np.linspace(0, 1, 4097), (3, 1))
    curve = TOOLS[name].curve
    assert curve is not None
    for value in values(name, 5):
        bent = np.broadcast_to(curve(ramp, value / 100), ramp.shape)
        assert bent.min() >= 0 and bent.max() <= 1
        slope = np.diff(bent, axis=1) * 4096
        assert slope.min() >= -1e-9
        assert slope.max() < (
            5 if TOOLS[name].kind == "curve" else 60
        )  # white balance ends at white within a few levels
        for channel in render(LEVELS, {name: value}).transpose(2, 0, 1):
            assert len(np.unique(channel)) >= 100


def test_each_tonal_tool_changes_its_own_zone_most() -> None:
    levels = np.arange(256) / 255

    def zone(name: str, value: int) -> float:
        moved = np.abs(render_float(LEVELS, {name: value})[0, :, 0] - levels)
        return float(levels[moved.argmax()])

    for value in (-50, 50):
        zones = [zone(name, value) for name in ("blacks", "shadows", "brightness", "highlights", "whites")]
        assert zones == sorted(zones) and len(set(zones)) == 5
    assert zone("exposure", -50) > 0.95 and 0.3 < zone("brightness", -50) < 0.7


@pytest.mark.parametrize("name", TONES)
def test_tone_tools_keep_the_order_and_the_place_of_the_channels(name: str, photograph: Image) -> None:
    before = place_of(render_float(photograph, {}))
    for value in ends(name):
        after = render_float(photograph, {name: value})
        wide = np.ptp(after, axis=0) > 0.02
        assert np.abs(place_of(after) - before)[:, wide].max() < 1e-9


def test_contrast_and_local_tools_keep_black_and_white() -> None:
    for name in ("contrast", "brightness", "natural_contrast", "shadows", "highlights"):
        for value in ends(name):
            bent = render_float(LEVELS, {name: value})[0, :, 0]
            assert bent[0] == 0 and bent[255] == pytest.approx(1, abs=1e-9)


def test_negative_contrast_flattens_unlike_the_published_editor() -> None:
    for value in (-33, -30, -1):
        bent = render_float(LEVELS, {"contrast": value})[0, :, 0]
        assert bent[138] - bent[118] < 20 / 255


def test_natural_contrast_changes_texture_and_leaves_flat_areas() -> None:
    flat = np.full((80, 80, 3), (90, 120, 70), np.uint8)
    assert np.array_equal(render(flat, {"natural_contrast": 100, "exposure": 20}), render(flat, {"exposure": 20}))
    woven = flat + (np.indices((80, 80)).sum(axis=0) % 8 < 4)[..., None].astype(np.uint8) * 10
    before = roughness(render_float(woven, {}))
    assert roughness(render_float(woven, {"natural_contrast": 50})) > 1.5 * before
    assert roughness(render_float(woven, {"natural_contrast": -50})) < 0.7 * before


@pytest.mark.parametrize("name", ["temperature", "tint"])
def test_white_balance_keeps_white_and_the_luminance_of_grays(name: str) -> None:
    before = srgb_to_linear(np.arange(1, 256) / 255)
    for value in values(name, 1):
        edited = render_float(LEVELS[1:], {name: value})
        after = luma(srgb_to_linear(edited))[:, 0]
        assert np.allclose((after / before)[before < 0.3], 1, atol=1e-9)
        assert np.allclose(edited[:, -1], 1)


def test_no_saturation_is_exactly_gray_with_any_other_tool(photograph: Image) -> None:
    for more in ({}, {"vibrance": 80}, {"temperature": 60, "sharpness": 50, "vignette": -70, "grain": 40}):
        gray = render(photograph, {"saturation": -100, **more})
        assert (gray == gray[..., :1]).all()


def test_saturation_keeps_the_luminance() -> None:
    red, flower = np.array([[[255, 0, 0]]], np.uint8), np.array([[[200, 60, 90]]], np.uint8)
    assert render(red, {"saturation": -100})[0, 0, 0] == 118
    before = gray_of(render_float(flower, {}))
    for edits in ({"saturation": -100}, {"vibrance": -80, "saturation": -5}):
        assert gray_of(render_float(flower, edits)) == pytest.approx(before, abs=0.02)


def test_saturation_stops_before_the_ends_of_the_scale(photograph: Image) -> None:
    def at_end(image: Image) -> float:
        return float(np.mean((image == 0) | (image == 255)))

    soft = photograph // 2 + 60
    assert at_end(soft) == 0 and at_end(render(soft, {"saturation": 100})) < 0.02


def test_vibrance_lifts_muted_colors_more_than_saturated_ones() -> None:
    muted, saturated = (120, 120, 150), (40, 40, 150)
    for value in (-50, 50, 100):
        muted_ratio, saturated_ratio = (
            saturation_of(rgb, vibrance=value) / saturation_of(rgb) for rgb in (muted, saturated)
        )
        assert abs(muted_ratio - 1) > 1.5 * abs(saturated_ratio - 1) > 0


def test_vibrance_spares_skin() -> None:
    skin, sky = (210, 165, 140), (140, 165, 210)
    for value in (-50, 50, 100):
        skin_ratio, sky_ratio = (saturation_of(rgb, vibrance=value) / saturation_of(rgb) for rgb in (skin, sky))
        assert 0 < abs(skin_ratio - 1) < 0.5 * abs(sky_ratio - 1)


def test_sharpening_and_grain_act_on_luminance_alone(photograph: Image) -> None:
    inner = np.clip(photograph, 90, 160)
    before = chroma(render_float(inner, {}))
    for edits in ({"sharpness": 40}, {"grain": 60}):
        assert np.abs(chroma(render_float(inner, edits)) - before).max() < 1e-12


def test_softening_blurs_color_edges() -> None:
    image = np.full((300, 300, 3), (180, 90, 90), np.uint8)
    image[:, 150:] = (90, 117, 90)  # of nearly the same luma
    edge = [np.abs(np.diff(render_float(image, {"sharpness": value})[0, 150])).max() for value in (0, -100)]
    assert edge[1] < 0.6 * edge[0]


def test_grain_is_weaker_where_a_vignette_darkens() -> None:
    gray = np.full((200, 200, 3), 128, np.uint8)
    dark = render_float(gray, {"vignette": -100})[0]
    corner = (render_float(gray, {"vignette": -100, "grain": 50})[0] - dark)[:12, :12].std()
    assert corner < 0.7 * (render_float(gray, {"grain": 50})[0] - 128 / 255)[:12, :12].std()


def test_a_light_vignette_does_not_clip() -> None:
    light = np.full((100, 100, 3), 240, np.uint8)
    edited = render(light, {"vignette": 100})
    assert edited[0, 0, 0] > 240 and (edited < 255).all()
    assert render(light // 2, {"vignette": 100})[0, 0, 0] > 160


def test_vignette_keeps_the_center_and_is_symmetric() -> None:
    flat = np.full((41, 61, 3), 128, np.uint8)
    for value in (-100, 100):
        edited = render(flat, {"vignette": value})
        assert np.array_equal(edited, edited[::-1]) and np.array_equal(edited, edited[:, ::-1])
        assert np.array_equal(edited[20, 30], flat[20, 30])


def test_grain_depends_on_the_seed_alone(photograph: Image) -> None:
    first = render(photograph, {"grain": 50})
    assert np.array_equal(first, render(photograph, {"grain": 50}, seed=0))
    assert not np.array_equal(first, render(photograph, {"grain": 50}, seed=1))


def test_noise_is_coarser_on_large_images_and_weaker_where_pixels_average_it() -> None:
    for height, width, spread, low, high in ((100, 400, 0.955, 0.60, 0.68), (1024, 1100, 0.993, 0.91, 0.95)):
        plane = noise(0, height, width, 7)
        assert abs(plane.mean()) < 0.02 and abs(plane.std() - spread) < 0.02
        assert low < np.mean(plane[:, 1:] * plane[:, :-1]) / plane.var() < high


def test_the_stream_of_the_grain_does_not_change() -> None:
    assert np.allclose(noise(0, 2, 3, 0), NOISE_2_3, atol=1e-4)


NOISE_2_3 = [[0.02787, 0.81341, 0.92161], [0.03512, 0.16346, -0.45117]]
