import os
from pathlib import Path
from urllib.parse import unquote_to_bytes

import numpy as np
import pyarrow as pa
import pytest
from PIL import Image

from iea.data_prep.ingest.pair import INGESTED, Ingest
from iea.data_prep.ingest.resample import resample, whole
from iea.data_prep.ingest.sources import Listed, Rejected
from iea.data_prep.ingest.sources.bundled import everyday_photographs
from iea.data_prep.ingest.sources.records import file_name
from iea.data_prep.runner import RejectedError, Row
from iea.editor import Image as Pixels
from iea.editor import distance, render
from iea.editor.io import read_image, write_image

EDIT = {"exposure": 40, "contrast": 30}


@pytest.fixture(scope="module")
def coffee() -> Pixels:
    path = everyday_photographs()["coffee"]
    image = read_image(path)
    return resample(image, whole(image), (300, 200))


def listed(original: Path, reference: Path | None = None, **fields: object) -> Listed:
    return Listed(**({"source": "s", "name": "n/1", "photo": "s:n"} | fields), original=original, reference=reference)  # type: ignore[arg-type]


def row_of(tmp_path: Path, one: Listed, max_pixels: int = 10**6, bits: int = 8) -> Row:
    (row,) = Ingest(tmp_path / "images", max_pixels, bits)(one.to_item())
    assert pa.Table.from_pylist([row], schema=INGESTED).to_pylist() == [row]
    return row


def rejected(tmp_path: Path, one: Listed | Rejected) -> str:
    with pytest.raises(RejectedError) as caught:
        Ingest(tmp_path / "images", 10**6, 8)(one.to_item())
    assert not list(tmp_path.glob("images/**/*.png"))
    return caught.value.reason


def saved(folder: Path, name: str, image: Pixels) -> Path:
    write_image(folder / name, image)
    return folder / name


def test_a_pair_becomes_a_row_and_two_images(tmp_path: Path, coffee: Pixels) -> None:
    edited = render(coffee, EDIT)
    one = listed(
        saved(tmp_path, "o.png", coffee),
        saved(tmp_path, "r.png", edited),
        expert=("lighter",),
        program=EDIT,
        split="val",
        categories={"b": "1", "a": "2"},
    )
    row = row_of(tmp_path, one)
    np.testing.assert_array_equal(read_image(row["original"]), coffee)
    np.testing.assert_array_equal(read_image(row["reference"]), edited)
    assert (row["width"], row["height"], row["alignment"], row["split"]) == (300, 200, "same", "val")
    assert row["d_before"] == distance(coffee, edited)
    assert row["program"] == '{"exposure": 40, "contrast": 30}' and row["categories"] == '{"a": "2", "b": "1"}'
    assert Path(row["original"]).is_absolute() and len(row["phash"]) == 16


def test_both_images_are_reduced_to_the_same_size(tmp_path: Path, coffee: Pixels) -> None:
    one = listed(saved(tmp_path, "o.png", coffee), saved(tmp_path, "r.jpg", render(coffee, EDIT)))
    row = row_of(tmp_path, one, max_pixels=10_000)
    assert (row["width"], row["height"]) == (122, 81)
    small = [read_image(row[role]) for role in ("original", "reference")]
    assert small[0].shape == small[1].shape == (81, 122, 3)
    assert row["d_before"] == pytest.approx(distance(coffee, render(coffee, EDIT)), rel=0.03)


def test_a_cropped_reference_crops_the_original(tmp_path: Path, coffee: Pixels) -> None:
    edited = np.ascontiguousarray(render(coffee, EDIT)[20:190, 30:280])
    one = listed(saved(tmp_path, "o.png", coffee), saved(tmp_path, "r.png", edited))
    row = row_of(tmp_path, one)
    assert row["alignment"] == "registered"
    assert abs(row["width"] - 250) <= 1 and abs(row["height"] - 170) <= 1
    true = distance(np.ascontiguousarray(coffee[20:190, 30:280]), edited)
    assert row["d_before"] == pytest.approx(true, rel=0.05)


def test_16_bits_are_kept_on_request(tmp_path: Path, coffee: Pixels) -> None:
    deep = coffee.astype(np.uint16) * np.uint16(257) // np.uint16(2)
    one = listed(saved(tmp_path, "o.png", deep), saved(tmp_path, "r.png", coffee))  # depths differ, as in PPR10K
    row = row_of(tmp_path, one, bits=16)
    np.testing.assert_array_equal(read_image(row["original"]), deep)
    assert read_image(row["reference"]).dtype == np.uint16
    assert read_image(row_of(tmp_path, one, bits=8)["original"]).dtype == np.uint8


def test_a_single_photograph_has_no_reference(tmp_path: Path, coffee: Pixels) -> None:
    row = row_of(tmp_path, listed(saved(tmp_path, "o.png", coffee)))
    assert (row["reference"], row["reference_phash"], row["d_before"], row["program"]) == ("", "", 0.0, "")


@pytest.mark.parametrize("raw", [b"\xff\xfe\x01 %.png", "größer.png".encode(), b"a" * 200 + b".png"])
def test_odd_names_reach_the_table_and_the_disk(tmp_path: Path, coffee: Pixels, raw: bytes) -> None:
    path = tmp_path / os.fsdecode(raw)
    Image.fromarray(coffee).save(path, "PNG")
    row = row_of(tmp_path, listed(path, name=file_name(path.name)))
    assert unquote_to_bytes(row["name"]) == raw
    assert Path(row["original"]).name.isascii()


def test_names_that_look_alike_on_disk_get_separate_files(tmp_path: Path, coffee: Pixels) -> None:
    path = saved(tmp_path, "o.png", coffee)
    rows = [row_of(tmp_path, listed(path, name=name)) for name in ("a b", "a_b", "a?b", "x" * 60 + "a_b")]
    assert len({row["original"] for row in rows}) == 4


def test_the_same_item_makes_the_same_bytes(tmp_path: Path, coffee: Pixels) -> None:
    one = listed(saved(tmp_path, "o.png", coffee), saved(tmp_path, "r.png", render(coffee, EDIT)))
    first = row_of(tmp_path, one, 9_000)
    bytes_before = Path(first["original"]).read_bytes()
    assert row_of(tmp_path, one, 9_000) == first
    assert Path(first["original"]).read_bytes() == bytes_before


def test_unusable_pairs_are_rejected_with_a_reason(tmp_path: Path, coffee: Pixels) -> None:
    original = saved(tmp_path, "o.png", coffee)
    tiny = saved(tmp_path, "tiny.png", np.ascontiguousarray(coffee[:27]))
    mirrored = saved(tmp_path, "m.png", np.ascontiguousarray(coffee[:, ::-1]))
    broken = tmp_path / "broken.png"
    broken.write_bytes(original.read_bytes()[:5000])
    assert rejected(tmp_path, listed(original, original)) == "no_change"
    assert rejected(tmp_path, listed(original, mirrored)) == "misaligned"
    assert rejected(tmp_path, listed(tiny)) == "too_small"
    assert rejected(tmp_path, listed(original, tmp_path / "none.png")) == "missing"
    assert rejected(tmp_path, listed(broken, original)) == "broken_image"
    assert rejected(tmp_path, Rejected("x", "local_operator", "why")) == "local_operator"
