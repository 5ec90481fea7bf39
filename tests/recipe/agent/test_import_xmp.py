"""Settings of Camera Raw become programs: round trips through our presets, fitted curves, and all that is lost, named."""

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
from skimage import data

from iea.data_prep.ingest.sources.camera_raw import TOOL_SLIDERS
from iea.editor import TOOLS, Program, render
from iea.recipe.agent.exports import export
from iea.recipe.agent.import_xmp import Imported, import_xmp

Read = Callable[[str], Imported]
Preset = Callable[..., Imported]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """read(text): import a file with this text."""

    def run(text: str) -> Imported:
        (tmp_path / "preset.xmp").write_text(text, encoding="utf-8")
        return import_xmp(tmp_path / "preset.xmp")

    return run


@pytest.fixture
def preset(read: Read) -> Preset:
    """preset(elements, **attributes): import a preset of the process version 11."""

    def run(elements: str = "", **attributes: object) -> Imported:
        listed = " ".join(f'crs:{key}="{value}"' for key, value in ({"ProcessVersion": "11.0"} | attributes).items())
        return read(
            f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
            f'<rdf:Description xmlns:crs="http://ns.adobe.com/camera-raw-settings/1.0/" {listed}>{elements}'
            f"</rdf:Description></rdf:RDF></x:xmpmeta>"
        )

    return run


def curve(key: str, *points: str) -> str:
    listed = "".join(f"<rdf:li>{point}</rdf:li>" for point in points)
    return f"<crs:{key}><rdf:Seq>{listed}</rdf:Seq></crs:{key}>"


@pytest.mark.parametrize("name", sorted(TOOL_SLIDERS))
def test_a_slider_returns_as_it_was(name: str, read: Read) -> None:
    for value in {TOOLS[name].low, -37, 13, 21, 50, TOOLS[name].high} - {0}:
        if value >= TOOLS[name].low and not (name == "sharpness" and value < 0):
            assert read(export(Program({name: value}), "sliders").text) == Imported(Program({name: value}), {})


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(8))
def test_a_random_program_returns_as_curves_that_look_the_same(seed: int, read: Read) -> None:
    generator, photograph = np.random.default_rng(seed), data.coffee()[::4, ::4]
    names = [name for name in TOOLS if TOOLS[name].kind != "spatial"]
    chosen = map(str, generator.permutation(names)[:4])
    program = Program({name: int(generator.integers(TOOLS[name].low // 2, 51)) for name in chosen})
    found = read(export(program, "curve").text)
    assert found.curve_error is not None and found.curve_error < 1.5 and not found.lost
    assert np.abs(render(photograph, found.program).astype(float) - render(photograph, program)).mean() < 2


@pytest.mark.parametrize(
    ("attributes", "lost"),
    [
        ({"HasCrop": "True", "CropTop": "0.1"}, {"HasCrop": "crops", "CropTop": "crops"}),
        ({"HueAdjustmentRed": "+10"}, {"HueAdjustmentRed": "one color"}),
        ({"SaturationAdjustmentBlue": "-10"}, {"SaturationAdjustmentBlue": "one color"}),
        ({"ColorGradeMidtoneHue": "20"}, {"ColorGradeMidtoneHue": "tints"}),
        ({"BlueSaturation": "+20"}, {"BlueSaturation": "primaries"}),
        ({"LuminanceSmoothing": "20"}, {"LuminanceSmoothing": "noise"}),
        ({"Dehaze": "+20", "Texture": "-5"}, {"Dehaze": "contrast is the nearest", "Texture": "natural_contrast"}),
        ({"LensProfileEnable": "1"}, {"LensProfileEnable": "lens"}),
        ({"Temperature": "5200", "Tint": "+10"}, {"Temperature": "raw files", "Tint": "raw files"}),
        ({"ParametricShadows": "-20"}, {"ParametricShadows": "point curve"}),
        ({"ProcessVersion": "5.7"}, {"ProcessVersion": "profile"}),
        ({"CameraProfile": "Camera Vivid"}, {"CameraProfile": "profile"}),
        ({"Exposure2012": "+4.00"}, {"Exposure2012": "range of the tool exposure"}),
        ({"AlreadyApplied": "True"}, {"AlreadyApplied": "again"}),
        ({"SettingOfTomorrow": "7"}, {"SettingOfTomorrow": "no tool stands for it"}),
    ],
)
def test_all_that_is_lost_is_named(preset: Preset, attributes: Mapping[str, object], lost: Mapping[str, str]) -> None:
    found = preset(Contrast2012="+20", **attributes)
    assert found.program["contrast"] == 20
    assert found.lost.keys() == lost.keys()
    assert all(words in found.lost[key] for key, words in lost.items())


def test_a_local_mask_is_lost(preset: Preset) -> None:
    mask = "<crs:MaskGroupBasedCorrections><rdf:Seq><rdf:li crs:LocalExposure2012='1'/></rdf:Seq></crs:MaskGroupBasedCorrections>"
    assert preset(mask).lost == {"MaskGroupBasedCorrections": "every tool acts on the whole image, not on a part"}


def test_sharpness_counts_from_nothing_unless_the_file_is_of_a_raw_image(preset: Preset) -> None:
    assert preset(Sharpness=60).program == {"sharpness": 40}
    assert "Sharpness" in preset(Sharpness=60, Temperature=5000).lost


def test_a_curve_goes_beside_the_sliders(preset: Preset) -> None:
    matte = curve("ToneCurvePV2012", "0, 40", "64, 75", "128, 128", "255, 245")
    found = preset(matte, Exposure2012="+0.40", ToneCurveName2012="Custom")
    assert found.program["exposure"] == 20, "a slider keeps its value"
    assert found.program["fade"] > 30 and not found.lost
    assert found.curve_error is not None and found.curve_error < 6


@pytest.mark.parametrize(
    "points",
    [("0, 0", "255, 255"), ("0, 0", "128, 128", "255, 255"), ("0, 0", "300, 255"), ("9, 9", "5, 200"), ("1", "2")],
)
def test_a_straight_curve_is_none_and_a_broken_one_is_lost(preset: Preset, points: tuple[str, ...]) -> None:
    found = preset(curve("ToneCurvePV2012", *points), Contrast2012="+20")
    assert found.program == {"contrast": 20} and found.curve_error is None
    straight = all(one.split(", ")[0] == one.split(", ")[-1] for one in points) and len(points[0]) > 1
    assert list(found.lost) == ([] if straight else ["ToneCurvePV2012"])


@pytest.mark.parametrize("text", ["", "<a/>", "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "\0"])
def test_another_file_is_refused(read: Read, text: str) -> None:
    with pytest.raises(ValueError, match="must"):
        read(text)
