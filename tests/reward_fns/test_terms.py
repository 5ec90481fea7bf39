import pytest

from iea.editor import LeaveOneOut
from iea.reward_fns import terms
from iea.reward_fns.terms import TERMS, Term, term_values
from iea.reward_fns.terms.r_like import SMALLEST_BEFORE, r_like
from iea.reward_fns.terms.r_use import r_use
from iea.reward_fns.terms.r_use_scaled import FULL_FROM, LEAST, MOST, r_use_scaled


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (0.2, 0.0, 1.0),  # the reference itself
        (0.2, 0.1, 0.5),
        (0.2, 0.2, 0.0),
        (0.2, 0.3, -0.5),
        (0.2, 0.4, -1.0),
        (0.2, 0.9, -1.0),  # at least -1
        (SMALLEST_BEFORE, 0.0, 1.0),
        (0.0, 0.0, 0.0),
        (0.0, SMALLEST_BEFORE / 4, -0.25),
        (0.0, 1.0, -1.0),
        (SMALLEST_BEFORE / 2, 0.0, 0.5),
    ],
)
def test_r_like_is_the_share_of_the_distance_removed(before: float, after: float, expected: float) -> None:
    assert r_like(LeaveOneOut(before, after, {})) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("after", [0.0, 0.001, 0.5])
def test_r_like_is_continuous_where_the_floor_takes_over(after: float) -> None:
    above = r_like(LeaveOneOut(SMALLEST_BEFORE * (1 + 1e-9), after, {}))
    below = r_like(LeaveOneOut(SMALLEST_BEFORE * (1 - 1e-9), after, {}))
    assert above == pytest.approx(below, abs=1e-6)


@pytest.mark.parametrize(
    ("without", "expected"),
    [
        ({"exposure": 0.11}, 1.0),
        ({"exposure": 0.09}, -1.0),
        ({"exposure": 0.1}, -1.0),  # without a difference it is useless
        ({"exposure": 0.11, "tint": 0.09}, 0.0),
        ({"exposure": 0.11, "tint": 0.12, "fade": 0.05}, 1 / 3),
    ],
)
def test_r_use_is_the_mean_vote_of_the_tools(without: dict[str, float], expected: float) -> None:
    assert r_use(LeaveOneOut(0.2, 0.1, without)) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("before", "after", "without", "expected"),
    [
        (0.2, 0.1, {"exposure": 0.2}, 1.0),
        (0.2, 0.2 * (1 - FULL_FROM / 2), {"exposure": 0.2}, 0.5),  # half the gain from which tools count in full
        (0.2, 0.2, {"exposure": 0.21}, -1.0),  # no gain: the tool only works against others
        (0.2, 0.3, {"exposure": 0.2}, -1.0),  # a negative mean is not scaled
        (0.2, 0.1, {"exposure": 0.1 + 0.2 * LEAST * 1.01}, 1.0),
        (0.2, 0.1, {"exposure": 0.1 + 0.2 * LEAST * 0.99}, -1.0),  # a near no-op
        (0.2, 0.1, {"exposure": 0.1 + 0.1 * MOST * 0.99}, 1.0),
        (0.2, 0.1, {"exposure": 0.1 + 0.1 * MOST * 1.01}, -1.0),  # it takes more than twice the gain
        (0.2, 0.1, {"exposure": 0.2, "tint": 0.09}, 0.0),
        (0.0, 0.0, {"exposure": 0.0001}, -1.0),
        (0.0, 0.0, {"exposure": 0.01}, -1.0),
    ],
)
def test_r_use_scaled_counts_tools_that_matter(
    before: float, after: float, without: dict[str, float], expected: float
) -> None:
    assert r_use_scaled(LeaveOneOut(before, after, without)) == pytest.approx(expected)


def test_a_refinement_is_scaled_by_its_gain_over_the_previous_result() -> None:
    measured = LeaveOneOut(0.2, 0.01, {"exposure": 0.2}, previous=0.02)
    assert r_like(measured) == 0.5
    assert r_use_scaled(measured) == 1
    assert r_use_scaled(LeaveOneOut(0.2, 0.01, {"exposure": 0.2}, previous=0.01)) == 0


def test_every_term_is_computed_by_name() -> None:
    measured = LeaveOneOut(0.2, 0.19, {"exposure": 0.2})
    functions = {"r_like": r_like, "r_use": r_use, "r_use_scaled": r_use_scaled}
    assert term_values(measured) == {name: function(measured) for name, function in functions.items()}


@pytest.mark.parametrize("value", [1.01, -1.01, float("nan")])
def test_a_term_outside_its_range_is_an_error(monkeypatch: pytest.MonkeyPatch, value: float) -> None:
    monkeypatch.setattr(terms, "TERMS", {**TERMS, "odd": Term("odd", lambda _: value)})
    with pytest.raises(ValueError, match=r"the term odd must be a number in \[-1, 1\]"):
        term_values(LeaveOneOut(0.2, 0.1, {"exposure": 0.11}))
