"""Sealed parquet files: no changed bit is read as another row."""

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from iea.data_prep.files import parquet_writer, write_parquet
from iea.data_prep.runner.tables import read_rows, read_schema
from iea.data_prep.schema import EXAMPLES

FLIPS = 400
ROWS = [
    {field.name: f"{field.name} {n}" if field.type == pa.string() else n / 7 for field in EXAMPLES} for n in range(40)
]
TABLE = pa.Table.from_pylist(ROWS, schema=EXAMPLES)


def sealed(path: Path) -> Path:
    write_parquet(path, TABLE, compression="zstd")
    return path


def sealed_in_parts(path: Path) -> Path:
    with parquet_writer(path, EXAMPLES) as writer:
        for part in (TABLE[:15], TABLE[15:]):
            writer.write_table(part)
    return path


def unsealed(path: Path) -> Path:
    """Write page checksums alone, as another program may."""
    pq.write_table(TABLE, path, write_page_checksum=True, compression="none")
    return path


@pytest.mark.parametrize("write", [sealed, sealed_in_parts, unsealed])
def test_a_written_table_is_read(write: Callable[[Path], Path], tmp_path: Path) -> None:
    path = write(tmp_path / "a.parquet")
    assert read_rows(path, EXAMPLES) == ROWS
    assert pq.read_table(path).to_pylist() == ROWS, "other programs read it"
    assert read_schema(path).names == EXAMPLES.names


@pytest.mark.parametrize("write", [sealed, sealed_in_parts])
def test_a_flipped_bit_is_an_error_or_the_same_rows(write: Callable[[Path], Path], tmp_path: Path) -> None:
    whole = write(tmp_path / "whole.parquet").read_bytes()
    rng, damaged, refused = random.Random(0), tmp_path / "damaged.parquet", 0
    for place in rng.sample(range(8 * len(whole)), FLIPS):
        content = bytearray(whole)
        content[place // 8] ^= 1 << place % 8
        damaged.write_bytes(content)
        try:
            assert read_rows(damaged, EXAMPLES) == ROWS, f"bit {place} changed the rows"
        except ValueError as error:
            assert "damaged.parquet" in str(error)
            refused += 1
    assert refused > 0.95 * FLIPS


def test_a_page_that_fails_its_checksum_is_an_error_without_a_seal_too(tmp_path: Path) -> None:
    path = unsealed(tmp_path / "a.parquet")
    content = bytearray(path.read_bytes())
    content[content.index(b"task 7")] ^= 1
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"a\.parquet.*verification failed"):
        read_rows(path)


@pytest.mark.parametrize("seal", [None, b"0" * 80, b"0000000000000001" + b"a" * 64])
def test_a_copy_that_another_program_rewrote_is_read(seal: bytes | None, tmp_path: Path) -> None:
    table = pq.read_table(sealed(tmp_path / "a.parquet"))[:7].replace_schema_metadata(seal and {b"iea.seal": seal})
    pq.write_table(table, tmp_path / "b.parquet")
    assert read_rows(tmp_path / "b.parquet", EXAMPLES) == ROWS[:7]
    write_parquet(tmp_path / "c.parquet", table)
    assert read_rows(tmp_path / "c.parquet", EXAMPLES) == ROWS[:7]
    content = bytearray((tmp_path / "c.parquet").read_bytes())
    content[9] ^= 1
    (tmp_path / "c.parquet").write_bytes(content)
    with pytest.raises(ValueError, match="not those that were written"):
        read_rows(tmp_path / "c.parquet", EXAMPLES)


@pytest.mark.parametrize("kept", [0, 3, 4, 100, 0.5, 0.99, -1])
def test_a_file_that_is_cut_off_is_an_error_that_names_it(kept: float, tmp_path: Path) -> None:
    path = sealed(tmp_path / "a.parquet")
    whole = path.read_bytes()
    path.write_bytes(whole[: int(kept * len(whole)) if isinstance(kept, float) else kept])
    with pytest.raises(ValueError, match=r"a\.parquet' must be a parquet file"):
        read_rows(path)


def test_an_error_of_writing_names_the_file_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.parquet").mkdir()
    with pytest.raises(OSError, match=r"cannot write.*a\.parquet"):
        write_parquet(tmp_path / "a.parquet", TABLE)
    with pytest.raises(OSError, match=r"nowhere"):
        write_parquet(tmp_path / "nowhere" / "a.parquet", TABLE)
    assert [path.name for path in tmp_path.iterdir()] == ["a.parquet"]


@pytest.mark.parametrize("table", ["step", "mix", "results"])
def test_every_table_that_is_written_is_sealed(table: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    if table == "results":
        import pandas as pd

        from iea.recipe.evaluation.evaluate import write_results

        write_results(pd.DataFrame({"a": [1.5]}), path := tmp_path / "a.parquet")
    else:
        prepared: Any = request.getfixturevalue("prepared")
        path = prepared / {"step": "synthetic/examples/00000.parquet", "mix": "stage1/train.parquet"}[table]
    assert b"iea.seal" in pq.read_metadata(path).metadata
