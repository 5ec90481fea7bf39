"""Side-cars of Camera Raw: how their difference becomes a program, and that all it lacks is named."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pytest
from numpy.typing import NDArray

from iea.data_prep.ingest.sources.camera_raw import MIREDS, SLIDERS, TINT, compare
from iea.data_prep.ingest.sources.xmp import read_settings
from iea.editor import TOOLS, render
from iea.editor.color import srgb_to_linear

Sidecar: TypeAlias = Callable[..., Path]
Compare: TypeAlias = Callable[..., tuple[dict[str, int], list[str]]]


@pytest.fixture
def compared(tmp_path: Path, sidecar: Sidecar) -> Compare:
    """compared(before, after): each a dict of attributes, or a text of elements."""

    def run(before: dict[str, object] | str, after: dict[str, object] | str) -> tuple[dict[str, int], list[str]]:
        files = []
        for name, side in (("s.xmp", before), ("t.xmp", after)):
            elements, attributes = (side, {}) if isinstance(side, str) else ("", side)
            files.append(sidecar(tmp_path / name, elements, Version="15.0", **attributes))
        return compare(*map(read_settings, files))

    return run


def curve(*points: tuple[int, int], key: str = "ToneCurvePV2012", comma: str = ", ") -> str:
    listed = "".join(f"<rdf:li>{x}{comma}{y}</rdf:li>" for x, y in points)
    return f"<crs:{key}><rdf:Seq>{listed}</rdf:Seq></crs:{key}>"


def mask(exposure: str, kind: str = "MaskGroupBasedCorrections", identity: str = "A") -> str:
    return (
        f"<crs:{kind}><rdf:Seq><rdf:li><rdf:Description crs:What='Correction' crs:CorrectionSyncID='{identity}' "
        f"crs:LocalExposure2012='{exposure}'><crs:CorrectionMasks><rdf:Seq><rdf:li crs:What='Mask/Image' "
        f"crs:MaskSyncID='{identity}'/></rdf:Seq></crs:CorrectionMasks></rdf:Description></rdf:li></rdf:Seq></crs:{kind}>"
    )


def look(name: str, amount: str) -> str:
    return (
        f"<crs:Look><rdf:Description crs:Name='{name}' crs:Amount='{amount}'><crs:Parameters><rdf:Description "
        f"crs:Exposure2012='+3.00' crs:ConvertToGrayscale='False'>{curve((0, 0), (22, 16), (255, 255))}"
        "</rdf:Description></crs:Parameters></rdf:Description></crs:Look>"
    )


STRAIGHT, BENT, OTHER = (
    curve((0, 0), (255, 255)),
    curve((0, 0), (128, 140), (255, 255)),
    curve((0, 0), (99, 80), (255, 255)),
)


def test_sliders_map_to_existing_tools() -> None:
    assert {tool for tool, _ in SLIDERS.values()} <= set(TOOLS)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({"Contrast2012": 0}, {"Contrast2012": "+35"}, {"contrast": 35}),
        ({"Exposure2012": "0.00"}, {"Exposure2012": "-0.50"}, {"exposure": -25}),
        ({"Exposure2012": "0.00"}, {"Exposure2012": "+0,50"}, {"exposure": 25}),
        ({"Exposure2012": "0.00"}, {"Exposure2012": "\N{MINUS SIGN}0.50"}, {"exposure": -25}),
        ({}, {"Exposure2012": ".5"}, {"exposure": 25}),
        ({"Exposure2012": "+0.50"}, {}, {"exposure": -25}),
        ("<crs:Exposure2012>0,5</crs:Exposure2012>", {"Exposure2012": "1.0"}, {"exposure": 25}),
        ({}, "<crs:Exposure2012><rdf:Description rdf:value='0.5'/></crs:Exposure2012>", {"exposure": 25}),
        (
            {},
            "<crs:Exposure2012 rdf:parseType='Resource'><rdf:value>0.5</rdf:value></crs:Exposure2012>",
            {"exposure": 25},
        ),
        ({"Clarity2012": 10}, {"Clarity2012": 30}, {"natural_contrast": 20}),
        ({"Tint": 10}, {"Tint": 40}, {"tint": -round(30 / TINT * 100)}),
        ({"Tint": 0, "IncrementalTint": 0}, {"Tint": 0, "IncrementalTint": -12}, {"tint": 12}),
        ({"Sharpness": 25}, {"Sharpness": 100}, {"sharpness": 50}),
        ({"Temperature": 5000}, {"Temperature": 5000}, {}),
        (
            {"Temperature": 5000},
            {"Temperature": 6000},
            {"temperature": round(33.3 / MIREDS * 100)},
        ),  # mireds, not kelvin
        ({"Temperature": 5000}, {"Temperature": 4000}, {"temperature": -round(50 / MIREDS * 100)}),
        ({"PostCropVignetteAmount": 0}, {"PostCropVignetteAmount": -15}, {"vignette": -15}),
    ],
)
def test_a_moved_slider_becomes_a_value_of_a_tool(
    compared: Compare, before: object, after: object, expected: dict[str, int]
) -> None:
    assert compared(before, after) == (expected, [])


def light(program: dict[str, int], level: int = 70) -> NDArray[np.float64]:
    """Return the linear light of a gray after a program, relative to that before it."""
    gray = np.full((8, 8, 3), level, np.uint8)
    found: NDArray[np.float64] = srgb_to_linear(render(gray, program)[4, 4] / 255) / srgb_to_linear(gray[4, 4] / 255)
    return found


def test_a_stop_of_exposure_doubles_the_light(compared: Compare) -> None:
    program, _ = compared({"Exposure2012": "0.00"}, {"Exposure2012": "1.00"})
    assert light(program) == pytest.approx([2, 2, 2], rel=0.02)


@pytest.mark.parametrize(
    ("kelvin", "red_to_blue"),  # of the two Planckian lights, divided: the converter removes the light
    [((5000, 6500), 1.58), ((5500, 4000), 0.50), ((6500, 5000), 0.63)],
)
def test_a_change_of_kelvin_becomes_the_gains_of_the_two_lights(
    compared: Compare, kelvin: tuple[int, int], red_to_blue: float
) -> None:
    program, _ = compared(*({"Temperature": one} for one in kelvin))
    red, _, blue = light(program)
    assert red / blue == pytest.approx(red_to_blue, rel=0.06)


def test_tint_becomes_the_gain_of_green_across_the_planckian_locus(compared: Compare) -> None:
    program, _ = compared({"Tint": 0}, {"Tint": 30})  # 0.01 in CIE 1960 uv, at 5500 K
    red, green, blue = light(program)
    assert green / (red * blue) ** 0.5 == pytest.approx(0.84, rel=0.03)


@pytest.mark.parametrize(
    ("before", "after", "named"),
    [
        ({"HueAdjustmentRed": "+10"}, {"HueAdjustmentRed": "+60"}, "HueAdjustmentRed"),
        ({"HueAdjustmentRed": "+10"}, {}, "HueAdjustmentRed"),
        ({"ColorGradeBlending": 50}, {"ColorGradeBlending": 80}, "ColorGradeBlending"),
        ({"RedHue": 0}, {"RedHue": 5}, "RedHue"),
        ({"Dehaze": 3}, {"Dehaze": "-3"}, "Dehaze"),
        ({"ConvertToGrayscale": "True"}, {"ConvertToGrayscale": "False"}, "ConvertToGrayscale"),
        ({"ConvertToGrayscale": "True"}, {}, "ConvertToGrayscale"),
        ({"HasCrop": "False"}, {"HasCrop": "True", "CropTop": "0.1"}, "CropTop HasCrop"),
        ({"HasCrop": "True", "CropTop": "0.1"}, {"HasCrop": "True", "CropTop": "0.2"}, "CropTop"),
        ({"LensProfileEnable": 0}, {"LensProfileEnable": 1}, "LensProfileEnable"),
        ({"AutoLateralCA": 0}, {"AutoLateralCA": 1}, "AutoLateralCA"),
        ({"CameraProfile": "Adobe Standard"}, {"CameraProfile": "Camera Vivid"}, "CameraProfile"),
        ({"ProcessVersion": "5.7"}, {"ProcessVersion": "15.4"}, "ProcessVersion"),
        ({"Exposure": "0.00"}, {"Exposure": "+1.00"}, "Exposure"),
        ({"Brightness": 50, "FillLight": 0}, {"Brightness": 70, "FillLight": 20}, "Brightness FillLight"),
        ({"WhiteBalance": "As Shot"}, {"WhiteBalance": "Daylight"}, "WhiteBalance"),
        ({"WhiteBalance": "As Shot"}, {"WhiteBalance": "Custom", "Temperature": 6000}, "Temperature"),
        ({"Shadows2012": 0}, {"Shadows2012": "lots"}, "Shadows2012"),
        ({"Shadows2012": 0}, {"Shadows2012": "1e999"}, "Shadows2012"),
        ({"Exposure2012": 0}, {"Exposure2012": "+4.00"}, "Exposure2012"),  # beyond our range
        ({"GrainAmount": 50}, {"GrainAmount": 0}, "GrainAmount"),  # cannot be taken away
        ({"SettingOfTomorrow": 0}, {"SettingOfTomorrow": 7}, "SettingOfTomorrow"),
        (BENT, OTHER, "ToneCurvePV2012"),
        (BENT, STRAIGHT, "ToneCurvePV2012"),
        (STRAIGHT, curve((20, 20), (255, 255)), "ToneCurvePV2012"),
        ({}, curve((0, 0), (9, 8), (255, 255), key="ToneCurvePV2012Red"), "ToneCurvePV2012Red"),
        (mask("0.2"), mask("0.9"), "MaskGroupBasedCorrections"),
        ({}, mask("0.2", "PaintBasedCorrections"), "PaintBasedCorrections"),
        (look("Vivid", "1"), look("Vivid", "0.5"), "Look"),
        ({}, look("Vivid", "1"), "Look"),
    ],
)
def test_a_difference_that_a_program_lacks_is_named(
    compared: Compare, before: object, after: object, named: str
) -> None:
    assert compared(before, after)[1] == named.split()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({}, {"HueAdjustmentRed": "0", "ParametricShadowSplit": 25, "ConvertToGrayscale": "False", "HasCrop": "False"}),
        ({"HueAdjustmentRed": "+10"}, {"HueAdjustmentRed": "10.0"}),
        ({"RawFileName": "a.dng", "UUID": "1"}, {"RawFileName": "b.dng", "HasSettings": "True"}),
        ({}, {"PostCropVignetteMidpoint": 50, "PostCropVignetteAmount": 0, "PostCropVignetteFeather": 20}),
        ({"HasCrop": "False"}, {"HasCrop": "False", "CropRight": "0.9"}),
        ({"WhiteBalance": "As Shot", "Temperature": 5000}, {"WhiteBalance": "Custom", "Temperature": 5000}),
        ({}, STRAIGHT),
        (BENT, BENT.replace(", ", ",")),
        (BENT, BENT.replace("128, 140", " 128.0, +140 ")),
        (mask("0.2"), mask("0.20", identity="B")),
        ({}, "<crs:Look><rdf:Description crs:Name=''/></crs:Look>"),
        (look("Vivid", "1"), look("Vivid", "1.0")),
        ({}, "<crs:RetouchAreas><rdf:Seq/></crs:RetouchAreas>"),
    ],
)
def test_equal_settings_differ_in_nothing(compared: Compare, before: object, after: object) -> None:
    assert compared(before, after) == ({}, [])


def test_settings_inside_of_others_are_not_the_photographs_own(compared: Compare) -> None:
    """A look and a mask have exposures of their own, and a saved snapshot has all settings."""
    snapshot = (
        "<s:SavedSettings xmlns:s='http://ns.adobe.com/camera-raw-saved-settings/1.0/'><rdf:Bag><rdf:li><rdf:Description "
        "crs:Exposure2012='+2'/></rdf:li></rdf:Bag></s:SavedSettings>"
    )
    assert compared({}, look("Vivid", "1") + snapshot)[0] == {}


BOMB = '<!DOCTYPE z [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><z>&b;</z>'


@pytest.mark.parametrize("text", ["", "<open>", "<a/>", BOMB, '<?xml version="1.0" encoding="klingon"?><a/>'])
def test_other_files_than_sidecars_are_errors(tmp_path: Path, text: str) -> None:
    path = tmp_path / "bad.xmp"
    path.write_text(text)
    with pytest.raises(ValueError, match=r"bad\.xmp"):
        read_settings(path)


@pytest.mark.parametrize(
    ("opening", "closing"),
    [
        ("<crs:A>", "</crs:A>"),
        ("<rdf:li>", "</rdf:li>"),
        ("<rdf:RDF><rdf:Description><crs:A>", "</crs:A></rdf:Description></rdf:RDF>"),
    ],
)
def test_nested_elements_are_visited_once(tmp_path: Path, sidecar: Sidecar, opening: str, closing: str) -> None:
    """The parts of the outer setting are read, and no inner element is read again as a setting."""
    depth = 20_000
    path = sidecar(tmp_path / "deep.xmp", f"<crs:Deep>{opening * depth}1{closing * depth}</crs:Deep>", Contrast2012=5)
    settings = read_settings(path)
    assert settings.keys() == {"Deep", "Contrast2012"}
