"""Verdicts, grades and counts with an endpoint that is honest, biased or faulty."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from graders import chance, honest, parts, prompt_name

from iea.data_prep.annotate.online import UnfinishedError
from iea.recipe.evaluation.compare.items import Edits

pytestmark = pytest.mark.slow  # the module as a whole

ITEMS = 12


def always_first(body: dict[str, Any]) -> dict[str, Any]:
    return honest(body) | ({"better": "1"} if prompt_name(body) == "pair" else {})


def often_first(body: dict[str, Any]) -> dict[str, Any]:
    return always_first(body) if chance(body) < 0.5 else honest(body)


def test_an_honest_grader_ranks_the_systems(look, make_edits, compared, tmp_path):
    look()
    found = compared(make_edits("weak", "strong"))["tables"]
    (line,) = found["verdicts"]
    assert (line["a"], line["b"], line["b wins"], line["ties"], line["a wins"]) == ("weak", "strong", ITEMS, 0, 0)
    assert (line["win rate of a"], line["high"], line["flip rate"], line["shown first"]) == (0, 0, 0, 0.5)
    assert line["photographs"] == 6 and line["p"] == line["p (Holm)"] == 2 / 2**6, "signs of six photographs"
    assert [one["system"] for one in found["strengths"]] == ["strong", "weak"]
    grades = {one["system"]: one for one in found["grades"]}
    assert {name: one["instruction"] for name, one in grades.items()} == pytest.approx(
        {"weak": 3, "strong": 7, "original": 0, "reference": 9}, abs=0.2
    )
    assert all((one["preservation"], one["PQ"], one["SC"]) == (9, 8.5, one["instruction"]) for one in grades.values())
    overall = pd.read_csv(tmp_path / "out" / "grades.csv").groupby("system").overall.mean()
    assert {name: one["overall"] for name, one in grades.items()} == pytest.approx(overall.to_dict())
    (difference,) = found["differences"]
    assert difference["high"] < 0 and difference["a - b"] == pytest.approx(overall.weak - overall.strong)


def test_the_controls_are_the_reference_over_the_original_and_a_system_over_itself(look, make_edits, compared):
    look()
    original, itself = compared(make_edits("weak"))["tables"]["controls"]
    assert (original["a"], original["b"], original["b wins"]) == ("original", "reference", ITEMS)
    assert (itself["a"], itself["b"], itself["ties"], itself["flip rate"]) == ("weak", "weak", ITEMS, 0)


def test_a_grader_that_prefers_the_first_image_decides_nothing(look, make_edits, compared):
    look(always_first)
    found = compared(make_edits("weak", "strong"))["tables"]
    for line in (*found["verdicts"], *found["controls"]):
        assert (line["ties"], line["win rate of a"]) == (ITEMS, 0.5)
        assert (line["flip rate"], line["shown first"]) == (1, 1)
    assert found["verdicts"][0]["p"] == 1
    assert [one["points"] for one in found["strengths"]] == pytest.approx([0, 0])


def test_a_bias_shows_in_the_flip_rate_and_not_in_the_verdicts(look, make_edits, compared, tmp_path):
    look(often_first)
    found = compared(make_edits("weak", "strong", "twin", twin=90))["tables"]
    lines = {(line["a"], line["b"]): line for line in found["verdicts"]}
    for pair in (("weak", "strong"), ("strong", "twin")):
        line, winner = lines[pair], "a wins" if pair[0] == "strong" else "b wins"
        assert line[winner] + line["ties"] == ITEMS and line[winner] > 2, "no verdict for the worse one"
        assert 0.2 < line["flip rate"] < 0.8 and line["shown first"] > 0.6
    equal = lines["weak", "twin"]
    assert equal["ties"] == ITEMS and equal["flip rate"] > 0.2 and equal["shown first"] == 1
    verdicts = pd.read_csv(tmp_path / "out" / "verdicts.csv")
    one_order = verdicts[(verdicts.a == "weak") & (verdicts.b == "twin")].a_first
    assert (one_order == "a").sum() > 2 > (one_order == "b").sum() == 0, "one order alone would have found a winner"


def test_images_are_blind_and_every_order_is_a_call_of_its_own(look, make_edits, compared):
    server = look()
    compared(make_edits("weak", "strong", photos=1), part="verdicts")
    assert len(server.seen) == 2 * 2 * 3, "two items; a pair and two controls, in both orders"
    shown = []
    for body in server.seen:
        assert [message["role"] for message in body["messages"]] == ["user"], "no earlier call is part of it"
        words = " ".join(parts(body, "text"))
        assert not any(name in words for name in ("weak", "strong", "secret", ".png", "reference"))
        assert "Result 1:" in words and "Result 2:" in words and "make it brighter, number " in words
        shown.append((words, *parts(body, "image_url")))
    turned = [(words, original, two, one) for words, original, one, two in shown]
    assert sorted(shown) == sorted(turned), "every call has its counterpart"


FAULTS: dict[str, Callable[[Any], Any]] = {
    "unparsable": lambda s: "The first one looks brighter to me.",
    "wrong_schema": lambda s: {"reason": "none", "better": "both", "instruction": 11, "naturalness": "high"},
    "declined": lambda s: s.completion(None, refusal="I cannot judge photographs."),
    "cut_off": lambda s: s.completion('{"reason": "The', finish="length"),
    "empty_answer": lambda s: s.completion(""),
    "http_413": lambda s: s.status(413, "too large"),
}
"""Reason -> an answer that repeating the request does not improve."""


def test_prose_refusals_and_faults_are_counted(look, make_edits, compared, tmp_path, server):
    def answer(body: dict[str, Any]) -> Any:
        place = int(chance(body) * 20)
        return list(FAULTS.values())[place](server) if place < len(FAULTS) else honest(body)

    look(answer)
    edits = make_edits("weak", "strong", photos=12)
    found = compared(edits)["tables"]
    outcomes = pd.DataFrame(found["outcomes"])
    assert set(outcomes.outcome) == {*FAULTS, "answered"}
    assert outcomes.groupby("prompt").calls.sum().to_dict() == {"following": 96, "quality": 96, "pair": 144}
    verdicts = pd.read_csv(tmp_path / "out" / "verdicts.csv", keep_default_na=False)
    (line,) = found["verdicts"]
    ours = verdicts[~verdicts.control]
    assert line["no verdict"] == (ours.verdict == "").sum() == (ours.unusable != "").sum() > 0
    assert line["b wins"] == 24 - line["no verdict"] and line["a wins"] == line["ties"] == 0
    grades = pd.read_csv(tmp_path / "out" / "grades.csv", keep_default_na=False)
    assert sum(one["no grade"] for one in found["grades"]) == (grades.unusable != "").sum() > 0


def test_an_endpoint_that_always_fails_leaves_tables_without_figures(look, make_edits, compared, server, tmp_path):
    look(lambda body: server.status(500))
    with pytest.raises(UnfinishedError, match=r"questions are unanswered .*start again"):
        compared(make_edits("weak", "strong", photos=1))
    assert (tmp_path / "out" / "comparison.md").read_text().count("|  |") > 0
    assert set(pd.read_csv(tmp_path / "out" / "verdicts.csv", keep_default_na=False).verdict) == {""}


def test_a_run_resumes_where_its_budget_ended_and_pays_nothing_twice(look, make_edits, compared, config, tmp_path):
    server, edits = look(), make_edits("weak", "strong", photos=2)
    with pytest.raises(UnfinishedError, match="spent") as error:
        compared(edits, config=replace(config, budget_tokens=20_000))
    assert error.value.exit_status == 3
    paid = len(server.seen)
    assert 10 <= paid <= 18, "1100 tokens each"
    part = pd.read_csv(tmp_path / "out" / "grades.csv")
    assert part[part.name == 0].overall.notna().all() and part[part.name == 3].overall.isna().all(), "whole items"
    complete = compared(edits)
    assert complete["this_run"]["cache_hits"] == paid
    bodies = len(server.seen)
    assert compared(edits)["tables"] == complete["tables"] and len(server.seen) == bodies


def test_a_failed_item_is_shown_as_the_original_and_equal_files_tie_without_a_call(look, make_edits, compared):
    server, full = look(), make_edits("weak", "strong", photos=2)
    weak = {name: path for name, path in full.images["weak"].items() if name != "0"}
    strong = {name: path for name, path in full.images["strong"].items() if name not in "01"}
    edits = Edits(full.items, {"weak": weak, "strong": strong | {"3": weak["3"]}}, ("weak", "strong"))
    found = compared(edits)["tables"]
    (line,) = found["verdicts"]
    assert line["equal"] == line["ties"] == 2, "both failed on item 0, and item 3 has one file"
    assert (line["a wins"], line["b wins"]) == (1, 1), "strong failed on item 1"
    assert {one["system"]: one["failed"] for one in found["grades"]} == {
        "weak": 1,
        "strong": 2,
        "original": 0,
        "reference": 0,
    }
    assert sum(prompt_name(body) == "pair" for body in server.seen) == 2 * 2 + 2 * 4 + 2 * 4


@pytest.mark.parametrize(("part", "empty"), [("grades", "verdicts"), ("verdicts", "grades")])
def test_one_part_may_be_asked_alone(part, empty, look, make_edits, compared, tmp_path: Path):
    server = look()
    found = compared(make_edits("weak", "strong", photos=1), part=part)["tables"]
    assert found[part] and not found[empty]
    assert {prompt_name(body) == "pair" for body in server.seen} == {part == "verdicts"}
    assert f"**{empty.capitalize()}**" not in (tmp_path / "out" / "comparison.md").read_text()
