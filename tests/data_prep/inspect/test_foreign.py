"""Parquet files of other projects, in the layouts of their documentation: shown as far as possible, never an exception."""

import base64
import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from iea.data_prep.inspect.row_view import OTHER, row_views
from iea.data_prep.inspect.show import show
from iea.data_prep.schema import table_name
from iea.editor.io import read_image

KEYS = ("prompt", "images", "messages", "prediction", "previous_program", "label", "teacher", "operators", "original")
Layout = tuple[list[dict[str, Any]], dict[str, Any]]
"""Rows, and the expected fields of the first view."""

buffer = io.BytesIO()
Image.fromarray(np.full((20, 30, 3), (200, 80, 40), np.uint8)).save(buffer, "PNG")
PNG = buffer.getvalue()
PROMPT = [{"role": "user", "content": "<image>Find x."}]
SAID = [{"role": "user", "content": "<image>Find x."}, {"role": "assistant", "content": "3"}]
SHARE = [{"from": "human", "value": "<image>Find x."}, {"from": "gpt", "value": "3"}]
PARTS = [{"type": "image", "text": None}, {"type": "text", "text": "Find x."}]
NESTED = [{"role": "user", "content": PARTS}, {"role": "assistant", "content": [{"type": "text", "text": "3"}]}]
RULE = {"style": "rule", "ground_truth": "3"}
ASKED = {"request": "Find x.", "answer": "3"}

LAYOUTS: dict[str, Layout] = {
    "geo3k of verl": (
        [
            {
                "data_source": "hiyouga/geometry3k",
                "prompt": PROMPT,
                "images": [{"bytes": PNG, "path": None}],
                "reward_model": RULE,
                "extra_info": {"split": "test", "index": 0, "answer": "3", "question": "Find x."},
            }
        ],
        ASKED | {"original": PNG, "kind": "hiyouga/geometry3k", "split": "test"},
    ),
    "geo3k of Hugging Face": (
        [{"images": [{"bytes": PNG, "path": "0.png"}], "problem": "<image>Find x.", "answer": "3"}],
        ASKED | {"original": PNG},
    ),
    "LLaMA-Factory, messages": ([{"messages": SAID, "images": ["/a/0.png"]}], ASKED | {"original": "/a/0.png"}),
    "LLaMA-Factory, messages without images": ([{"messages": SAID}], ASKED),
    "LLaMA-Factory, conversations": (
        [{"conversations": SHARE, "images": ["/a/0.png"]}],
        ASKED | {"original": "/a/0.png"},
    ),
    "messages with parts": ([{"messages": NESTED, "images": [{"bytes": PNG}]}], ASKED | {"original": PNG}),
    "messages as JSON": ([{"messages": json.dumps(SAID), "images": json.dumps(["/a/0.png"])}], ASKED),
    "RL without extra_info": ([{"prompt": PROMPT, "reward_model": RULE, "images": None}], ASKED),
    "RL with a text for extra_info": ([{"prompt": PROMPT, "reward_model": RULE, "extra_info": "none"}], ASKED),
    "RL with a bare prompt": ([{"prompt": "Find x.", "answer": "3", "image": {"bytes": PNG, "path": None}}], ASKED),
    "preferences": ([{"prompt": "Find x.", "chosen": "3", "rejected": "4"}], ASKED),
    "one image, no words": ([{"image": {"bytes": PNG, "path": "0.png"}}], {"original": PNG, "request": ""}),
    "an image within the messages": (
        [{"messages": [{"role": "user", "content": [{"type": "image", "image": "/a/0.png", "text": "Find x."}]}]}],
        {"original": "/a/0.png", "request": "Find x."},
    ),
    "an image in a URL": (
        [{"messages": SAID, "images": [f"data:image/png;base64,{base64.b64encode(PNG).decode()}"]}],
        ASKED,
    ),
    "a class of each image": ([{"image": {"bytes": PNG, "path": "0.png"}, "label": 3}], {"original": PNG}),
    "a class of each image, in words": (
        [{"image": {"bytes": PNG, "path": "0.png"}, "label": "cat"}],
        {"original": PNG},
    ),
    "a prediction of each image": ([{"image": {"bytes": PNG, "path": "0.png"}, "prediction": 0.5}], {"original": PNG}),
    "operators of each image": ([{"image": {"bytes": PNG, "path": "0.png"}, "operators": "crop"}], {"original": PNG}),
    "nulls": ([{"messages": None, "images": None, "extra_info": None}], {"request": "", "answer": ""}),
    "empty lists": ([{"messages": [], "images": [], "prompt": []}], {"request": "", "original": ""}),
    "damaged bytes": ([{"prompt": "Find x.", "images": [{"bytes": b"no image"}]}], {"original": b"no image"}),
    "numbers": ([{"prompt": 3, "answer": 4.5, "images": [1, 2]}], {"request": "3", "answer": "4.5"}),
    "markup in the names": ([{"prompt": "a $b_ | c\n$", "data_source": "x|$y_{$"}], {"kind": "x|$y_{$"}),
}


@pytest.fixture(params=LAYOUTS)
def layout(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, dict[str, Any]]:
    rows, expected = LAYOUTS[request.param]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "other.parquet")
    return tmp_path / "other.parquet", expected


def test_a_row_of_another_project_is_viewed_as_far_as_possible(layout: tuple[Path, dict[str, Any]]) -> None:
    path, expected = layout
    _, rows = row_views(path)
    (row,) = rows
    assert {field: getattr(row, field) for field in expected} == expected


@pytest.mark.parametrize("kind", [pa.int64(), pa.list_(pa.int64()), pa.struct([("bytes", pa.binary())]), pa.binary()])
def test_columns_of_the_names_of_ours_but_of_other_types_are_no_table_of_ours(
    kind: pa.DataType, tmp_path: Path
) -> None:
    schema = pa.schema([(name, kind) for name in KEYS])
    with pytest.raises(ValueError, match=f"the column 'label' must be string, got {re.escape(str(kind))}"):
        table_name(schema)
    pq.write_table(schema.empty_table(), tmp_path / "other.parquet")
    assert row_views(tmp_path / "other.parquet")[0] == OTHER


def test_the_commands_print_and_draw_it(
    layout: tuple[Path, dict[str, Any]], iea: Callable[..., Any], tmp_path: Path
) -> None:
    path, _ = layout
    for arguments in (("stats", path), ("show", path, "--out", tmp_path / "sheet.png")):
        result = iea("data", *arguments)
        assert result.exit_code == 0, (result.output, result.exception)
    assert (tmp_path / "sheet.png").is_file()


@pytest.mark.parametrize("image", [PNG, f"data:image/png;base64,{base64.b64encode(PNG).decode()}", "0.png"])
def test_images_of_other_projects_are_drawn(image: str | bytes, tmp_path: Path) -> None:
    (tmp_path / "0.png").write_bytes(PNG)
    pq.write_table(pa.Table.from_pylist([{"messages": SAID, "images": [image]}]), tmp_path / "other.parquet")
    show(tmp_path / "other.parquet", tmp_path / "sheet.png")
    assert (read_image(tmp_path / "sheet.png") == (200, 80, 40)).all(axis=2).sum() > 10_000


def test_labels_of_a_plot_are_not_read_as_formulas(iea: Callable[..., Any], tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="needs the photos extra")
    pq.write_table(pa.Table.from_pylist(LAYOUTS["markup in the names"][0]), tmp_path / "other.parquet")
    result = iea("data", "stats", tmp_path / "other.parquet", "--out", tmp_path / "out")
    assert result.exit_code == 0, (result.output, result.exception)


DATE = pa.array([2**62], pa.timestamp("us"))


@pytest.mark.parametrize("columns", [{"a": [1]}, {"text": ["only words"]}, {}, {"prompt": ["Find x."], "at": DATE}])
def test_a_file_that_cannot_be_shown_is_one_line(
    columns: dict[str, Any], iea: Callable[..., Any], tmp_path: Path
) -> None:
    pq.write_table(pa.table(columns), tmp_path / "other.parquet")
    result = iea("data", "stats", tmp_path / "other.parquet")
    assert result.exit_code == 1 and "other.parquet" in result.output and isinstance(result.exception, SystemExit)


def test_a_sheet_is_not_drawn_over_its_table(iea: Callable[..., Any], tmp_path: Path) -> None:
    path = tmp_path / "other.parquet"
    pq.write_table(pa.Table.from_pylist(LAYOUTS["preferences"][0]), path)
    (tmp_path / "link.parquet").symlink_to(path)
    for out in (path, tmp_path / "link.parquet", tmp_path / "." / "other.parquet"):
        before = path.read_bytes()
        result = iea("data", "show", path, "--out", out)
        assert result.exit_code == 1 and "must be another file" in result.output
        assert path.read_bytes() == before
