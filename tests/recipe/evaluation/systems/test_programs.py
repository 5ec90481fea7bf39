"""Files of answers: every format, by name and by index, and the answers that are missing."""

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from evaluated_rows import PROGRAM, write_rows

from iea.data_prep.ingest.decode import to_8_bits
from iea.editor.io import read_image
from iea.recipe.evaluation.editors import EDITORS, score_with
from iea.recipe.evaluation.evaluate import evaluate, write_results
from iea.recipe.evaluation.systems import SYSTEMS
from iea.recipe.evaluation.systems.programs import ProgramSettings

RIGHT = json.loads(PROGRAM)
FORMS: dict[str, Any] = {
    "objects.json": [{"name": "test/row-0", "program": RIGHT}, {"index": 1, "answer": PROGRAM}],
    "by_name.json": {"test/row-0": RIGHT, "test/row-1": PROGRAM},
    "lines.jsonl": [{"index": 0, "program": PROGRAM}, {"name": "test/row-1", "answer": f"```json\n{PROGRAM}\n```"}],
}


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    return write_rows(tmp_path, "edit", "edit", "summary")


def scored(rows: Path, file: Path) -> pd.DataFrame:
    return evaluate(SYSTEMS["programs"], rows, ProgramSettings(file))


@pytest.mark.parametrize("name", FORMS)
def test_every_form_gives_the_programs(name: str, rows: Path, tmp_path: Path) -> None:
    form, file = FORMS[name], tmp_path / name
    file.write_text("\n".join(map(json.dumps, form)) if name.endswith("l") else json.dumps(form))
    results = scored(rows, file)
    assert results.r_like.tolist()[:2] == [1, 1] and results.failure.tolist() == ["", "", "no_answer"]


def test_results_of_an_evaluation_are_such_a_file(rows: Path, tmp_path: Path) -> None:
    first = evaluate(SYSTEMS["true_programs"], rows, SYSTEMS["true_programs"].options())
    write_results(first, tmp_path / "first.parquet")
    assert scored(rows, tmp_path / "first.parquet").score.tolist()[:2] == first.score.tolist() == [1, 1]


def test_an_answer_that_is_not_a_program_fails_by_its_fault(rows: Path, tmp_path: Path) -> None:
    answers = [
        {"index": 0, "answer": "brighter"},
        {"index": 1, "program": {"exposure": 300}},
        {"index": 2, "answer": ""},
    ]
    (tmp_path / "a.json").write_text(json.dumps(answers))
    results = scored(rows, tmp_path / "a.json")
    assert results.failure.tolist()[:2] == ["unparsable", "out_of_range"] and results.score.tolist()[:2] == [-1, -1]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "must be a file of JSON"),
        ("3", "must hold records"),
        ('[{"program": {}}]', "the name or the index"),
        ('[{"index": 0, "answer": 3}]', "an answer that is a text"),
        ('[{"index": 0, "answer": "a"}, {"index": 0, "answer": "b"}]', "of another row"),
        ('[{"index": 0, "answer": "a", "editor": "other"}]', "the editor in record 0"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(content: str, message: str, rows: Path, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(content)
    with pytest.raises(ValueError, match=message) as error:
        scored(rows, tmp_path / "a.json")
    assert "a.json" in str(error.value)


def test_a_program_for_the_published_editor_is_scored_by_that_editor(rows: Path, tmp_path: Path) -> None:
    table = pd.read_parquet(rows)
    extra = table.extra_info[0]
    program = {"exposure": 20, "tint": 3}
    records = [
        {"index": 0, "program": program, "editor": "released"},
        {"index": 1, "answer": "brighter", "editor": "released"},
    ]
    (tmp_path / "a.json").write_text(json.dumps(records))
    results = scored(rows, tmp_path / "a.json")
    images = (to_8_bits(read_image(extra[key])) for key in ("original", "reference"))
    alone = score_with(EDITORS["released"], *images, EDITORS["released"].write(program))
    assert {key: results[key][0] for key in ("score", "r_like", "r_use")} == pytest.approx(
        {key: alone[key] for key in ("score", "r_like", "r_use")}
    )
    assert results.n_tools[0] == 2 and results.failure.tolist() == ["", "no_fence", "no_answer"]
    assert results.score.tolist()[1] == -1


def test_the_editor_of_a_file_is_an_option(rows: Path, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('[{"index": 0, "program": {"exposure": 20}}]')
    found = [
        evaluate(SYSTEMS["programs"], rows, ProgramSettings(tmp_path / "a.json", editor)).d_after[0]
        for editor in ("iea", "released")
    ]
    assert found[0] != found[1]
    with pytest.raises(ValueError, match="an editor must be one of iea, released, got 'other'"):
        ProgramSettings(tmp_path / "a.json", "other")
