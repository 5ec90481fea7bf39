from collections.abc import Callable
from pathlib import Path

import pytest

from iea.data_prep.ingest.sources import Listed, Rejected
from iea.data_prep.ingest.sources.ppr10k import list_ppr10k

Sidecar = Callable[..., Path]


def touch(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    return path


def test_pairs_have_the_programs_of_their_sidecars(tmp_path: Path, sidecar: Sidecar) -> None:
    images = tmp_path / "train_val_images_tif_360p"
    for stem in ("10_0", "9_1", "9_1_3"):  # the third is an augmented copy
        touch(images / "source" / f"{stem}.tif")
    touch(images / "target_a" / "9_1.tif")
    touch(images / "target_c" / "9_1.tif")
    sidecar(tmp_path / "xmp_source" / "9_1.xmp", Contrast2012=0)
    sidecar(tmp_path / "xmp_target_a" / "9_1.xmp", Contrast2012=-8, Dehaze=3)
    (tmp_path / "xmp_target_c").mkdir()
    (tmp_path / "xmp_target_c" / "9_1.xmp").write_text("<broken")
    copy, first, broken, alone = list_ppr10k(tmp_path)
    assert isinstance(copy, Rejected) and copy.reason == "augmented_copy"
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


def test_every_file_beside_the_photographs_is_counted(tmp_path: Path) -> None:
    for name in ("source/1_0.tif", "source/2_0.TIFF", "val/source/1_0.tif", "source/cover.jpg", "source/Thumbs.db"):
        touch(tmp_path / name)
    for name in ("target_a/1_0.png", "target_a/2_0.tif", "target_b/7_7.tif"):
        touch(tmp_path / name)
    found = list(list_ppr10k(tmp_path))
    assert [one.name for one in found if isinstance(one, Listed)] == ["1_0/a", "2_0/a"]
    assert [(one.name, one.reason) for one in found if isinstance(one, Rejected)] == [
        ("source/Thumbs.db", "not_an_image"),
        ("source/cover.jpg", "malformed_name"),
        ("source/1_0.tif", "duplicate_file"),
        ("target_b/7_7", "no_original"),
    ]


def test_a_sidecar_without_its_source_is_counted(tmp_path: Path, sidecar: Sidecar) -> None:
    touch(tmp_path / "source/1_0.tif")
    touch(tmp_path / "target_a/1_0.tif")
    sidecar(tmp_path / "xmp_target_a/1_0.xmp", Contrast2012=3)
    (only,) = list_ppr10k(tmp_path)
    assert isinstance(only, Rejected) and only.reason == "unreadable_annotations" and "1_0.xmp" in only.text


def test_a_folder_without_sources_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="source"):
        list(list_ppr10k(tmp_path))


@pytest.mark.parametrize("suffix", ["xmp", "XMP", "Xmp"])
def test_the_suffix_of_a_sidecar_may_have_any_case(suffix: str, tmp_path: Path, sidecar: Sidecar) -> None:
    touch(tmp_path / "source/1_0.tif"), touch(tmp_path / "target_a/1_0.tif")
    sidecar(tmp_path / f"xmp_source/1_0.{suffix}", Contrast2012=0)
    sidecar(tmp_path / f"xmp_target_a/1_0.{suffix}", Contrast2012=9)
    (one,) = list_ppr10k(tmp_path)
    assert isinstance(one, Listed) and one.program == {"contrast": 9}


@pytest.mark.parametrize("place", ["xmp_source/1_0.xmp", "xmp_target_a/1_0.xmp", "xmp_source", "xmp_target_a"])
@pytest.mark.parametrize("leads_to", ["nowhere", "itself", "file"])
def test_a_sidecar_that_is_there_but_unusable_is_counted(
    leads_to: str, place: str, tmp_path: Path, sidecar: Sidecar
) -> None:
    touch(tmp_path / "source/1_0.tif"), touch(tmp_path / "target_a/1_0.tif"), touch(tmp_path / "file")
    sidecar(tmp_path / "xmp_source/1_0.xmp", Contrast2012=0)
    sidecar(tmp_path / "xmp_target_a/1_0.xmp", Contrast2012=9)
    (tmp_path / place).rename(tmp_path / "away")
    (tmp_path / place).symlink_to(tmp_path / (place if leads_to == "itself" else leads_to))
    reasons = {one.reason for one in list_ppr10k(tmp_path) if isinstance(one, Rejected)}
    assert reasons == {"malformed_xmp" if (leads_to, place[-4:]) == ("file", ".xmp") else "unreadable_annotations"}
