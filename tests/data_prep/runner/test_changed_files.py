"""A shard is made again if a file that its items read or wrote has changed."""

import os
from pathlib import Path

import pyarrow as pa
import pytest

from iea.data_prep.runner import Item, RejectedError, Report, Row, Step, read_rows, run


def copying(item: Item) -> list[Row]:
    """Copy the file `from` to the file `to`; its number of bytes is the row's `n`."""
    try:
        data = Path(item["from"]).read_bytes()
    except FileNotFoundError as error:
        raise RejectedError("missing", str(error)) from error
    if data == b"broken":
        raise RejectedError("broken_image", item["from"])
    Path(item["to"]).write_bytes(data)
    return [{"n": len(data), "to": item["to"]}]


@pytest.mark.parametrize("change", ["appears", "replaced", "repaired", "touched", "output deleted", "output cut off"])
def test_a_changed_file_makes_its_shard_again(change: str, tmp_path: Path) -> None:
    schema = pa.schema([("n", pa.int64()), ("to", pa.string())])
    copy_files = Step("copy", schema, copying, {}, reads=("from",), writes=("to",))
    items = [{"from": str(tmp_path / f"{n}.in"), "to": str(tmp_path / f"{n}.copy")} for n in range(4)]
    for item in items:
        Path(item["from"]).write_bytes(b"abc")
    source, copy = Path(items[2]["from"]), Path(items[2]["to"])
    if change == "appears":
        source.unlink()
    if change == "repaired":
        source.write_bytes(b"broken")

    def again() -> Report:
        return run(copy_files, items, tmp_path / "out", workers=1, shard_items=2, quiet=True)

    assert sum(again().rejected.values()) == (change in ("appears", "repaired"))
    assert again().reused_shards == 2
    if change.startswith("output"):
        copy.unlink()
        copy.write_bytes(b"a" * change.endswith("cut off"))
    elif change == "touched":
        os.utime(source, ns=(1, 1))
    else:
        source.write_bytes(b"four")
    report = again()
    assert (report.rows, report.reused_shards, report.rejected) == (4, 1, {})
    assert copy.read_bytes() == source.read_bytes()
    assert [row["n"] for row in read_rows(tmp_path / "out")] == [3, 3, len(source.read_bytes()), 3]
