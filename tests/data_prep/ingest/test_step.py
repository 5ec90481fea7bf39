import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest.mock import ANY

import numpy as np
import pyarrow.parquet as pq
import pytest

from iea.data_prep.ingest.near_duplicates import MAX_BITS
from iea.data_prep.ingest.resample import resample, whole
from iea.data_prep.ingest.sources.bundled import everyday_photographs
from iea.data_prep.ingest.step import IngestConfig, ingest
from iea.data_prep.schema import PAIRS
from iea.editor import Image, render
from iea.editor.io import read_image, write_image


def photographs() -> Iterator[tuple[str, Image]]:
    for name, path in everyday_photographs().items():
        image = read_image(path)
        yield name, resample(image, whole(image), (240, 160))


def copies(image: Image) -> dict[str, Image]:
    """Return the image re-encoded (by the suffix), resized, brightened and slightly cropped."""
    return {
        "a.png": image,
        "b.jpg": image,
        "c.png": resample(image, whole(image), (180, 120)),
        "d.png": render(image, {"exposure": 50}),
        "e.png": np.ascontiguousarray(image[1:-1, 2:-2]),
    }


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five copies of each of eight photographs, side by side, one more under an odd name, and two broken files."""
    root = tmp_path_factory.mktemp("photos")
    for name, image in photographs():
        for suffix, copy in copies(image).items():
            write_image(root / f"{suffix[0]}-{name}{suffix[1:]}", copy)
        write_image(root / f"z-{name}.png", np.ascontiguousarray(image[20:100, 50:150]))  # another image
    os.rename(root / "d-coffee.png", root / os.fsdecode(b"\xff\xfe.png"))
    (root / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 no more")
    (root / "empty.png").touch()
    return root


def gier(root: Path, rows: dict[str, list[dict[str, Any]]]) -> Path:
    root.mkdir(exist_ok=True)
    for split, records in rows.items():
        (root / f"{split}_sess_3.json").write_text(json.dumps(records))
    return root


def record(name: str, output: str) -> dict[str, Any]:
    operator = {"exposure": {"local": False, "ids": []}}
    words = {"expert_summary": ["Raise the exposure"], "amateur_summary": ["brighter"]}
    return {"input": name, "output": output, "operator": operator, **words}


def read(out: Path) -> list[dict[str, Any]]:
    table = pq.read_table(out / "pairs.parquet")
    assert table.schema.equals(PAIRS)
    return list(table.to_pylist())


@pytest.fixture(scope="module")
def ingested(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    out = tmp_path_factory.mktemp("out")
    return out, ingest(IngestConfig("folder", folder, out, max_pixels=20_000), workers=1, quiet=True)


def test_near_duplicates_share_a_split(ingested: tuple[Path, dict[str, Any]]) -> None:
    rows = read(ingested[0])
    groups: dict[str, set[str]] = {}
    for row in rows:
        groups.setdefault(row["group"], set()).add(row["split"])
    assert all(len(splits) == 1 for splits in groups.values())
    of = {row["name"]: row["group"] for row in rows}
    of["d-coffee.png"] = of.pop("%FF%FE.png")
    names = sorted({name[2:].split(".")[0] for name in of})
    for name in names:
        found = {group for file, group in of.items() if file[2:].split(".")[0] == name and file[0] != "z"}
        assert len(found) == 1, f"the copies of {name} are in one group"
    assert len(set(of.values())) == 2 * len(names)  # the copies, and the other image


def test_hashes_of_different_splits_are_far_apart(ingested: tuple[Path, dict[str, Any]]) -> None:
    rows = read(ingested[0])
    for one in rows:
        for other in rows:
            if one["group"] != other["group"]:
                assert (int(one["phash"], 16) ^ int(other["phash"], 16)).bit_count() > MAX_BITS


def test_the_report_counts_kept_and_rejected_items(ingested: tuple[Path, dict[str, Any]]) -> None:
    out, report = ingested
    folder = report["sources"]["folder"]
    assert (folder["items"], folder["rows"]) == (50, 48)
    assert sum(folder["rejected"].values()) == 2 and set(folder["rejected"]) <= {"not_an_image", "broken_image"}
    assert sum(report["splits"].values()) == report["rows"] == len(read(out)) == 48
    assert json.loads((out / "report.json").read_text()) == report
    assert report["groups"]["most_photos"] == 5


def test_rows_are_sorted_and_their_images_exist(ingested: tuple[Path, dict[str, Any]]) -> None:
    rows = read(ingested[0])
    assert [row["name"] for row in rows] == sorted(row["name"] for row in rows)
    for row in rows:
        assert read_image(row["original"]).shape == (row["height"], row["width"], 3)


def test_missing_files_are_made_again_with_the_same_bytes(folder: Path, ingested: tuple[Path, dict[str, Any]]) -> None:
    out, report = ingested
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    (out / "pairs.parquet").unlink()
    (out / "shards" / "folder" / "00000.parquet").unlink()
    for path in list(out.glob("images/**/*.png"))[::7]:
        path.unlink()
    again = ingest(IngestConfig("folder", folder, out, max_pixels=20_000), workers=1, quiet=True)
    assert again == report
    assert {path: path.read_bytes() for path in out.rglob("*") if path.is_file()} == before


def test_a_second_source_joins_groups_with_the_first(tmp_path: Path) -> None:
    """The published split holds one photograph in train and in test; a folder holds a third copy."""
    root, photos, out = tmp_path / "gier", tmp_path / "photos", tmp_path / "out"
    (root / "images").mkdir(parents=True)
    photos.mkdir()
    (_, image), (_, other) = list(photographs())[:2]
    for name, original in {"p_p": image, "q_q": copies(image)["e.png"], "o_o": other}.items():
        write_image(root / "images" / f"{name}.jpg", original)
        write_image(root / "images" / f"{name}_after.jpg", render(original, {"exposure": 60}))
    write_image(photos / "copy.png", copies(image)["c.png"])
    rows = {name: [record(f"{name}.jpg", f"{name}_after.jpg")] for name in ("p_p", "q_q", "o_o")}
    rows["o_o"].append(record("o_o.jpg", "missing.jpg"))
    gier(root, {"train": rows["p_p"] + rows["o_o"], "test": rows["q_q"]})
    ingest(IngestConfig("gier", root, out), workers=1, quiet=True)
    report = ingest(IngestConfig("folder", photos, out), workers=1, quiet=True)
    splits = {row["photo"]: row["split"] for row in read(out)}
    assert splits == {"gier:p": "test", "gier:q": "test", "folder:copy.png": "test", "gier:o": "train"}
    assert report["moved_from_own_split"] == {"train to test": 1}
    assert report["sources"]["gier"]["rejected"] == {"missing": 1}
    assert {row["group"] for row in read(out) if row["split"] == "test"} == {"folder:copy.png"}


def test_another_fold_holds_out_other_groups(folder: Path, tmp_path: Path) -> None:
    splits = []
    for fold in (0, 1):
        report = ingest(IngestConfig("folder", folder, tmp_path, max_pixels=20_000, fold=fold), workers=1, quiet=True)
        assert report["fold"] == fold
        found = {(row["group"], row["split"]) for row in read(tmp_path)}
        assert len(dict(found)) == len(found) == 16
        splits.append({group for group, split in found if split == "val"})
    assert splits[0] and splits[1] and not splits[0] & splits[1]


def test_bundled_photographs_have_their_own_folds(tmp_path: Path) -> None:
    ingest(IngestConfig("bundled", None, tmp_path, max_pixels=20_000, fold=2), workers=1, quiet=True)
    rows = read(tmp_path)
    assert {row["name"] for row in rows if row["split"] == "val"} == {"flower", "chelsea", "motorcycle"}
    assert {row["name"]: row["weight"] for row in rows if row["weight"] < 1}.keys() == {
        "camera",
        "coins",
        "brick",
        "grass",
        "gravel",
    }


def test_the_command_reports_counts_and_errors(iea: Callable[..., Any], tmp_path: Path, folder: Path) -> None:
    few = tmp_path / "few"
    few.mkdir()
    for name in ("a-coffee.png", "broken.jpg"):
        (few / name).write_bytes((folder / name).read_bytes())
    done = iea("data", "ingest", "folder", "--root", str(few), "--out", str(tmp_path / "out"), "--workers", "1")
    assert done.exit_code == 0, done.output
    assert "folder: 1 of 2 kept" in done.output and "rejected 1: " in done.output
    for wrong, words in (
        (["nowhere", "--root", str(few)], "one of bundled, debian, fivek"),
        (["gier"], "--root"),
        (["gier", "--root", str(few)], "annotations"),
        (["folder", "--root", str(few), "--bits", "12"], "--bits"),
        (["folder", "--root", str(few), "--fold", "-1"], "--fold"),
    ):
        failed = iea("data", "ingest", *wrong, "--out", str(tmp_path / "other"))
        assert failed.exit_code == 1 and words in failed.output
    assert not (tmp_path / "other").exists()


def saved_photos(root: Path, count: int = 3) -> Path:
    for name, image in list(photographs())[:count]:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        write_image(root / f"{name}.jpg", image)
    return root


def again(root: Path, out: Path, source: str = "folder") -> dict[str, Any]:
    return ingest(IngestConfig(source, root, out, max_pixels=20_000), workers=1, quiet=True)


@pytest.mark.parametrize("place", ["photos/out", "photos/deep/er/out", "out", "."])
def test_own_outputs_are_never_inputs(place: str, tmp_path: Path) -> None:
    root = saved_photos(tmp_path / "photos")
    out = tmp_path / place
    first = again(root, out)
    (out / "shards/folder/.00000.parquet.0.partial").touch()
    assert again(root, tmp_path / "other") == first | {"sources": ANY}
    times = {path: path.stat().st_mtime_ns for path in out.rglob("*.p*g")}
    assert again(root, out) == first and first["rows"] == 3
    assert {path: path.stat().st_mtime_ns for path in out.rglob("*.p*g")} == times


@pytest.mark.parametrize("place", [".", "images", "images/folder"])
def test_a_root_in_the_output_is_an_error(place: str, tmp_path: Path) -> None:
    again(saved_photos(tmp_path / "photos"), tmp_path / "out")
    with pytest.raises(ValueError, match="must not be one that this command writes"):
        again(tmp_path / "out" / place, tmp_path / "out")


@pytest.mark.parametrize("name", ["report.json", "pairs.parquet"])
@pytest.mark.parametrize("finished", [False, True])
def test_foreign_files_in_the_output_are_kept(name: str, finished: bool, tmp_path: Path) -> None:
    root = saved_photos(tmp_path / "photos", 1)
    if finished:
        again(root, tmp_path)
        if name == "pairs.parquet":
            return  # made by this step: it is written again
    (tmp_path / name).write_text("{}")
    message = f"with a {name} of another; choose a new folder" if finished else f"files of its own, such as '{name}'"
    with pytest.raises(ValueError, match=message):
        again(root, tmp_path)
    assert (tmp_path / name).read_text() == "{}"


@pytest.mark.parametrize("damage", ["", "[]", "5", "null", '"x"', "{", "{}", '{"step": "ingest folder", "shards": 1}'])
@pytest.mark.parametrize("place", ["report.json", "shards/folder/report.json", "shards/bundled/report.json"])
def test_a_damaged_report_is_made_again_or_named(place: str, damage: str, tmp_path: Path) -> None:
    root, out = saved_photos(tmp_path / "photos", 1), tmp_path / "out"
    report = again(root, out)
    other = out / "shards/bundled"
    shutil.copytree(out / "shards/folder", other)
    if place != "shards/bundled/report.json":
        shutil.rmtree(other)
    (out / place).write_text(damage)
    try:
        assert again(root, out) == report
    except ValueError as error:
        assert "report.json" in str(error) or "start the step's command again" in str(error)
        (out / place).unlink()
        if "bundled" not in place:
            assert again(root, out) == report


def test_photographs_that_appear_are_repaired_or_replaced_are_noticed(tmp_path: Path) -> None:
    root, out = saved_photos(tmp_path / "photos"), tmp_path / "out"
    first, second, third = sorted(root.glob("*.jpg"))
    data = second.read_bytes()
    second.write_bytes(data[: len(data) // 2])
    third.rename(tmp_path / "away.jpg")
    assert again(root, out)["rows"] == 1
    second.write_bytes(data)
    assert again(root, out)["rows"] == 2
    (tmp_path / "away.jpg").rename(third)
    assert again(root, out)["rows"] == 3
    before = {row["name"]: row["phash"] for row in read(out)}
    first.write_bytes(third.read_bytes())
    after = {row["name"]: row["phash"] for row in read(out)} if again(root, out) else {}
    assert after[first.name] == before[third.name] != before[first.name]
    image = next(out.glob("images/**/*.png"))
    image.unlink()
    again(root, out)
    assert image.is_file()


def test_images_on_a_drive_that_is_mounted_later_are_found(iea: Callable[..., Any], tmp_path: Path) -> None:
    drive, out = tmp_path / "drive", tmp_path / "out"
    root = gier(tmp_path / "gier", {"train": [record("p_p.jpg", "p_q.jpg")]})
    (root / "images").symlink_to(drive)
    command = ("data", "ingest", "gier", "--root", root, "--out", out, "--workers", "1")
    for _ in range(2):
        failed = iea(*command)
        assert failed.exit_code == 1 and "got none: 1 missing" in failed.output
    (_, image), *_ = photographs()
    drive.mkdir()
    write_image(drive / "p_p.jpg", image)
    write_image(drive / "p_q.jpg", render(image, {"exposure": 60}))
    done = iea(*command)
    assert done.exit_code == 0 and "gier: 1 of 1 kept" in done.output


def test_a_panorama_that_the_trainer_cannot_read_is_rejected(tmp_path: Path) -> None:
    root = saved_photos(tmp_path / "photos", 1)
    (_, image), *_ = photographs()
    write_image(root / "wide.png", resample(image, whole(image), (12000, 56)))
    write_image(root / "thin.png", resample(image, whole(image), (20, 300)))
    report = ingest(IngestConfig("folder", root, tmp_path / "out"), workers=1, quiet=True)
    assert report["sources"]["folder"]["rejected"] == {"too_narrow": 1, "too_small": 1}


LONG = "n" * 300


@pytest.mark.parametrize(
    ("command", "given"),
    [
        ("ingest", ["folder", "--root", LONG, "--out", "out"]),
        ("ingest", ["folder", "--root", "{photos}", "--out", LONG]),
        ("prepare", ["--photos", LONG, "--out", "out"]),
        ("prepare", ["--photos", "{photos}", "--out", LONG]),
        ("annotate", ["--pairs", LONG, "--out", "out"]),
        ("label", ["--annotated", LONG, "--out", "out"]),
        ("synthesize", ["--pairs", LONG, "--out", "out"]),
        ("mix", ["stage1", "--table", LONG, "--out", "out"]),
        ("mix", [LONG, "--table", "{photos}", "--out", "out"]),
        ("stats", [LONG]),
        ("show", [LONG, "--out", "out.png"]),
        ("compare-methods", ["--data", LONG]),
        ("coverage", ["--root", LONG]),
    ],
)
def test_names_that_are_too_long_end_in_one_line(
    command: str, given: list[str], iea: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    photos = saved_photos(tmp_path / "photos", 1)
    done = iea("data", command, *(one.format(photos=photos) for one in given))
    assert done.exit_code in (1, 2) and isinstance(done.exception, SystemExit), done.output
    assert "n" * 30 in done.output and {path.name for path in tmp_path.iterdir()} <= {"photos"}
