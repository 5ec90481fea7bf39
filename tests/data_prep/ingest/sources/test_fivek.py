import json
from pathlib import Path

import pytest

from iea.data_prep.ingest.sources import Listed, Rejected
from iea.data_prep.ingest.sources.fivek import list_fivek
from iea.data_prep.ingest.sources.fivek_req import list_fivek_req

NAME = "a0001-jmac_DSC1459"


def touch(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    return path


def listed(root: Path) -> list[Listed]:
    found = list(list_fivek(root))
    assert all(isinstance(one, Listed) for one in found)
    return [one for one in found if isinstance(one, Listed)]


def test_every_available_expert_makes_a_prophoto_pair(tmp_path: Path) -> None:
    original = touch(tmp_path / "raw" / "Nikon_D70" / f"{NAME}.dng")
    for expert in "ace":
        touch(tmp_path / "processed" / f"tiff16_{expert}" / f"{NAME}.tif")
    pairs = listed(tmp_path)
    assert [pair.name for pair in pairs] == [f"{NAME}/{expert}" for expert in "ace"]
    assert {(pair.photo, pair.original, pair.colors) for pair in pairs} == {("fivek:0001", original, "prophoto")}
    assert pairs[1].reference == tmp_path / "processed" / "tiff16_c" / f"{NAME}.tif"


def test_json_files_give_split_license_and_categories(tmp_path: Path) -> None:
    touch(tmp_path / f"{NAME}.dng")
    about = {"id": 1, "license": "Adobe", "categories": {"location": "outdoor", "time": "unknown", "light": 3}}
    about["camera"] = {"make": "Nikon", "model": "D70"}
    (tmp_path / "validation.json").write_text(json.dumps({NAME: about, "a0002-x": None}))
    rejected, one = list_fivek(tmp_path)
    assert isinstance(rejected, Rejected) and rejected.reason == "malformed_row"
    assert isinstance(one, Listed)
    assert (one.split, one.reference) == ("val", None)
    assert one.categories == {"location": "outdoor", "camera": "Nikon D70"}
    assert one.license.endswith("This one: Adobe.")


def test_license_lists_are_used_without_a_json_entry(tmp_path: Path) -> None:
    touch(tmp_path / f"{NAME}.dng")
    (tmp_path / "filesAdobeMIT.txt").write_text(f"{NAME}\n")
    (tmp_path / "testing.json").write_text("[broken")
    rejected, one = list_fivek(tmp_path)
    assert isinstance(rejected, Rejected) and rejected.reason == "malformed_json"
    assert isinstance(one, Listed) and one.license.endswith("This one: AdobeMIT.")


def test_an_exported_original_replaces_the_raw_one(tmp_path: Path) -> None:
    touch(tmp_path / f"{NAME}.dng")
    exported = touch(tmp_path / "tiff16_o" / f"{NAME}.tif")
    assert [one.original for one in listed(tmp_path)] == [exported]


def test_other_names_are_rejected_and_other_folders_are_errors(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="originals"):
        list(list_fivek(tmp_path))
    touch(tmp_path / "IMG_1.dng")
    (only,) = list_fivek(tmp_path)
    assert isinstance(only, Rejected) and only.reason == "malformed_name"


def request(**changes: object) -> dict[str, object]:
    return {
        "input": "3458_O.jpg",
        "output": "3458_B.jpg",
        "request": "Increase the contrast",
        "request_idx": [1],
    } | changes


def test_a_request_has_the_photo_of_fivek(tmp_path: Path) -> None:
    (tmp_path / "val_sess_1.json").write_text(json.dumps([request()]))
    (one,) = list_fivek_req(tmp_path)
    assert isinstance(one, Listed)
    assert (one.name, one.photo, one.split, one.amateur) == ("3458_B", "fivek:3458", "val", ("Increase the contrast",))


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (request(output="3459_B.jpg"), "malformed_row"),
        (request(output="3458_O.jpg"), "malformed_row"),
        (request(input="3458_A.jpg"), "malformed_row"),
        (request(request=float("nan")), "malformed_row"),
        (request(request="half \udc00"), "odd_text"),
        (request(output="3458_C.jpg"), "duplicate_row"),
    ],
)
def test_a_bad_request_is_rejected_with_a_reason(tmp_path: Path, row: dict[str, object], reason: str) -> None:
    (tmp_path / "train_sess_1.json").write_text(json.dumps([request(output="3458_C.jpg"), row]))
    good, bad = list_fivek_req(tmp_path)
    assert isinstance(good, Listed)
    assert isinstance(bad, Rejected) and bad.reason == reason


def test_a_meaningless_request_leaves_its_pair_without_words(tmp_path: Path) -> None:
    (tmp_path / "train_sess_1.json").write_text(json.dumps([request(request="??")]))
    (one,) = list_fivek_req(tmp_path)
    assert isinstance(one, Listed) and one.amateur == ()


@pytest.mark.slow
def test_all_published_requests_are_listed(annotations: Path) -> None:
    found = list(list_fivek_req(annotations / "fivek"))
    kept = [one for one in found if isinstance(one, Listed)]
    assert len(found) == len(kept) == 17325 + 2475
    assert len({one.photo for one in kept}) == 3960
