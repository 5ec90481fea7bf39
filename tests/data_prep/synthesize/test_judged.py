from collections import Counter

import pyarrow as pa
import pytest

from iea.data_prep.language.rubric import SUBSTITUTE, score_programs
from iea.data_prep.schema import JUDGED
from iea.data_prep.synthesize.judged import KINDS, JudgedMaker
from iea.editor import Program


@pytest.fixture(scope="module")
def rows():
    maker = JudgedMaker(0)
    return {
        split: [row for n in range(300) for row in maker({"number": n, "split": split})] for split in ("train", "val")
    }


def programs(row):
    return Program.from_json(row["reference_program"]), Program.from_json(row["prediction_program"])


def test_rows_have_the_columns_of_judged_and_unique_names(rows):
    table = pa.Table.from_pylist(rows["train"], schema=JUDGED)
    assert set(rows["train"][0]) == set(JUDGED.names)
    assert all(table.column(name).null_count == 0 for name in JUDGED.names)
    assert len(set(table.column("name").to_pylist())) == len(table)


def test_scores_are_those_of_the_rubric(rows):
    for row in rows["train"]:
        if row["kind"] == "vague":
            assert (row["score"], row["prediction_program"], row["persona"]) == (0, "", "vague")
        elif row["kind"] == "nonsense":
            assert (row["score"], row["prediction_program"], row["persona"]) == (-10, "", "none")
        else:
            assert row["score"] == score_programs(*programs(row))
            assert row["persona"] in ("expert", "amateur")


def test_each_kind_has_its_fault(rows):
    for row in rows["train"]:
        if row["kind"] in ("vague", "nonsense"):
            continue
        reference, said = programs(row)
        flipped = sum(said.get(t, 0) * v < 0 for t, v in reference.items())
        missing, extra = set(reference) - set(said), set(said) - set(reference)
        match row["kind"]:
            case "exact":
                assert row["score"] == 10
            case "magnitude":
                assert set(said) == set(reference) and not flipped and row["score"] < 10
            case "sign":
                assert flipped == 1 and set(said) == set(reference)
            case "opposite":
                assert flipped == len(reference) == len(said) and row["score"] == -10
            case "missing":
                assert len(missing) == 1 and not extra
            case "extra":
                assert len(extra) == 1 and not missing and row["score"] == 9
            case "substitute":
                assert {SUBSTITUTE[t] for t in missing} == extra and len(extra) == 1
            case "several":
                assert row["score"] < 10
            case "others":
                assert not set(said) & set(reference) and row["score"] < 0


def test_all_kinds_occur_and_no_score_has_a_quarter_of_the_rows(rows):
    for split in rows:
        kinds = Counter(row["kind"] for row in rows[split])
        assert set(kinds) == {*KINDS, "vague", "nonsense"}
        scores = Counter(row["score"] for row in rows[split])
        assert max(scores.values()) / len(rows[split]) < 0.25
        assert len(scores) > 12
        assert {-10, 0, 5, 8, 9, 10} <= set(scores)


def test_rows_of_val_have_other_sentences(rows):
    sentences = {split: {row[key] for row in rows[split] for key in ("reference", "prediction")} for split in rows}
    assert len(sentences["val"]) > 5000
    assert not sentences["train"] & sentences["val"]


def test_exact_predictions_are_mostly_in_other_words(rows):
    same = [row["prediction"] == row["reference"] for row in rows["train"] if row["kind"] == "exact"]
    assert 0 < sum(same) < len(same) / 5


def test_rows_depend_on_the_item_and_the_seed_alone():
    item = {"number": 7, "split": "train"}
    assert JudgedMaker(1)(item) == JudgedMaker(1)(item) != JudgedMaker(2)(item)
