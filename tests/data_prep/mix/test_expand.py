"""Examples of labeled pairs: as many per pair as the paper has, each with the columns of the pair."""

from collections import Counter

from iea.data_prep.mix.expand import examples_of
from iea.data_prep.runner import Item
from iea.data_prep.schema import EXAMPLES, LABELED


def labeled(**changes: object) -> Item:
    """A row of LABELED."""
    texts = {name: f"the {name}" for name in LABELED.names} | {"source": "gier", "split": "train"}
    numbers = {name: 1 for name in ("width", "height", "evaluations", "weight")}
    ratings = {"d_before": 0.2, "r_like": 0.7, "r_use": 1.0, "oracle_r_like": 0.75}
    lists = {
        "expert": ["Raise the exposure.", "Lift the shadows."],
        "amateur": ["it is  too dark", "it is too dark ", " "],
        "operators": [],
        "summaries_expert": ["raise the exposure a bit"],
        "summaries_amateur": ["it is too dark"],
    }
    return texts | numbers | ratings | lists | changes


def test_a_pair_gives_its_requests_five_vague_and_two_without_text() -> None:
    edits = [row for row in examples_of(labeled()) if row["task"] == "edit"]
    assert Counter(row["persona"] for row in edits) == {"expert": 2, "amateur": 1, "vague": 5, "none": 2}
    assert [row["text"] for row in edits[:3]] == ["Raise the exposure.", "Lift the shadows.", "it is too dark"]
    assert len({row["text"] for row in edits if row["persona"] == "vague"}) == 5
    assert all(row["text"] == "" for row in edits if row["persona"] == "none")


def test_every_row_keeps_the_pair_and_its_own_answer() -> None:
    rows = examples_of(labeled())
    assert len({row["name"] for row in rows}) == len(rows)
    for row in rows:
        assert row.keys() == set(EXAMPLES.names)
        assert (row["origin"], row["photo"], row["group"], row["split"]) == ("gier", "the photo", "the group", "train")
        assert (row["d_before"], row["oracle_r_like"]) == (0.2, 0.75)
        edit = row["task"] == "edit"
        assert (row["program"], row["reasoning"]) == (("the label", "the reasoning") if edit else ("", ""))
        assert bool(row["summary"]) != edit


def test_summaries_are_the_sentences_of_source_and_teacher() -> None:
    summaries = [(row["persona"], row["summary"]) for row in examples_of(labeled()) if row["task"] == "summary"]
    assert summaries == [
        ("expert", "Raise the exposure."),
        ("expert", "Lift the shadows."),
        ("expert", "raise the exposure a bit"),
        ("amateur", "it is too dark"),
    ]


def test_without_requests_the_summaries_of_the_teacher_serve() -> None:
    rows = examples_of(labeled(expert=[], amateur=[], summaries_amateur=[]))
    asked = [row["text"] for row in rows if row["persona"] in ("expert", "amateur") and row["task"] == "edit"]
    assert asked == ["raise the exposure a bit"]


def test_vague_requests_differ_by_pair_and_phrase_split() -> None:
    def vague(**changes: object) -> list[str]:
        return [row["text"] for row in examples_of(labeled(**changes)) if row["persona"] == "vague"]

    assert vague() == vague() != vague(name="another")
    assert not set(vague()) & set(vague(split="val"))
