"""Items and edited images from files, and the command."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from graders import honest, parts, shown_levels
from typer.testing import Result

from iea.data_prep.annotate.online_config import VisionConfig
from iea.data_prep.mix.verl_rows import PromptConfig, example_to_rl
from iea.editor import Program, render
from iea.editor.io import read_image, write_image
from iea.recipe.evaluation.compare.items import Edits, Item
from iea.recipe.evaluation.compare.read import read_edits, read_items
from iea.recipe.evaluation.evaluate import write_results
from iea.reward_fns.example import Example
from iea.reward_fns.result import RANGES


def _image(path: Path, level: int) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_image(path, np.full((16, 16, 3), level, np.uint8))
    return path


@pytest.fixture
def csv(tmp_path: Path) -> Path:
    """Two items of one photograph and one of another, without references."""
    _image(tmp_path / "photos/sea.jpg", 60), _image(tmp_path / "photos/hill.png", 60)
    lines = ["name,original,request,photo", "1,photos/sea.jpg,brighter,sea", "2,photos/sea.jpg,much brighter,sea"]
    table = tmp_path / "items.csv"
    table.write_text("\n".join([*lines, ',photos/hill.png,"bright, please",']) + "\n")
    return table


def test_a_csv_has_items_with_paths_relative_to_it(csv: Path, tmp_path: Path) -> None:
    assert read_items(csv) == [
        Item("1", "sea", "brighter", tmp_path / "photos/sea.jpg"),
        Item("2", "sea", "much brighter", tmp_path / "photos/sea.jpg"),
        Item("hill", "photos/hill.png", "bright, please", tmp_path / "photos/hill.png"),
    ]


def test_images_are_matched_by_name_and_one_that_cannot_be_read_is_a_failed_item(csv: Path, tmp_path: Path) -> None:
    folder = tmp_path / "ours"
    sea = _image(folder / "1.png", 90)
    (folder / "2.png").write_bytes(b"no image")
    (folder / "hill.txt").write_text("a note")
    _image(folder / "other.png", 90)
    edits = read_edits([f"ours={folder}", "original"], csv, tmp_path / "images")
    assert edits.images == {"ours": {"1": sea}} and edits.systems == ("ours", "original")
    assert [edits.failed("ours", item) for item in edits.items] == [False, True, True]
    _image(folder / "1.jpg", 90)
    with pytest.raises(ValueError, match=r"a row must have one image, got .*1.jpg and .*1.png; remove one"):
        read_edits([f"ours={folder}"], csv, tmp_path / "images")


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    """An edit, a refinement and a summary in a verl RL parquet, with results of the first two and one without a program."""
    levels = {"original": 60, "reference": 120, "previous": 80}
    paths = {name: str(_image(tmp_path / f"{name}.png", level)) for name, level in levels.items()}
    program, previous = '{"exposure": 40}', paths.pop("previous")
    examples = [
        Example("edit", photo="p", text="brighter", program=program, **paths),
        Example("refine", photo="p", text="more", program=program, previous=previous, **paths),
        Example("summary", photo="p", summary="brighten", **paths),
        Example("edit", photo="p", program=program, **paths),
        Example("edit", name="gier/a b-1", photo="q", program=program, **paths),
    ]
    table = [example_to_rl(example, index, PromptConfig()) for index, example in enumerate(examples)]
    pd.DataFrame(table).to_parquet(tmp_path / "rows.parquet")
    _image(tmp_path / "finished.png", 99)
    answers = {
        0: f"<think>dark</think><answer>```json\n{program}\n```</answer>",
        1: '{"exposure": 60}',
        3: "no idea",
        4: "",
    }
    facts = {"photo": "p", "kind": "edit", "data_source": "iea/edit", "original": paths["original"]}
    edited = {one: str(tmp_path / "finished.png") if one == 4 else "" for one in answers}
    lines = [
        facts | dict.fromkeys(RANGES, 0.0) | {"index": one, "answer": text, "edited": edited[one]}
        for one, text in answers.items()
    ]
    write_results(pd.DataFrame(lines), tmp_path / "results.parquet")
    return tmp_path / "rows.parquet"


def test_rows_with_a_program_are_items_and_results_are_rendered(rows: Path, tmp_path: Path) -> None:
    edits = read_edits([f"ours={tmp_path / 'results.parquet'}", "reference"], rows, tmp_path / "images")
    assert [(one.name, one.photo, one.request, one.original.stem) for one in edits.items] == [
        ("0", "p", "brighter", "original"),
        ("1", "p", "more", "previous"),
        ("3", "p", "", "original"),
        ("4", "q", "", "original"),
    ]
    original = read_image(tmp_path / "original.png")
    for name, exposure in (("0", 40), ("1", 60)):
        expected = render(original, Program({"exposure": exposure}))
        np.testing.assert_array_equal(read_image(edits.images["ours"][name]), expected)
    assert set(edits.images["ours"]) == {"0", "1", "4"} and edits.failed("ours", edits.items[2])
    assert edits.images["ours"]["4"] == tmp_path / "finished.png"
    assert edits.shown("reference", edits.items[0]) == tmp_path / "reference.png"


@pytest.mark.parametrize("name", ["4", "gier/a b-1", "gier_a_b-1"])
def test_the_image_of_a_row_has_its_number_or_its_name(name: str, rows: Path, tmp_path: Path) -> None:
    path = _image(tmp_path / "pictures" / f"{name}.jpg", 90)
    assert read_edits([f"ours={tmp_path / 'pictures'}"], rows, tmp_path).images == {"ours": {"4": path}}


@pytest.mark.parametrize(
    ("systems", "rule"),
    [
        (["ours"], "NAME=PATH with an existing folder"),
        (["original=x"], "NAME=PATH with an existing folder"),
        (["../x=."], "NAME=PATH with an existing folder"),
        (["ours=nowhere"], "got 'ours=nowhere'"),
        (["ours={here}", "ours={here}"], "systems must have different names"),
        (["reference"], "needs a reference of every item"),
        (["ours={here}"], "a folder of edited images must have some, got .*empty' without any"),
    ],
)
def test_other_systems_are_refused(systems: list[str], rule: str, csv: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(ValueError, match=rule):
        read_edits([one.format(here=tmp_path / "empty") for one in systems], csv, tmp_path / "images")


def test_other_items_are_refused(csv: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="items must have different names, got sea"):
        Edits([Item("sea", "a", "", csv), Item("sea", "b", "", csv)], {}, ("original",))
    csv.write_text("original\nphotos/sea.jpg\n")
    with pytest.raises(ValueError, match="original and request, got no request"):
        read_items(csv)
    csv.write_text("original,request\nphotos/none.jpg,brighter\n")
    with pytest.raises(OSError, match=r"none\.jpg"):
        read_items(csv)


@pytest.mark.parametrize(
    ("settings", "rule"),
    [
        ({"model": ""}, "model must be given"),
        ({"image_side": 0}, "image_side must be at least 1"),
        ({"form": "xml"}, "form must be json_schema"),
        ({"temperature": -1.0}, "temperature must be at least 0"),
    ],
)
def test_settings_are_checked(settings: dict[str, Any], rule: str) -> None:
    with pytest.raises(ValueError, match=rule):
        VisionConfig(**{"url": "http://127.0.0.1:9/v1", "model": "m"} | settings)


@pytest.mark.slow
def test_the_command_prints_tables_and_resumes(
    csv: Path, tmp_path: Path, look: Any, iea: Callable[..., Result]
) -> None:
    for name in ("1", "2", "hill"):
        _image(tmp_path / f"weak/{name}.png", 90), _image(tmp_path / f"strong/{name}.png", 130)
    server = look(lambda body: honest(body) if shown_levels(body)[-1] != 130 else server.status(503))
    command = ["compare", f"weak={tmp_path / 'weak'}", f"strong={tmp_path / 'strong'}", "--data", csv]
    command += ["--out", tmp_path / "out", "--url", server.url, "--model", "m", "--requests-per-minute", "100000"]
    failed = iea(*command, "--attempts", "1")
    assert failed.exit_code == 3 and "questions are unanswered (HTTP 503" in failed.stderr
    look()
    done = iea(*command)
    assert done.exit_code == 0, done.stderr
    assert "| weak | strong | 3 | 2 | 0 | 0 | 3 | 0.000 |" in done.output
    assert done.stdout.strip() == (tmp_path / "out/comparison.md").read_text().strip()
    assert "| original | reference |" not in done.output, "these items have no references"
    assert {"bright, please" in parts(body, "text")[-1] for body in server.seen} == {True, False}
