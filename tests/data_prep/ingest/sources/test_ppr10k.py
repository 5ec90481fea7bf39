from pathlib import Path

import pytest

from iea.data_prep.ingest.sources import Listed, Rejected
from iea.data_prep.ingest.sources.ppr10k import list_ppr10k
from iea.data_prep.ingest.sources.xmp import SLIDERS, program_between, read_settings
from iea.editor import TOOLS

ATTRIBUTES = """<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:crs="http://ns.adobe.com/camera-raw-settings/1.0/" {}>{}</rdf:Description>
</rdf:RDF></x:xmpmeta>"""


def sidecar(path: Path, elements: str = "", **settings: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(ATTRIBUTES.format(" ".join(f'crs:{key}="{value}"' for key, value in settings.items()), elements))
    return path


def program(tmp_path: Path, before: dict[str, object], after: dict[str, object]) -> dict[str, int]:
    source = read_settings(sidecar(tmp_path / "s.xmp", **before))
    return program_between(source, read_settings(sidecar(tmp_path / "t.xmp", **after)))


def test_sliders_map_to_existing_tools() -> None:
    assert {tool for tool, _ in SLIDERS.values()} <= set(TOOLS)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({"Contrast2012": 0}, {"Contrast2012": "+35"}, {"contrast": 35}),
        ({"Exposure2012": "0.00"}, {"Exposure2012": "-0.50"}, {"exposure": -25}),
        ({"Exposure2012": 0}, {"Exposure2012": "+4.00"}, {"exposure": 100}),
        ({"Clarity2012": 10}, {"Clarity2012": 30}, {"natural_contrast": 20}),
        ({"Tint": 10}, {"Tint": 40}, {"tint": -20}),
        ({"Tint": 0, "IncrementalTint": 0}, {"IncrementalTint": -12}, {"tint": 12}),
        ({"Sharpness": 25}, {"Sharpness": 100}, {"sharpness": 50}),
        ({"Temperature": 5000}, {"Temperature": 5000}, {}),
        ({"Shadows2012": 0}, {"Shadows2012": "lots"}, {}),
        ({"GrainAmount": 50}, {"GrainAmount": 0}, {}),
        ({"PostCropVignetteAmount": 0}, {"PostCropVignetteAmount": -15}, {"vignette": -15}),
    ],
)
def test_a_moved_slider_becomes_a_value_of_a_tool(
    tmp_path: Path, before: dict[str, object], after: dict[str, object], expected: dict[str, int]
) -> None:
    assert program(tmp_path, before, after) == expected


def test_temperature_is_converted_in_mireds_not_kelvin(tmp_path: Path) -> None:
    warmer = program(tmp_path, {"Temperature": 5000}, {"Temperature": 6000})["temperature"]
    cooler = program(tmp_path, {"Temperature": 5000}, {"Temperature": 4000})["temperature"]
    assert warmer == round(33.3 / 1.3)
    assert -cooler == round(50 / 1.3)


def test_elements_are_read_like_attributes(tmp_path: Path) -> None:
    found = read_settings(sidecar(tmp_path / "a.xmp", "<crs:Highlights2012>-40</crs:Highlights2012>", Whites2012=5))
    assert found.numbers == {"Highlights2012": -40, "Whites2012": 5}


def test_changed_settings_without_a_tool_are_listed(tmp_path: Path) -> None:
    curve = "<crs:ToneCurvePV2012><rdf:Seq>{}</rdf:Seq></crs:ToneCurvePV2012>"
    bent = curve.format("<rdf:li>0, 0</rdf:li><rdf:li>128, 140</rdf:li><rdf:li>255, 255</rdf:li>")
    straight = curve.format("<rdf:li>0, 0</rdf:li><rdf:li>255, 255</rdf:li>")
    mask = (
        "<crs:PaintBasedCorrections><rdf:Seq><rdf:li crs:LocalExposure2012='1'/></rdf:Seq></crs:PaintBasedCorrections>"
    )
    still = {"HueAdjustmentRed": 0, "ParametricShadowSplit": 25, "ConvertToGrayscale": "False", "HasCrop": "False"}
    assert read_settings(sidecar(tmp_path / "s.xmp", straight, **still)).unmapped == set()
    moved = read_settings(sidecar(tmp_path / "t.xmp", bent + mask, HueAdjustmentRed="+5", HasCrop="True"))
    assert moved.unmapped == {"ToneCurvePV2012", "PaintBasedCorrections", "HueAdjustmentRed", "HasCrop"}


BOMB = '<!DOCTYPE z [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><z>&b;</z>'


@pytest.mark.parametrize("text", ["", "<open>", "<a/>", BOMB, '<?xml version="1.0" encoding="klingon"?><a/>'])
def test_other_files_than_sidecars_are_errors(tmp_path: Path, text: str) -> None:
    path = tmp_path / "bad.xmp"
    path.write_text(text)
    with pytest.raises(ValueError, match=r"bad\.xmp"):
        read_settings(path)


def touch(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    return path


def test_pairs_have_the_programs_of_their_sidecars(tmp_path: Path) -> None:
    images = tmp_path / "train_val_images_tif_360p"
    for stem in ("10_0", "9_1", "9_1_3"):  # the third is an augmented copy
        touch(images / "source" / f"{stem}.tif")
    touch(images / "target_a" / "9_1.tif")
    touch(images / "target_c" / "9_1.tif")
    sidecar(tmp_path / "xmp_source" / "9_1.xmp", Contrast2012=0)
    sidecar(tmp_path / "xmp_target_a" / "9_1.xmp", Contrast2012=-8, Dehaze=3)
    (tmp_path / "xmp_target_c").mkdir()
    (tmp_path / "xmp_target_c" / "9_1.xmp").write_text("<broken")
    first, broken, alone = list_ppr10k(tmp_path)
    assert isinstance(first, Listed)
    assert (first.name, first.photo, first.split) == ("9_1/a", "ppr10k:9", "")
    assert (first.program, first.operators) == ({"contrast": -8}, ("contrast",))
    assert first.categories == {"expert": "a", "unmapped": "Dehaze"}
    assert isinstance(broken, Rejected) and broken.reason == "malformed_xmp"
    assert isinstance(alone, Rejected) and (alone.name, alone.reason) == ("10_0", "no_reference")


def test_folders_named_train_and_val_give_the_split(tmp_path: Path) -> None:
    for split in ("train", "val"):
        touch(tmp_path / split / "source" / f"{len(split)}_0.tif")
        touch(tmp_path / split / "target_b" / f"{len(split)}_0.tif")
    found = [one for one in list_ppr10k(tmp_path) if isinstance(one, Listed)]
    assert {one.name: one.split for one in found} == {"5_0/b": "train", "3_0/b": "val"}
    assert all(one.program is None for one in found)


def test_the_first_of_the_whole_data_set_are_for_training(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("iea.data_prep.ingest.sources.ppr10k.PHOTOS", 4)
    monkeypatch.setattr("iea.data_prep.ingest.sources.ppr10k.TRAIN", 3)
    for series in (2, 10, 1, 30):
        touch(tmp_path / "source" / f"{series}_0.tif")
        touch(tmp_path / "target_a" / f"{series}_0.tif")
    found = [one for one in list_ppr10k(tmp_path) if isinstance(one, Listed)]
    assert [(one.photo, one.split) for one in found][2:] == [("ppr10k:10", "train"), ("ppr10k:30", "val")]


def test_a_folder_without_sources_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="source"):
        list(list_ppr10k(tmp_path))
