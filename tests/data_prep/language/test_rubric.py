import numpy as np
import pytest

from iea.data_prep.language.rubric import BEST, SUBSTITUTE, VAGUE, WORST, score_programs
from iea.editor import TOOLS
from iea.editor.levels import LEVELS

ONE = {"temperature": 20}
FOUR = {"contrast": 20, "temperature": 20, "sharpness": 20, "tint": 20}
STRENGTHS = [values[0] for values in LEVELS.values()]


def draw(rng, count):
    chosen = [list(TOOLS)[i] for i in rng.choice(len(TOOLS), count, replace=False)]
    return {t: (1 if TOOLS[t].low == 0 or rng.random() < 0.5 else -1) * int(rng.choice(STRENGTHS)) for t in chosen}


def test_the_same_edits_score_10_at_any_value_of_a_level():
    rng = np.random.default_rng(0)
    for _ in range(200):
        program = draw(rng, int(rng.integers(1, 8)))
        assert score_programs(program, program) == BEST == 10
    assert score_programs({"exposure": 15, "tint": -45}, {"exposure": 30, "tint": -60}) == 10
    assert score_programs(ONE, {**ONE, "grain": 0}) == 10


@pytest.mark.parametrize(("value", "score"), [(20, 10), (45, 8), (80, 6), (100, 4)])
def test_each_level_off_costs_2_points_of_a_request_of_one_tool(value, score):
    assert score_programs(ONE, {"temperature": value}) == score
    assert score_programs({"temperature": value}, ONE) == score


def test_a_level_off_costs_its_share_of_a_longer_request():
    assert score_programs({"contrast": 20, "tint": 20}, {"contrast": 45, "tint": 20}) == 9
    assert score_programs(FOUR, {**FOUR, "tint": 80}) == 9


def test_the_opposite_scores_minus_10_and_half_of_it_0():
    for program in (ONE, FOUR):
        assert score_programs(program, {tool: -value for tool, value in program.items()}) == -10
    half = {tool: -value if tool in ("contrast", "tint") else value for tool, value in FOUR.items()}
    assert score_programs(FOUR, half) == 0
    assert score_programs(FOUR, {**FOUR, "tint": -20}) == 5


def test_a_missing_tool_loses_its_share():
    assert score_programs(FOUR, {t: v for t, v in FOUR.items() if t != "tint"}) == 7  # 7.5, rounded down
    assert score_programs({"contrast": 20, "tint": 20}, {"tint": 20}) == 5


def test_an_empty_prediction_scores_as_a_vague_request():
    assert score_programs(FOUR, {}) == VAGUE == 0


def test_an_unwanted_tool_costs_a_point():
    assert score_programs(ONE, {**ONE, "contrast": 45}) == 9
    assert score_programs(ONE, {**ONE, "contrast": 45, "fade": 20}) == 8
    assert score_programs(ONE, {"contrast": 45}) == -1


def test_all_tools_at_once_score_below_vague():
    soup = {tool.name: 20 for tool in TOOLS.values()}
    assert score_programs(ONE, soup) == BEST - (len(TOOLS) - 1) < VAGUE


@pytest.mark.parametrize(("tool", "other"), SUBSTITUTE.items())
def test_a_similar_tool_costs_little(tool, other):
    assert score_programs({tool: 20}, {other: 20}) == 8  # 8.75, rounded down
    assert score_programs({other: -20}, {tool: -20}) == 8
    assert score_programs({tool: 20}, {other: 45}) == 6
    assert score_programs({tool: 20}, {other: -20}) == -10
    assert score_programs({tool: 20}, {tool: 20, other: 20}) == 9  # 9.5
    assert score_programs({tool: 20}, {tool: 20, other: -20}) == 9
    assert score_programs({tool: 20, other: 20}, {other: 20}) == 5  # it was asked for besides


def test_a_score_is_an_integer_from_minus_10_to_10():
    rng = np.random.default_rng(1)
    scores = [
        score_programs(draw(rng, int(rng.integers(1, 8))), draw(rng, int(rng.integers(0, 17)))) for _ in range(2000)
    ]
    assert {type(score) for score in scores} == {int}
    assert min(scores) == WORST == -10 and max(scores) <= BEST


def faults(reference, prediction, rng):
    """Predictions with one fault more than `prediction` has."""
    for tool, value in prediction.items():
        meant = reference.get(tool)
        if meant is not None and meant * value > 0:
            if SUBSTITUTE.get(tool) not in prediction:  # which would stand in for it
                yield {t: v for t, v in prediction.items() if t != tool}
            if TOOLS[tool].low < 0:
                yield {**prediction, tool: -value}
            index = STRENGTHS.index(abs(value))
            further = 1 if abs(value) >= abs(meant) else -1
            if 0 <= index + further < len(STRENGTHS):
                yield {**prediction, tool: STRENGTHS[index + further] * (1 if value > 0 else -1)}
    for tool in TOOLS:
        if tool not in reference and tool not in prediction and SUBSTITUTE.get(tool) not in reference:
            yield {**prediction, tool: int(rng.choice(STRENGTHS))}


def test_adding_a_fault_never_raises_the_score():
    rng = np.random.default_rng(2)
    checked = 0
    for _ in range(150):
        reference = draw(rng, int(rng.integers(1, 8)))
        prediction = reference
        for _ in range(4):  # fault upon fault
            score = score_programs(reference, prediction)
            worse = list(faults(reference, prediction, rng))
            for one in worse:
                assert score_programs(reference, one) <= score, (reference, prediction, one)
            checked += len(worse)
            prediction = worse[int(rng.integers(len(worse)))]
    assert checked > 5000


def test_a_reference_without_an_edit_is_an_error():
    with pytest.raises(ValueError, match="one edit or more"):
        score_programs({"exposure": 0}, ONE)
