"""Check the rows of a table: types, nulls and values, by the table's schema and the meaning of its columns."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias

import pyarrow as pa
from pydantic import ConfigDict, Field, TypeAdapter, ValidationError
from typing_extensions import TypedDict  # pydantic refuses typing's before Python 3.12

from iea.data_prep.runner.shard import RejectedError
from iea.data_prep.runner.tables import arrow_batches
from iea.data_prep.schema import TABLES
from iea.reward_fns.judge.prompt import HIGHEST, LOWEST

if TYPE_CHECKING:
    import pandas as pd

SHOWN = 60  # characters of a value in a message

_Share: TypeAlias = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
_Gain: TypeAlias = Annotated[float, Field(ge=-1, le=1, allow_inf_nan=False)]
_Count: TypeAlias = Annotated[int, Field(ge=0)]

VALUES: Mapping[str, Any] = {
    "split": Literal["train", "val", "test", ""],
    "width": _Count,
    "height": _Count,
    "d_before": _Share,
    "weight": Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)],
    "r_like": _Gain,
    "r_use": _Gain,
    "oracle_r_like": _Gain,
    "evaluations": _Count,
    "score": Annotated[int, Field(ge=LOWEST, le=HIGHEST)],
}
"""Column of any table -> its values; "" and 0 also mark a missing one. The others hold any text, integer or finite number."""

CONVERSATIONS = ("prompt", "messages")
"""Columns that must hold at least one message."""

REASONS: Mapping[str, str] = {"split": "unknown_split", "score": "bad_score"}
"""Column -> the reason for a wrong value; that of every other column is bad_value."""


def check_row(row: Mapping[str, Any], table: str) -> None:
    """Check that a row has every column of a table of `schema.TABLES`, none of them null, each with a value it may have.

    Raises
    ------
    RejectedError : missing_value, unknown_split, bad_score, bad_value; the text names the row and the column
    """
    try:
        _adapter(table).validate_python(row)
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        place = ".".join(map(str, fault["loc"]))
        name = ascii(row.get("name"))
        if fault["input"] is None or fault["type"] == "missing":
            raise RejectedError("missing_value", f"{name}: {place} must not be null") from None
        reason = REASONS.get(place, "bad_value")
        shown = ascii(fault["input"])[:SHOWN]
        raise RejectedError(reason, f"{name}: {place}: {fault['msg']}, got {shown}") from None


def read_checked(path: Path, table: str) -> "pd.DataFrame":
    """Read a file all of whose rows must be usable, with its other columns.

    Parameters
    ----------
    table : key of `schema.TABLES`

    Raises
    ------
    ValueError : the file is another table, or has no rows; or a row is not usable, the first is named
    """
    wanted = TABLES[table]
    batches = list(arrow_batches(path, wanted, others=True))
    if not any(map(len, batches)):
        raise ValueError(f"{str(path)!r} must hold rows of {table}, got none")
    rows = (row for batch in batches for row in batch.select(wanted.names).to_pylist())
    for number, row in enumerate(rows):
        try:
            check_row(row, table)
        except RejectedError as error:
            raise ValueError(f"{str(path)!r} must hold usable rows: row {number}, {error.text}") from None
    frame: pd.DataFrame = pa.concat_tables(batches).to_pandas()
    return frame


@cache
def _adapter(table: str) -> TypeAdapter[Any]:
    return TypeAdapter(_struct(TABLES[table]))


def _struct(fields: Any) -> Any:
    made = TypedDict("Row", {field.name: _column(field) for field in fields})  # type: ignore[misc]
    made.__pydantic_config__ = ConfigDict(strict=True, extra="ignore")  # type: ignore[attr-defined]
    return made


def _column(field: pa.Field) -> Any:
    found = VALUES.get(field.name) or _python(field.type)
    return Annotated[found, Field(min_length=1)] if field.name in CONVERSATIONS else found


def _python(kind: pa.DataType) -> Any:
    """Return the Python type of the values of an Arrow type."""
    if pa.types.is_list(kind):
        return list[_python(kind.value_type)]  # type: ignore[misc]
    if pa.types.is_struct(kind):
        return _struct(kind)
    if pa.types.is_integer(kind):
        return int
    return Annotated[float, Field(allow_inf_nan=False)] if pa.types.is_floating(kind) else str
