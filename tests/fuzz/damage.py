"""Damage a parquet file: its bytes, the types of its columns, or its values. Every damage is drawn from one generator."""

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import pyarrow as pa
import pyarrow.parquet as pq

Damage: TypeAlias = Callable[[pa.Table, Path, random.Random], None]
"""(a good table, the file to write, the generator of all draws)."""

TEXTS = (
    "",
    " ",
    "\0",
    "a|b\n$x_{$",
    "<image>",
    "</think>",
    "é新🎞️\u202e\u200b",
    "{",
    "null",
    '{"exposure": 20}',
    '{"a": 1}',
    "[" * 2000,
)
NUMBERS = (0.0, -1.0, 1e308, -1e308, float("nan"), float("inf"), 5e-324)
INTEGERS = (0, -1, 1, 2**63 - 1, -(2**63), 10**9)
ODD: tuple[Any, ...] = (
    True,
    3,
    2.5,
    b"\xff\0",
    [],
    ["a"],
    [None],
    [[1]],
    {"a": 1},
    {"role": "user", "content": None},
    [{"bytes": b"x"}],
)


def _write(table: pa.Table, path: Path) -> None:
    pq.write_table(table, path)


def flip_bits(table: pa.Table, path: Path, rng: random.Random) -> None:
    _write(table, path)
    content = bytearray(path.read_bytes())
    for _ in range(rng.choice((1, 1, 1, 8))):
        content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
    path.write_bytes(content)


def flip_footer(table: pa.Table, path: Path, rng: random.Random) -> None:
    """Flip a bit of the metadata, which no checksum of a page covers."""
    _write(table, path)
    content = bytearray(path.read_bytes())
    length = int.from_bytes(content[-8:-4], "little")
    content[len(content) - 8 - rng.randrange(1, length)] ^= 1 << rng.randrange(8)
    path.write_bytes(content)


def cut_off(table: pa.Table, path: Path, rng: random.Random) -> None:
    _write(table, path)
    content = path.read_bytes()
    path.write_bytes(content[: rng.randrange(len(content))])


def not_parquet(table: pa.Table, path: Path, rng: random.Random) -> None:
    path.write_bytes(rng.choice((b"", b"PAR1", b"PAR1" * 4, b"a,b\n1,2\n", rng.randbytes(500))))


def folder(table: pa.Table, path: Path, rng: random.Random) -> None:
    path.mkdir()
    content = rng.choice(('{"shards": 1}', '{"shards": "a"}', '{"shards": 0}', "[]", "{"))
    (path / "report.json").write_text(content)
    (path / "00000.parquet").write_bytes(rng.choice((b"", b"PAR1")))


def drop_columns(table: pa.Table, path: Path, rng: random.Random) -> None:
    _write(table.drop_columns(rng.sample(table.column_names, rng.randrange(1, len(table.column_names)))), path)


def rename_column(table: pa.Table, path: Path, rng: random.Random) -> None:
    names = list(table.column_names)
    names[rng.randrange(len(names))] = rng.choice([*names, "other", ""])
    _write(table.rename_columns(names), path)


def retype_column(table: pa.Table, path: Path, rng: random.Random) -> None:
    place = rng.randrange(table.num_columns)
    values = pa.array([rng.choice(ODD)] * len(table))
    _write(table.set_column(place, table.column_names[place], values), path)


def no_rows(table: pa.Table, path: Path, rng: random.Random) -> None:
    _write(table[:0], path)


def null_columns(table: pa.Table, path: Path, rng: random.Random) -> None:
    for name in rng.sample(table.column_names, rng.randrange(1, 3)):
        kind = rng.choice((pa.null(), table.schema.field(name).type))
        table = table.set_column(table.column_names.index(name), name, pa.nulls(len(table), kind))
    _write(table, path)


def repeat_rows(table: pa.Table, path: Path, rng: random.Random) -> None:
    _write(pa.concat_tables([table] * rng.randrange(2, 5)), path)


def change_values(table: pa.Table, path: Path, rng: random.Random) -> None:
    """Set some values, at any depth, to others of their types, or to null."""
    rows = table.to_pylist()
    for _ in range(rng.randrange(1, 4)):
        row, name = rng.choice(rows), rng.choice(table.column_names)
        row[name] = _changed(row[name], rng)
    _write(pa.Table.from_pylist(rows, schema=table.schema), path)


def _changed(value: Any, rng: random.Random) -> Any:
    if rng.random() < 0.3:
        return None
    if isinstance(value, dict) and value:
        name = rng.choice(list(value))
        return value | {name: _changed(value[name], rng)}
    if isinstance(value, list) and value:
        place = rng.randrange(len(value))
        return rng.choice(([], [*value[:place], _changed(value[place], rng), *value[place + 1 :]], value * 3))
    if isinstance(value, str):
        return rng.choice(TEXTS)
    if isinstance(value, int | float):
        return rng.choice(INTEGERS if isinstance(value, int) else NUMBERS)
    return value


DAMAGES: tuple[Damage, ...] = (
    *(flip_bits, flip_footer, cut_off, not_parquet, folder, drop_columns, rename_column, retype_column, no_rows),
    *(null_columns, repeat_rows, change_values, change_values, change_values),
)
