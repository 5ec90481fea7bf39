"""Types, nulls and values of tables on reading, in every step that reads one."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from iea.data_prep.check import check_row, read_checked
from iea.data_prep.column_types import misfit
from iea.data_prep.runner import RejectedError, read_rows
from iea.data_prep.schema import ANNOTATED, EXAMPLES, JUDGED, LABELED, PAIRS, TABLES

Row = dict[str, Any]
NAN = float("nan")


def blank(schema: pa.Schema, **known: Any) -> Row:
    """Return a row in which everything is missing but what is known."""
    empty = {pa.string(): "", pa.int64(): 0, pa.float64(): 0.0}
    return {field.name: empty.get(field.type, []) for field in schema} | known


def write(path: Path, rows: list[Row], schema: pa.Schema) -> Path:
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), path)
    return path


@pytest.mark.parametrize("table", ["PAIRS", "ANNOTATED", "LABELED", "EXAMPLES", "JUDGED"])
def test_a_blank_row_of_every_table_passes(table: str) -> None:
    check_row(blank(TABLES[table]), table)


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        *(({name: None}, "missing_value") for name in LABELED.names),
        *(({field.name: [None]}, "missing_value") for field in LABELED if pa.types.is_list(field.type)),
        *(({field.name: NAN}, "bad_value") for field in LABELED if field.type == pa.float64()),
        *(({field.name: float("inf")}, "bad_value") for field in LABELED if field.type == pa.float64()),
        *(({field.name: "bright"}, "bad_value") for field in LABELED if pa.types.is_list(field.type)),
        ({"split": "dev"}, "unknown_split"),
        ({"d_before": 1.5}, "bad_value"),
        ({"r_like": -2.0}, "bad_value"),
        ({"weight": -1.0}, "bad_value"),
        ({"weight": 1e9}, "bad_value"),
        ({"evaluations": -1}, "bad_value"),
        ({"width": True}, "bad_value"),
    ],
)
def test_nulls_and_values_outside_a_columns_range_are_rejected_by_name(changed: Row, reason: str) -> None:
    (column,) = changed
    with pytest.raises(RejectedError) as rejected:
        check_row(blank(LABELED, name="a/b") | changed, "LABELED")
    assert rejected.value.reason == reason
    assert column in rejected.value.text and ("a/b" in rejected.value.text or column == "name")


@pytest.mark.parametrize(
    ("column", "kind"),
    [
        ("expert", pa.string()),
        ("expert", pa.list_(pa.int64())),
        ("expert", pa.struct([("a", pa.string())])),
        ("name", pa.list_(pa.string())),
        ("name", pa.binary()),
        ("width", pa.float64()),
        ("width", pa.string()),
        ("weight", pa.string()),
        ("weight", pa.bool_()),
        ("d_before", pa.timestamp("us")),
    ],
)
def test_a_column_of_another_type_is_named(column: str, kind: pa.DataType) -> None:
    found = PAIRS.set(PAIRS.get_field_index(column), pa.field(column, kind))
    assert f"the column {column!r} must be" in str(misfit(found, PAIRS))


@pytest.mark.parametrize(
    ("column", "kind"),
    [
        ("expert", pa.large_list(pa.large_string())),
        ("expert", pa.list_(pa.null())),
        ("name", pa.string_view()),
        ("name", pa.dictionary(pa.int32(), pa.string())),
        ("width", pa.int8()),
        ("weight", pa.float32()),
        ("weight", pa.int64()),
        ("license", pa.null()),
    ],
)
def test_other_layouts_of_a_type_are_read(column: str, kind: pa.DataType, tmp_path: Path) -> None:
    found = PAIRS.set(PAIRS.get_field_index(column), pa.field(column, kind))
    assert misfit(found, PAIRS) is None
    row = blank(PAIRS) | ({"license": None} if column == "license" else {})
    pq.write_table(pa.Table.from_pylist([row], schema=found), tmp_path / "a.parquet")
    assert read_rows(tmp_path / "a.parquet", PAIRS) == [row]


def test_a_field_of_a_struct_is_named_by_its_place() -> None:
    wanted = TABLES["EVALUATED"]
    without = pa.struct([field for field in wanted.field("extra_info").type if field.name != "kind"])
    found = wanted.set(wanted.get_field_index("extra_info"), pa.field("extra_info", without))
    assert misfit(found, wanted) == "it must have the column 'extra_info.kind'"
    prompt = pa.field("prompt", pa.list_(pa.struct([("role", pa.string()), ("content", pa.list_(pa.string()))])))
    assert "'prompt.content' must be string" in str(misfit(wanted.set(1, prompt), wanted))


@pytest.mark.parametrize("kept", [[], ["name"], PAIRS.names[1:]])
def test_a_table_without_a_column_is_an_error_that_names_both(kept: list[str], tmp_path: Path) -> None:
    pq.write_table(pa.Table.from_pylist([blank(PAIRS)], schema=PAIRS).select(kept), tmp_path / "a.parquet")
    with pytest.raises(ValueError, match=r"a\.parquet' .*must have the column 'source'"):
        read_rows(tmp_path / "a.parquet", PAIRS)


def test_a_file_of_which_every_row_must_be_usable_names_the_first_that_is_not(tmp_path: Path) -> None:
    good = blank(JUDGED, name="good", reference="a", prediction="b", split="train")
    path = write(tmp_path / "a.parquet", [good, good | {"name": "odd", "score": 11}], JUDGED)
    with pytest.raises(ValueError, match=r"a\.parquet' must hold usable rows: row 1, 'odd': score: .* got 11"):
        read_checked(path, "JUDGED")
    with pytest.raises(ValueError, match="must hold rows of JUDGED, got none"):
        read_checked(write(path, [], JUDGED), "JUDGED")


FAULTS: dict[str, Row] = {"nulls": {"expert": [None]}, "not a number": {"weight": NAN}, "null": {"operators": None}}
"""Rows that a step must count as rejected, and go on."""


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("step", ["annotate", "label", "synthesize", "mix"])
def test_every_step_counts_a_faulty_row_and_goes_on(
    iea: Callable[..., Any], example_rows: list[Row], step: str, fault: str, tmp_path: Path
) -> None:
    kept = {name: example_rows[0][name] for name in PAIRS.names if name in example_rows[0]}
    rows = [
        blank(LABELED, **kept, source="a", weight=1.0, label='{"exposure": 45}', expert=["Lift it."])
        | {"name": name, "split": split, "group": ""}
        for name, split in (("good", "train"), ("held out", "val"), ("faulty", "train"))
    ]
    rows[2] |= FAULTS[fault]
    schema = {"annotate": PAIRS, "synthesize": PAIRS, "label": ANNOTATED, "mix": LABELED}[step]
    table = write(tmp_path / "table.parquet", [{name: row[name] for name in schema.names} for row in rows], schema)
    options = {
        "annotate": ["annotate", "--pairs", table, "--workers", 1],
        "label": ["label", "--annotated", table, "--workers", 1, "--no-oracle", "--side", 32],
        "synthesize": ["synthesize", "--pairs", table, "--size", 28, "--judged", 1, "--judged-val", 1, "--workers", 1],
        "mix": ["mix", "stage1", "--table", table],
    }[step]
    result = iea("data", *options, "--out", tmp_path / "out")
    assert result.exit_code == 0, result.output
    reason = "bad_value" if fault == "not a number" else "missing_value"
    assert any("rejected" in line and reason in line for line in result.output.splitlines()), result.output


@pytest.mark.parametrize("schema", [EXAMPLES, JUDGED, PAIRS], ids=["EXAMPLES", "JUDGED", "PAIRS"])
@pytest.mark.parametrize(
    "command",
    [
        ("annotate", "--pairs"),
        ("label", "--annotated"),
        ("synthesize", "--pairs"),
        ("mix", "stage1", "--table"),
        ("compare-methods", "--data"),
    ],
    ids=lambda command: command[0],
)
def test_a_text_where_a_list_or_a_number_is_wanted_is_one_line(
    iea: Callable[..., Any], command: tuple[str, ...], schema: pa.Schema, tmp_path: Path
) -> None:
    texts = pa.table({name: ["bright"] for name in schema.names})
    pq.write_table(texts, tmp_path / "texts.parquet")
    result = iea("data", *command, tmp_path / "texts.parquet", "--out", tmp_path / "out")
    assert result.exit_code == 1 and isinstance(result.exception, SystemExit), result.exception
    assert "texts.parquet" in result.output and "error: " in result.output
