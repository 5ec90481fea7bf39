"""Files and plug-ins of an evaluation: rows and answers are checked before they are scored."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from iea.data_prep.label.method import Method, search
from iea.editor import Program
from iea.editor.io import write_image
from iea.editor.plugins import PluginError
from iea.recipe.evaluation.evaluate import evaluate, read_results, write_results
from iea.recipe.evaluation.metrics import METRICS, measured
from iea.recipe.evaluation.metrics.metric import Metric
from iea.recipe.evaluation.results import RunResults
from iea.recipe.evaluation.systems import SYSTEMS, Settings, System
from iea.recipe.evaluation.tables.table import Table
from iea.reward_fns import score_text
from iea.reward_fns.result import check_score
from iea.reward_fns.terms import TERMS

TRUE = SYSTEMS["true_programs"]


@pytest.fixture
def row(tmp_path: Path) -> dict[str, Any]:
    """Return a good row of RL."""
    rng = np.random.default_rng(0)
    paths = {name: str(tmp_path / f"{name}.png") for name in ("original", "reference")}
    for path in paths.values():
        write_image(path, rng.integers(60, 190, (24, 24, 3), dtype=np.uint8))
    info = {"index": 0, "name": "a", "photo": "p", "kind": "edit", "program": '{"exposure": 20}'} | paths
    prompt = [{"role": "user", "content": "<image>better"}]
    return {"data_source": "iea/edit", "prompt": prompt, "extra_info": info}


def write(path: Path, *rows: dict[str, Any]) -> Path:
    pq.write_table(pa.Table.from_pylist(list(rows)), path)
    return path


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"extra_info": None}, "row 1.*extra_info must not be null"),
        ({"prompt": None}, "prompt must not be null"),
        ({"prompt": []}, "prompt: List should have at least 1 item"),
        ({"prompt": [{"role": "user", "content": None}]}, "prompt.0.content must not be null"),
        ({"data_source": None}, "data_source must not be null"),
        *(({"info": {name: None}}, f"extra_info.{name} must not be null") for name in ("index", "program", "kind")),
        ({"info": {"original": "/gone.png"}}, "1 of 3 do not, such as '/gone.png'"),
    ],
)
def test_a_row_that_cannot_be_scored_is_named(
    row: dict[str, Any], changed: dict[str, Any], message: str, tmp_path: Path
) -> None:
    changed = dict(changed)
    info = row["extra_info"] | changed.pop("info", {})
    path = write(tmp_path / "val.parquet", row, row | {"extra_info": info} | changed)
    with pytest.raises(ValueError, match=message) as error:
        evaluate(TRUE, path, Settings())
    assert "val.parquet" in str(error.value)


@pytest.mark.parametrize("command", [("evaluate", "true_programs"), ("data", "compare-methods")])
@pytest.mark.parametrize("content", ["no rows", "other columns", "texts", "not parquet"])
def test_a_file_without_rows_of_rl_is_one_line_and_not_success(
    iea: Callable[..., Any], row: dict[str, Any], command: tuple[str, ...], content: str, tmp_path: Path
) -> None:
    path = tmp_path / "val.parquet"
    tables = {
        "no rows": pa.Table.from_pylist([row])[:0],
        "other columns": pa.table({"a": [1]}),
        "texts": pa.table({name: ["a"] for name in row}),
    }
    if content == "not parquet":
        path.write_text("a,b")
    else:
        pq.write_table(tables[content], path)
    result = iea(*command, "--data", path, "--out", tmp_path / "out")
    assert result.exit_code == 1 and isinstance(result.exception, SystemExit), result.exception
    assert result.output.startswith("error: ") and "val.parquet" in result.output and result.output.count("\n") == 1


@pytest.mark.parametrize("answers", [None, 3, "one text", [None], [3], ["a", "b"], []])
def test_a_system_that_does_not_answer_every_row_with_a_text_is_named(
    row: dict[str, Any], answers: Any, tmp_path: Path
) -> None:
    with pytest.raises(PluginError, match="the system mine must"):
        evaluate(System("mine", lambda rows, settings: answers), write(tmp_path / "val.parquet", row), Settings())


def test_other_plug_ins_that_return_nothing_are_named(results: pd.DataFrame) -> None:
    nothing: Any = lambda *_: None
    images = np.zeros((8, 8, 3), np.uint8), np.full((8, 8, 3), 9, np.uint8)
    with pytest.raises(PluginError, match="the metric mine must give one number per row, got None"):
        measured(Metric("mine", "mine", nothing, better="lower"), results)
    with pytest.raises(PluginError, match="the table mine must have lines"):
        Table("mine", "Mine", nothing).frame([RunResults("a", {})])
    with pytest.raises(PluginError, match="the method mine must return a Program, got None"):
        search(Method("mine", "", nothing), *images, Program())
    with pytest.raises(PluginError, match="a task must return a score, got None"):
        check_score(nothing())


def test_a_term_that_returns_nothing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(TERMS, "r_use", type(TERMS["r_use"])("r_use", lambda measured: None))  # type: ignore[arg-type,return-value]
    original = np.full((8, 8, 3), 90, np.uint8)
    with pytest.raises(ValueError, match="the term r_use must be a number in"):
        score_text(original, original + np.uint8(40), '{"exposure": 20}')


def test_a_metric_without_a_value_is_named_with_its_reason(
    iea: Callable[..., Any], row: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    undefined = Metric("undefined", "undefined", lambda results: results.score * float("nan"), better="lower")
    monkeypatch.setitem(METRICS, "undefined", undefined)  # type: ignore[arg-type]
    path = write(tmp_path / "val.parquet", row)
    result = iea(
        "evaluate", "true_programs", "--rows", path, "--out", tmp_path / "out", "--metrics", "undefined,r_like"
    )
    assert result.exit_code == 0, result.output

    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    manifest = json.loads((tmp_path / "out/true_programs.json").read_text(), parse_constant=refuse)
    assert manifest["not_computed"] == {"undefined": "no row has a value"}
    assert "undefined" not in manifest["classes"]["edit"] and "r_like" in manifest["classes"]["edit"]


def test_an_evaluation_in_which_every_row_is_an_error_is_refused(row: dict[str, Any], tmp_path: Path) -> None:
    Path(row["extra_info"]["reference"]).write_bytes(b"no image")
    with pytest.raises(ValueError, match="1 errors for 1 rows"):
        evaluate(TRUE, write(tmp_path / "val.parquet", row), Settings())


def test_an_evaluation_is_not_written_over_its_rows(
    iea: Callable[..., Any], row: dict[str, Any], tmp_path: Path
) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out/.iea.lock").touch()  # a folder of results
    path = write(tmp_path / "out/true_programs.parquet", row)
    before = path.read_bytes()
    result = iea("evaluate", "true_programs", "--rows", path, "--out", tmp_path / "out")
    assert result.exit_code == 1 and "must be another file" in result.output
    assert path.read_bytes() == before


def test_a_file_in_place_of_the_folder_is_refused_before_the_work(
    iea: Callable[..., Any], row: dict[str, Any], tmp_path: Path
) -> None:
    path = write(tmp_path / "val.parquet", row)
    result = iea("evaluate", "true_programs", "--rows", path, "--out", path)
    assert result.exit_code == 1 and result.output.startswith("error: ")


def test_results_are_read_as_written_and_damaged_ones_are_named(results: pd.DataFrame, tmp_path: Path) -> None:
    path = tmp_path / "sft.parquet"
    write_results(results, path)
    pd.testing.assert_frame_equal(read_results(path), results)
    for damaged in (results[:0], results.drop(columns="kind"), results.assign(score=None), results.assign(photo=3)):
        write_results(damaged, path)
        with pytest.raises(ValueError, match=r"sft\.parquet"):
            read_results(path)
