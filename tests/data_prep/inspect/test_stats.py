from collections import Counter

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from iea.data_prep.inspect.counts import count_rows
from iea.data_prep.inspect.row_view import row_views
from iea.data_prep.inspect.stats import markdown
from iea.data_prep.mix.step import MixConfig, mix
from iea.data_prep.schema import (
    ANNOTATED,
    EXAMPLES,
    JUDGE_SCHEMA,
    JUDGED,
    LABELED,
    PAIRS,
    RL_SCHEMA,
    SFT_SCHEMA,
    table_name,
)


def table(path, rows, schema=EXAMPLES):
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), path)
    return path


@pytest.fixture
def examples(tmp_path, example_rows):
    return table(tmp_path / "examples.parquet", example_rows)


@pytest.fixture
def judged(tmp_path):
    empty = dict.fromkeys(JUDGED.names, "") | {"split": "train", "persona": "amateur"}
    scores = {"exact": [10, 10, 10], "sign": [7, 4], "vague": [0]}
    rows = [
        empty | {"kind": kind, "name": f"{kind}{n}", "score": score, "reference": "warmer", "prediction": "bluer"}
        for kind, group in scores.items()
        for n, score in enumerate(group)
    ]
    return table(tmp_path / "judged.parquet", rows, JUDGED)


@pytest.fixture
def pairs(tmp_path, example_rows):
    row = example_rows[0]
    kept = {key: row[key] for key in ("name", "photo", "group", "split", "original", "reference", "program")}
    texts = {"expert": ["Lift it."], "amateur": [], "operators": []}
    numbers = {"width": 1, "height": 1, "d_before": 0.1, "weight": 1.0}
    pair = dict.fromkeys(PAIRS.names, "") | kept | texts | numbers | {"source": "gier"}
    return table(tmp_path / "pairs.parquet", [pair], PAIRS)


@pytest.mark.parametrize(
    ("name", "schema"),
    [
        ("RL", RL_SCHEMA),
        ("SFT", SFT_SCHEMA),
        ("JUDGE", JUDGE_SCHEMA),
        ("EXAMPLES", EXAMPLES),
        ("JUDGED", JUDGED),
        ("PAIRS", PAIRS),
        ("ANNOTATED", ANNOTATED),
        ("LABELED", LABELED),
    ],
)
def test_columns_identify_the_table(name, schema):
    assert table_name(schema) == name


def test_examples_are_counted_by_kind_origin_and_split(examples):
    counted = count_rows(examples)
    assert counted.rows == 64 and len(counted.photos) == 8
    assert counted.counts["kind"] == {"edit": 16, "auto": 8, "summary": 32, "refine": 8}
    assert counted.counts["origin"] == {"gier": 40, "synthetic": 24}
    assert counted.counts["split"] == {"train": 48, "val": 16}
    assert counted.tools_per_program == {2: 32}
    assert Counter(counted.values["exposure"]) == {45: 32}
    assert Counter(counted.values["tint"]) == {-20: 32}


@pytest.mark.parametrize(("stage", "name"), [("stage1", "SFT"), ("stage2", "RL")])
def test_a_mix_has_the_counts_of_its_examples(examples, stage, name, tmp_path):
    mix(MixConfig(stage, (examples,), tmp_path / "out"), quiet=True)
    counted = count_rows(tmp_path / "out" / "train.parquet")
    assert counted.table == name
    assert counted.counts["kind"] == {"edit": 6, "auto": 6, "summary": 12}
    assert counted.counts["persona"] == {"expert": 18, "none": 6}
    assert Counter(counted.values["exposure"]) == {45: 12}
    (row, *_) = (row for row in row_views(tmp_path / "out" / "train.parquet")[1] if row.kind == "edit")
    assert row.request == "Lift the exposure, shift the tint."
    assert bool(row.rationale) == (stage == "stage1")
    assert (counted.chars["prompt"][0] > 100) and row.answer_chars > 20


def test_files_without_the_newer_columns_are_read(prepared, tmp_path):
    new = prepared / "stage1" / "train.parquet"
    old = pq.read_table(new, columns=["messages", "images"])
    pq.write_table(old, tmp_path / "old.parquet")
    new_rows = list(row_views(new)[1])
    old_rows = list(row_views(tmp_path / "old.parquet")[1])
    for field in ("request", "program", "original", "prompt_chars", "answer_chars"):
        assert [getattr(row, field) for row in old_rows] == [getattr(row, field) for row in new_rows]


def test_pairs_are_read_with_their_best_program(pairs, tmp_path):
    (row,) = row_views(pairs)[1]
    assert (row.kind, row.origin, row.persona, row.request) == ("pair", "gier", "expert", "Lift it.")
    assert dict(row.program) == {"exposure": 45, "tint": -20}
    (pair,) = pq.read_table(pairs).to_pylist()
    added = dict.fromkeys(LABELED.names[len(PAIRS.names) :], "") | {"reasoning": "Dark."}
    added |= {"summaries_expert": [], "summaries_amateur": [], "label": '{"fade": 5}'}
    added |= {"r_like": 1.0, "r_use": 1.0, "evaluations": 1, "oracle_r_like": 1.0}
    name, rows = row_views(table(tmp_path / "labeled.parquet", [pair | added], LABELED))
    (row,) = rows
    assert name == "LABELED" and dict(row.program) == {"fade": 5} and row.rationale == "Dark."


def test_scores_are_counted_by_kind(judged):
    counted = count_rows(judged)
    assert counted.scores == {"exact": [10, 10, 10], "sign": [7, 4], "vague": [0]}
    text = markdown(counted)
    assert "| sign | 2 | 4 | 5.50 | 7 |" in text
    assert "| 10 | ████████████████████ | 3 |" in text and "| 3 |  | 0 |" in text


def test_tools_are_counted_by_direction_and_magnitude(examples):
    text = markdown(count_rows(examples))
    assert "| exposure | `·····` | `··█··` | 32 | 0 | 32 | 45 |" in text
    assert "| tint | `····█` | `·····` | 32 | 32 | 0 | 20 |" in text
    assert "| kind | summary | 32 | 50.0% |" in text
    assert "| 2 | 32 | 100.0% |" in text


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["examples", "judged", "pairs"])
def test_the_command_prints_and_plots(iea, kind, request, tmp_path):
    pytest.importorskip("matplotlib", reason="needs the photos extra")
    path, out = request.getfixturevalue(kind), tmp_path / "stats"
    result = iea("data", "stats", str(path), "--out", str(out))
    assert result.exit_code == 0, result.output
    assert result.output.strip() in (out / "stats.md").read_text()
    with Image.open(out / "stats.png") as image:
        pixels = np.asarray(image.convert("RGB"))
    blue = np.abs(pixels.astype(int) - (0x44, 0x77, 0xAA)).max(axis=2) < 4
    assert blue.mean() > 0.01, "no bar is drawn"
    assert sorted(file.name for file in out.iterdir()) == ["stats.md", "stats.png"]


def test_a_table_without_rows_has_a_count_of_zero(iea, tmp_path):
    path, out = table(tmp_path / "empty.parquet", []), tmp_path / "stats"
    result = iea("data", "stats", str(path), "--out", str(out))
    assert result.exit_code == 0, result.output
    assert "**EXAMPLES**: 0 rows" in result.output


def test_other_files_are_errors(iea, tmp_path):
    pq.write_table(pa.table({"a": [1]}), tmp_path / "other.parquet")
    (tmp_path / "text.parquet").write_text("no parquet")
    for name, message in (("other.parquet", "got columns a"), ("text.parquet", "parquet file"), ("none", "table")):
        result = iea("data", "stats", str(tmp_path / name))
        assert result.exit_code == 1 and message in result.output
