import json
from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from iea.data_prep.schema import EXAMPLES
from iea.data_prep.synthesize.rows import RESTORATION_EVERY, ExamplesMaker
from iea.editor import Program, distance, render
from iea.editor.io import read_image


@pytest.fixture(scope="module")
def items(tmp_path_factory, make_photo):
    folder = tmp_path_factory.mktemp("photos")
    for seed in range(2):
        make_photo(folder / f"{seed}.png", seed)
    return [
        {
            "number": number,
            "photo": f"scene{number % 2}",
            "group": f"group{number % 2}",
            "split": ("train", "val")[number % 2],
            "original": str(folder / f"{number % 2}.png"),
        }
        for number in range(12)
    ]


@pytest.fixture(scope="module")
def rows(items, tmp_path_factory):
    """number -> rows."""
    maker = ExamplesMaker(str(tmp_path_factory.mktemp("out")), 56, 0)
    return {item["number"]: maker(item) for item in items}


def every(rows, task):
    return [row for group in rows.values() for row in group if row["task"] == task]


def test_rows_have_the_columns_of_examples_and_unique_names(rows):
    flat = [row for group in rows.values() for row in group]
    table = pa.Table.from_pylist(flat, schema=EXAMPLES)
    assert all(set(row) == set(EXAMPLES.names) for row in flat)
    assert all(table.column(name).null_count == 0 for name in EXAMPLES.names)
    assert len(set(table.column("name").to_pylist())) == len(flat)
    assert {(row["origin"], row["photo"], row["group"], row["split"]) for row in rows[1]} == {
        ("synthetic", "scene1", "group1", "val")
    }


def test_every_4th_item_has_no_instruction_the_others_all_tasks(rows):
    for number, group in rows.items():
        kinds = Counter((row["task"], row["persona"]) for row in group)
        if number % RESTORATION_EVERY == RESTORATION_EVERY - 1:
            assert kinds == Counter([("edit", "none"), ("edit", "vague")])
            assert [row["text"] == "" for row in group] == [True, False]
            continue
        edits = [("edit", persona) for persona in ("expert", "amateur", "template")]
        summaries = [("summary", persona) for persona in ("expert", "amateur")]
        refinements = [("refine", persona) for persona in ("expert", "amateur")]
        assert kinds in (Counter(edits + summaries + refinements), Counter(edits + summaries))
    assert len(every(rows, "refine")) >= 12


def test_edit_programs_make_the_reference_of_the_original(rows):
    for row in every(rows, "edit"):
        assert row["original"].endswith(".png") and row["reference"].endswith(".png")
        original, reference = read_image(row["original"]), read_image(row["reference"])
        program = Program.from_json(row["program"])
        assert distance(original, reference) == row["d_before"]
        after = distance(render(original, program), reference)
        assert (row["d_before"] - after) / row["d_before"] == pytest.approx(row["oracle_r_like"])
        assert (row["oracle_r_like"] == 1) == (row["persona"] in ("expert", "amateur", "template"))


def test_refinements_start_from_the_image_of_the_previous_program(rows):
    for row in every(rows, "refine"):
        previous = render(read_image(row["original"]), Program.from_json(row["previous_program"]))
        assert distance(previous, read_image(row["reference"])) == row["d_before"]
        assert row["previous"].endswith(".jpg")
        assert distance(read_image(row["previous"]), previous) < 0.02  # JPEG
        assert row["first_text"] and row["text"] and row["program"] != row["previous_program"]


def test_summaries_have_a_sentence_and_no_request(rows):
    for row in every(rows, "summary"):
        assert row["summary"] and not row["text"] and not row["program"]


def test_rows_and_images_do_not_depend_on_other_items(items, rows, tmp_path):
    maker = ExamplesMaker(str(tmp_path), 56, 0)
    for item in reversed(items):
        for again, before in zip(maker(item), rows[item["number"]], strict=True):
            paths = ("original", "reference", "previous")
            assert {k: v for k, v in again.items() if k not in paths} == {
                k: v for k, v in before.items() if k not in paths
            }
            for key in paths:
                assert bool(again[key]) == bool(before[key])
                if again[key]:
                    assert Path(again[key]).read_bytes() == Path(before[key]).read_bytes()


def test_easy_items_have_one_edit_row_each(items, tmp_path):
    maker = ExamplesMaker(str(tmp_path), 56, 0, "easy")
    kinds = [[(row["task"], row["persona"]) for row in maker(item)] for item in items[:4]]
    assert kinds == [[("edit", "template")]] * 3 + [[("edit", "vague")]]


def test_lane_items_have_all_tasks_in_templates_and_varied_training_originals(items, rows, tmp_path):
    made = {item["number"]: ExamplesMaker(str(tmp_path), 56, 0, "lane")(item) for item in items}
    kinds = {
        (row["task"], row["persona"]) for row in every(made, "edit") + every(made, "summary") + every(made, "refine")
    }
    assert kinds == {("edit", "template"), ("edit", "vague"), ("summary", "template"), ("refine", "template")}
    for item in items[:2]:
        easy = ExamplesMaker(str(tmp_path / "easy"), 56, 0, "easy")(item)
        same = np.array_equal(*(read_image(made_rows[0]["original"]) for made_rows in (easy, made[item["number"]])))
        assert same == (item["split"] == "val")


def test_another_seed_makes_other_rows(items, rows, tmp_path):
    other = ExamplesMaker(str(tmp_path), 56, 1)(items[0])
    assert json.loads(other[0]["program"]) != json.loads(rows[0][0]["program"])
    assert not np.array_equal(read_image(other[0]["original"]), read_image(rows[0][0]["original"]))
