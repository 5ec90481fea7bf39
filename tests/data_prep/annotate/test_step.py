"""The command with the offline teacher: PAIRS in, ANNOTATED out, the same bytes again; bad pairs are rejected."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from iea.data_prep.annotate.step import read_pairs
from iea.data_prep.runner import Step, read_rows, run
from iea.data_prep.schema import ANNOTATED, PAIRS
from iea.editor import Program, render
from iea.editor.io import read_image, write_image


def pair_row(name: str, original: Path, reference: Path | str, **known: Any) -> dict[str, Any]:
    empty = {pa.string(): "", pa.int64(): 0, pa.float64(): 0.0}
    row = {field.name: empty.get(field.type, []) for field in PAIRS}
    return row | {"source": "test", "name": name, "original": str(original), "reference": str(reference)} | known


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory, make_photo: Callable[..., Any]) -> list[dict[str, Any]]:
    """Three pairs to annotate, and five that are rejected."""
    folder = tmp_path_factory.mktemp("pairs")
    made = []
    for seed in range(3):
        original, reference = folder / f"{seed}.png", folder / f"{seed}_after.png"
        make_photo(original, seed)
        write_image(reference, render(read_image(original), {"exposure": 40, "tint": -30}))
        made.append(pair_row(str(seed), original, reference, expert=["lift it"], operators=["exposure"]))
    made[2]["program"] = '{"exposure": 40, "tint": -30}'
    (folder / "broken.png").write_bytes(b"no image")
    return [
        made[0],
        pair_row("single", folder / "0.png", ""),
        made[1],
        pair_row("broken", folder / "0.png", folder / "broken.png"),
        pair_row("gone", folder / "gone.png", folder / "0.png"),
        pair_row("odd", folder / "0.png", folder / "0_after.png", operators=["dehaze"]),
        pair_row("untrue", folder / "0.png", folder / "0_after.png", program='{"dehaze": 3}'),
        made[2],
    ]


@pytest.fixture
def pairs(rows: list[dict[str, Any]], tmp_path: Path) -> Path:
    path = tmp_path / "pairs.parquet"
    pq.write_table(pa.Table.from_pylist(rows, schema=PAIRS), path)
    return path


@pytest.fixture
def annotate(iea: Callable[..., Any]) -> Callable[..., Any]:
    """annotate(pairs, out, *options): run the command."""
    fixed = ("data", "annotate", "--workers", "1")
    return lambda pairs, out, *more: iea(*fixed, "--pairs", pairs, "--out", out, *more)


def digests(out: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(out.iterdir())}


def test_every_pair_is_annotated_or_rejected_by_name(annotate, pairs, rows, tmp_path):
    result = annotate(pairs, tmp_path / "out")
    assert result.exit_code == 0, result.output
    assert pq.read_schema(tmp_path / "out/00000.parquet").remove_metadata().equals(ANNOTATED)
    annotated = read_rows(tmp_path / "out")
    assert [row["name"] for row in annotated] == ["0", "1", "2"]
    for row in annotated:
        given = next(one for one in rows if one["name"] == row["name"])
        assert {name: row[name] for name in PAIRS.names} == given
        assert row["teacher"] == "offline" and row["reasoning"]
        assert Program.from_json(row["start"])
        assert row["summaries_expert"] and row["summaries_amateur"]
    report = json.loads((tmp_path / "out/report.json").read_text())
    assert report["rejected"] == {"no_reference": 1, "unknown_tool": 2, "unreadable": 2}
    assert "rejected unreadable: 2" in result.output and "3 of 8 pairs" in result.output


def test_without_noise_the_program_found_is_the_start(annotate, pairs, tmp_path):
    assert annotate(pairs, tmp_path / "out", "--noise", "0").exit_code == 0
    for row in read_rows(tmp_path / "out"):
        assert Program.from_json(row["start"])["exposure"] > 20


def test_the_bytes_are_the_same_in_every_folder(annotate, pairs, tmp_path):
    for name in ("a", "a", "b"):
        assert annotate(pairs, tmp_path / name).exit_code == 0
    assert digests(tmp_path / "a") == digests(tmp_path / "b")


def test_other_settings_are_not_mixed_into_a_finished_folder(annotate, pairs, tmp_path):
    assert annotate(pairs, tmp_path / "out").exit_code == 0
    before = digests(tmp_path / "out")
    result = annotate(pairs, tmp_path / "out", "--seed", "1")
    assert result.exit_code == 1 and "choose a new folder" in result.output
    assert digests(tmp_path / "out") == before


def test_pairs_are_read_from_a_folder_of_shards_too(pairs, rows, tmp_path):
    run(Step("ingest", PAIRS, lambda item: [item], {}), rows, tmp_path / "folder", workers=1, quiet=True)
    assert read_pairs(tmp_path / "folder") == read_pairs(pairs) == rows


@pytest.mark.parametrize(
    "table, fault",
    [
        (lambda rows: pa.table({"name": ["x"]}), "columns of PAIRS"),
        (lambda rows: pa.Table.from_pylist([rows[0], rows[0]], schema=PAIRS), "its own name"),
    ],
)
def test_another_table_is_an_error_with_its_reason(annotate, table, fault, rows, tmp_path):
    path = tmp_path / "pairs.parquet"
    pq.write_table(table(rows), path)
    result = annotate(path, tmp_path / "out")
    assert result.exit_code == 1 and fault in result.output
    path.write_bytes(b"no parquet")
    for wrong in (path, tmp_path / "nowhere.parquet"):
        result = annotate(wrong, tmp_path / "out")
        assert result.exit_code == 1 and "must be a parquet file" in result.output


@pytest.mark.parametrize(
    "options, fault",
    [
        (["--noise", "2"], "noise in [0, 1]"),
        (["--url", "http://127.0.0.1:9/v1"], "model must be given"),
        (["--url", "http://127.0.0.1:9/v1", "--model", "m", "--form", "xml"], "json_schema"),
        (["--url", "http://127.0.0.1:9/v1", "--model", "m", "--budget", "5"], "prices"),
    ],
)
def test_invalid_settings_are_errors(annotate, options, fault, pairs, tmp_path):
    result = annotate(pairs, tmp_path / "out", *options)
    assert result.exit_code == 1 and fault in result.output and not (tmp_path / "out").exists()
