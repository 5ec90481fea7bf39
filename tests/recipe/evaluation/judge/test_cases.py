"""What the examination expects is what the rubric and the checks say."""

import pytest

from iea.data_prep.language.rubric import VAGUE, WORST, score_programs
from iea.recipe.evaluation.judge.cases import ATTACKS, CASES, REFERENCE, Attack, Case
from iea.reward_fns.judge.checks import is_vague, rejection


@pytest.mark.parametrize(
    "case", [case for case in CASES if case.name != "irrelevant"], ids=lambda case: case.name
)
def test_a_case_has_the_rubrics_score(case: Case) -> None:
    assert case.expected == score_programs(case.meant, case.understood)


def test_the_irrelevant_case_has_the_worst_score() -> None:
    [case] = [case for case in CASES if case.name == "irrelevant"]
    assert case.expected == WORST and not case.understood


def test_the_rubrics_five_cases_are_all_there() -> None:
    assert [case.name for case in CASES] == [
        "exact",
        "magnitude",
        "sign flip",
        "missing",
        "vague",
        "irrelevant",
    ]


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: f"{attack.name}: {attack.prediction}")
def test_an_attack_expects_zero_where_it_is_vague_and_the_worst_otherwise(attack: Attack) -> None:
    assert attack.expected == (
        VAGUE if is_vague(attack.prediction) and attack.prediction.strip(". ") else WORST
    )


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: f"{attack.name}: {attack.prediction}")
def test_what_a_check_finds_it_scores_as_expected(attack: Attack) -> None:
    found = rejection(attack.prediction, [REFERENCE])
    assert found is None or found.score == attack.expected
