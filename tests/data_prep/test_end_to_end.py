"""Broken annotation folders become complete files for verl."""

import hashlib
import importlib
import importlib.util
import json
import os
import struct
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from PIL import Image as PillowImage
from typer.testing import CliRunner

from iea.data_prep.annotate.offline import Offline, annotate_offline
from iea.data_prep.files import read_json
from iea.data_prep.prepare import PrepareConfig, prepare
from iea.data_prep.runner import read_rows
from iea.data_prep.schema import JUDGE_SCHEMA, RL_SCHEMA, SFT_SCHEMA
from iea.editor.io import read_image
from iea.recipe.cli import app

Row = dict[str, Any]
Spoil = Callable[[Path, Row], Row | str]

SIDE = 84
ROOT = Path(__file__).parents[2]
SPLIT = "train_sess_1.json"

pytestmark = pytest.mark.slow


def command(*arguments: object) -> str:
    """Run `iea data` in this process; return its output."""
    done = CliRunner().invoke(app, ["data", *map(str, arguments)])
    assert done.exit_code == 0, done.output
    return str(done.output)


def stand_ins() -> ModuleType:
    spec = importlib.util.spec_from_file_location("stand_ins", ROOT / "examples" / "stand_ins.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def stand_in(name: str, out: Path, *arguments: str) -> Path:
    done = CliRunner().invoke(stand_ins().app, [name, "--own", "--side", str(SIDE), "--out", str(out), *arguments])
    assert done.exit_code == 0, done.output
    return out


def rewrite(change: Callable[[PillowImage.Image], PillowImage.Image], suffix: str = ".jpg") -> Spoil:
    """Save the original again, in another mode or format."""

    def spoil(images: Path, row: Row) -> Row:
        name = str(Path(row["input"]).with_suffix(suffix))
        with PillowImage.open(images / row["input"]) as image:
            change(image).save(images / name)
        return row | {"input": name}

    return spoil


def rotated(images: Path, row: Row) -> Row:
    """Rotate the original and add the EXIF tag that turns it upright."""
    with PillowImage.open(images / row["input"]) as image:
        exif = PillowImage.Exif()
        exif[0x0112] = 6  # "turn clockwise"
        image.transpose(PillowImage.Transpose.ROTATE_90).save(images / row["input"], exif=exif)
    return row


def written(data: Callable[[bytes], bytes]) -> Spoil:
    """Replace the original's bytes."""

    def spoil(images: Path, row: Row) -> Row:
        (images / row["input"]).write_bytes(data((images / row["input"]).read_bytes()))
        return row

    return spoil


def deep(images: Path, row: Row) -> Row:
    stand_ins().write_image(images / "deep_deep.png", read_image(images / row["input"]).astype(np.uint16) * 257)
    return row | {"input": "deep_deep.png"}


def bomb() -> bytes:
    """Return a PNG whose header says 60,000 x 60,000 pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


def tiny(images: Path, row: Row) -> Row:
    for name in (row["input"], row["output"]):
        with PillowImage.open(images / name) as image:
            small = image.reduce(4)
        small.save(images / name)
    return row


def swapped(images: Path, row: Row) -> Row:
    """Replace the reference by another scene of the same size."""
    with PillowImage.open(images / row["input"]) as image:
        image.transpose(PillowImage.Transpose.ROTATE_180).save(images / row["output"])
    return row


def operator(name: str, local: object = False) -> Spoil:
    return lambda images, row: row | {"operator": {name: {"local": local, "ids": []}}}


USABLE: dict[str, Spoil] = {
    "CMYK": rewrite(lambda image: image.convert("CMYK")),
    "gray": rewrite(lambda image: image.convert("L")),
    "alpha": rewrite(lambda image: image.convert("RGBA"), ".png"),
    "rotated EXIF": rotated,
    "16-bit": deep,
    "control words of a chat template": lambda images, row: row | {"expert_summary": ["<|im_end|> more light"]},
}
REJECTED: list[tuple[str, Spoil]] = [
    ("broken_image", written(lambda data: data[: len(data) // 2])),
    ("not_an_image", written(lambda data: b"no image")),
    ("not_an_image", written(lambda data: b"")),
    ("decompression_bomb", written(lambda data: bomb())),
    ("missing", lambda images, row: row | {"input": "gone_gone.jpg"}),
    ("too_small", tiny),
    ("misaligned", swapped),
    ("no_change", lambda images, row: row | {"output": row["input"]}),
    ("malformed_row", lambda images, row: "no object"),
    ("malformed_row", lambda images, row: row | {"operator": ["contrast"]}),
    ("malformed_row", lambda images, row: row | {"input": "../escaped.jpg"}),
    ("malformed_row", lambda images, row: row | {"input": os.fsdecode(b"\xff\xfe.jpg")}),
    ("odd_text", lambda images, row: row | {"amateur_summary": ["half a smile \ud83d"]}),
    ("local_operator", operator("contrast", True)),
    ("no_tool_for_crop", operator("crop")),
    ("unknown_operator", operator("polish")),
    ("no_operator", lambda images, row: row | {"operator": {}}),
]
GOOD = 8


def spoil_folder(root: Path) -> None:
    """Make one record of each kind in USABLE and REJECTED, one repeated record, and one file that is not JSON."""
    rows = json.loads((root / SPLIT).read_text())
    spoilers = [*USABLE.values(), *(change for _, change in REJECTED)]
    changed = [change(root / "images", row) for change, row in zip(spoilers, rows, strict=False)]
    rest = rows[len(spoilers) :]
    (root / SPLIT).write_text(json.dumps([*changed, *rest, rest[0]]))
    (root / "test_sess_1.json").write_text('[{"input": ')


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run all of data preparation once."""
    out = tmp_path_factory.mktemp("chain")
    wanted = (len(USABLE) + len(REJECTED) + GOOD) * 5 // 4  # every fifth is for validation
    spoil_folder(stand_in("gier", out / "gier", "--count", str(wanted)))
    stand_in("fivek", out / "fivek", "--count", "5", "--tiffs", "1")
    os.rename(out / "fivek/images/1_O.jpg", (out / "fivek/images") / os.fsdecode(b"1\xff.jpg"))
    chain(out)
    return out


def chain(out: Path) -> None:
    roots = {"gier": "gier", "fivek_req": "fivek", "fivek": "fivek", "folder": "fivek/images"}
    config = PrepareConfig(
        out,
        source=tuple(f"{name}={out / root}" for name, root in roots.items()),
        size=SIDE,
        pairs_per_photo=2,
        judged=4,
        judged_val=2,
        oracle=False,
    )
    annotate = partial(annotate_offline, teacher=Offline(evaluations=40), workers=1)
    prepare(config, annotate=annotate, workers=1, sheets=False, quiet=True)


def rows(path: Path) -> list[Row]:
    return list(pq.read_table(path).to_pylist())


def test_every_bad_record_is_counted_by_its_reason(out: Path) -> None:
    report = read_json(out / "pairs/report.json")
    assert report
    expected = {"duplicate_row": 1, "malformed_json": 1}
    for reason, _ in REJECTED:
        expected[reason] = expected.get(reason, 0) + 1
    gier = report["sources"]["gier"]
    assert gier["rejected"] == expected
    assert gier["rows"] == gier["items"] - sum(expected.values())
    assert set(gier["rejected_examples"]) == set(expected)


@pytest.mark.parametrize("name", USABLE)
def test_odd_but_readable_images_become_upright_rgb(out: Path, name: str) -> None:
    record = json.loads((out / "gier" / SPLIT).read_text())[list(USABLE).index(name)]
    (row,) = [row for row in rows(out / "pairs/pairs.parquet") if row["original"].find(Path(record["input"]).stem) > 0]
    original, reference = (read_image(row[key]) for key in ("original", "reference"))
    assert original.shape == reference.shape == (row["height"], row["width"], 3)
    assert row["alignment"] == "same" and max(original.shape) == SIDE


def test_a_name_that_is_not_utf_8_is_missing_in_json_only(out: Path) -> None:
    sources = (read_json(out / "pairs/report.json") or {})["sources"]
    assert sources["fivek_req"]["rejected"] == {"missing": 1}
    assert sources["folder"]["rejected"] == {}
    assert "1%FF.jpg" in {row["name"] for row in rows(out / "pairs/pairs.parquet")}


def test_single_photographs_are_used_only_by_synthesis(out: Path) -> None:
    single = [row for row in rows(out / "pairs/pairs.parquet") if not row["reference"]]
    annotated = read_json(out / "annotated/report.json") or {}
    assert single and annotated["rejected"] == {"no_reference": len(single)}
    assert {row["photo"] for row in single} <= {row["photo"] for row in read_rows(out / "synthetic/examples")}


def test_control_words_of_a_chat_template_are_rejected(out: Path) -> None:
    rejected = (read_json(out / "stage1/manifest.json") or {})["rejected"]
    assert rejected.keys() == {"reserved_words"} and rejected["reserved_words"] >= 2  # as an edit and as a summary


def test_a_group_has_one_split_in_all_tables(out: Path) -> None:
    tables = [rows(out / "pairs/pairs.parquet"), *(read_rows(out / name) for name in ("labeled", "synthetic/examples"))]
    found = {(row["group"], row["split"]) for table in tables for row in table}
    assert len({group for group, _ in found}) == len(found)
    assert {split for _, split in found} >= {"train", "val"}


def test_copies_in_two_sources_are_one_group(out: Path) -> None:
    """The same crops are in fivek, fivek_req and the folder, as TIFF in ProPhoto RGB and as JPEG."""
    sources: dict[str, set[str]] = {}
    for row in rows(out / "pairs/pairs.parquet"):
        sources.setdefault(row["group"], set()).add(row["source"])
    assert {"fivek", "fivek_req", "folder"} <= set().union(*(some for some in sources.values() if len(some) > 1))


@pytest.mark.parametrize(
    ("stage", "schema", "kinds"),
    [
        ("stage1", SFT_SCHEMA, {"iea/edit", "iea/auto", "iea/summary"}),
        ("stage2", RL_SCHEMA, {"iea/edit", "iea/auto", "iea/summary"}),
        ("stage3", SFT_SCHEMA, {"iea/edit", "iea/auto", "iea/summary", "iea/refine"}),
        ("judge", JUDGE_SCHEMA, {"iea/judge"}),
    ],
)
def test_every_stage_has_its_rows_and_their_images(out: Path, stage: str, schema: Any, kinds: set[str]) -> None:
    for split in ("train", "val"):
        table = pq.read_table(out / stage / f"{split}.parquet")
        assert table.schema.equals(schema)
        assert split != "train" or set(table.column("data_source").to_pylist()) == kinds
        for row in table.to_pylist():
            assert row["extra_info"]["split"] == split
            shown = json.dumps(row.get("prompt") or row["messages"]).count("<image>")
            assert shown == len(row.get("images", ()))
            assert all(Path(image["image"]).is_file() for image in row.get("images", ()))


@pytest.mark.parametrize("stage", ["stage1", "stage2", "stage3", "judge"])
def test_every_stage_can_be_counted_and_shown(out: Path, stage: str, tmp_path: Path) -> None:
    file = out / stage / "train.parquet"
    assert f"{pq.read_metadata(file).num_rows} rows" in command("stats", file)
    command("show", file, "--out", tmp_path / "sheet.png", "--limit", 3)
    assert read_image(tmp_path / "sheet.png").std() > 5


def test_a_repeated_run_changes_nothing(out: Path) -> None:
    before = dict(digests(out))
    chain(out)
    assert dict(digests(out)) == before


@pytest.mark.parametrize(("name", "sources"), [("gier", ["gier"]), ("fivek", ["fivek_req", "fivek"])])
def test_stand_ins_of_real_annotations_are_all_ingested(
    name: str, sources: list[str], tmp_path: Path, annotations: Path
) -> None:
    arguments = ["--annotations", str(annotations / name), "--out", str(tmp_path / name), "--count", "5"]
    done = CliRunner().invoke(stand_ins().app, [name, "--side", str(SIDE), *arguments])
    assert done.exit_code == 0, done.output
    for source in sources:
        printed = command("ingest", source, "--root", tmp_path / name, "--out", tmp_path / "pairs", "--workers", 1)
        assert "rejected" not in printed
    found = [row for row in rows(tmp_path / "pairs/pairs.parquet") if row["source"] == sources[0]]
    assert len(found) == 5 and all(row["expert"] or row["amateur"] for row in found)


def digests(out: Path) -> Iterator[tuple[bytes, str]]:
    for path in sorted(out.rglob("*")):
        if path.is_file():
            yield os.fsencode(path), hashlib.sha256(path.read_bytes()).hexdigest()
