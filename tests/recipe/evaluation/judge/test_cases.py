"""The expected scores of cases and attacks are those of the rubric and of the checks."""

import pytest

from iea.data_prep.language.rubric import VAGUE, WORST, score_programs
from iea.recipe.evaluation.judge.cases import ATTACKS, CASES, REFERENCE, Attack, Case
from iea.reward_fns.judge.checks import is_vague, rejection


@pytest.mark.parametrize("case", [case for case in CASES if case.name != "irrelevant"], ids=lambda case: case.name)
def test_a_case_has_the_rubrics_score(case: Case) -> None:
    assert case.expected == score_programs(case.reference_program, case.prediction_program)


def test_the_irrelevant_case_has_the_worst_score() -> None:
    [case] = [case for case in CASES if case.name == "irrelevant"]
    assert case.expected == WORST and not case.prediction_program


def test_every_line_of_the_rubric_has_a_case() -> None:
    assert [case.name for case in CASES] == ["exact", "magnitude", "sign flip", "missing", "vague", "irrelevant"]


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: f"{attack.name}: {attack.prediction}")
def test_an_attack_expects_0_if_vague_and_else_the_worst(attack: Attack) -> None:
    assert attack.expected == (VAGUE if attack.name == "vague" else WORST)
    assert is_vague(attack.prediction) or attack.name != "vague"


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: f"{attack.name}: {attack.prediction}")
def test_a_check_gives_the_expected_score(attack: Attack) -> None:
    found = rejection(attack.prediction, [REFERENCE])
    assert found is None or found.score == attack.expected or (found.needs_judge and found.score > attack.expected)
