"""Rows of the second of two turns, made beside the others."""

from pathlib import Path

import pytest

from iea.data_prep.mix.verl_rows import PromptConfig, example_to_sft
from iea.data_prep.synthesize.rows import ExamplesMaker
from iea.editor import Program, distance, render
from iea.editor.io import read_image
from iea.reward_fns.tasks import read_example


@pytest.fixture(scope="module")
def photo(tmp_path_factory, make_photo):
    path = tmp_path_factory.mktemp("photo") / "photo.png"
    make_photo(path, 0)
    return path


def rows_of(photo, out, difficulty, *, looks):
    maker = ExamplesMaker(str(out), 56, 0, difficulty, looks)
    shared = {"photo": "scene", "group": "group", "split": "train", "original": str(photo)}
    return [row for number in range(8) for row in maker(shared | {"number": number})]


@pytest.mark.parametrize("difficulty", ["paper", "easy"])
def test_edits_get_a_look_each_and_the_other_rows_stay(difficulty, photo, tmp_path):
    plain = rows_of(photo, tmp_path, difficulty, looks=False)
    images = {row["reference"]: Path(row["reference"]).read_bytes() for row in plain}
    rows = rows_of(photo, tmp_path, difficulty, looks=True)
    looks = [row for row in rows if row["task"] == "look"]
    assert [row for row in rows if row not in looks] == plain
    assert all(Path(path).read_bytes() == content for path, content in images.items())
    edits = {row["name"]: row for row in plain if row["task"] == "edit"}
    assert len(looks) > len(edits) / 2 and {row["persona"] for row in looks} == {e["persona"] for e in edits.values()}
    for row in looks:
        edit = edits[row["name"].replace("look", "edit")]
        assert all(row[key] == edit[key] for key in edit.keys() - {"task", "name", "previous", "previous_program"})


def test_a_look_starts_from_the_image_of_its_first_program(photo, tmp_path):
    for row in rows_of(photo, tmp_path, "easy", looks=True):
        if row["task"] == "look":
            first = Program.from_json(row["previous_program"])
            assert first != Program.from_json(row["program"])
            result = render(read_image(row["original"]), first)
            assert distance(read_image(row["previous"]), result) < 0.02  # JPEG


def test_a_look_becomes_an_sft_row_of_two_answers(photo, tmp_path):
    row = next(row for row in rows_of(photo, tmp_path, "easy", looks=True) if row["task"] == "look")
    made = example_to_sft(read_example(row), 0, PromptConfig("short"))
    assert [turn["role"] for turn in made["messages"]] == ["user", "assistant", "user", "assistant"]
    assert [turn["content"] for turn in made["messages"][1::2]] == [row["previous_program"], row["program"]]
    assert [image["image"] for image in made["images"]] == [row["original"], row["previous"]]
    assert made["data_source"] == "iea/look"
