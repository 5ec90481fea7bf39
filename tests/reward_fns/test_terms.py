import pytest

from iea.editor import LeaveOneOut
from iea.reward_fns.terms import likeness, usefulness
from iea.reward_fns.terms.likeness import SMALLEST_BEFORE


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (0.2, 0.0, 1.0),  # the reference itself
        (0.2, 0.1, 0.5),
        (0.2, 0.2, 0.0),
        (0.2, 0.3, -0.5),
        (0.2, 0.4, -1.0),
        (0.2, 0.9, -1.0),  # no worse than -1
        (SMALLEST_BEFORE, 0.0, 1.0),
        (0.0, 0.0, 0.0),
        (0.0, SMALLEST_BEFORE / 4, -0.25),
        (0.0, 1.0, -1.0),
        (SMALLEST_BEFORE / 2, 0.0, 0.5),
    ],
)
def test_likeness_is_the_share_of_the_distance_removed(before: float, after: float, expected: float) -> None:
    assert likeness(LeaveOneOut(before, after, {})) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("after", [0.0, 0.001, 0.5])
def test_likeness_is_continuous_where_the_floor_takes_over(after: float) -> None:
    above = likeness(LeaveOneOut(SMALLEST_BEFORE * (1 + 1e-9), after, {}))
    below = likeness(LeaveOneOut(SMALLEST_BEFORE * (1 - 1e-9), after, {}))
    assert above == pytest.approx(below, abs=1e-6)


@pytest.mark.parametrize(
    ("without", "expected"),
    [
        ({"exposure": 0.11}, 1.0),
        ({"exposure": 0.09}, -1.0),
        ({"exposure": 0.1}, -1.0),  # no difference is no use
        ({"exposure": 0.11, "tint": 0.09}, 0.0),
        ({"exposure": 0.11, "tint": 0.12, "fade": 0.05}, 1 / 3),
    ],
)
def test_usefulness_is_the_mean_vote_of_the_tools(without: dict[str, float], expected: float) -> None:
    assert usefulness(LeaveOneOut(0.2, 0.1, without)) == pytest.approx(expected)
