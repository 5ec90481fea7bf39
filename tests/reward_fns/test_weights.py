"""The weights of the reward's terms: valid ones are read, mistakes are named."""

from typing import Any

import pytest

from iea.reward_fns.terms import TERMS
from iea.reward_fns.weights import DEFAULT_WEIGHTS, read_weights, weighted_sum


def test_the_default_names_terms_and_adds_up() -> None:
    assert read_weights() == read_weights(dict(DEFAULT_WEIGHTS)) == DEFAULT_WEIGHTS


@pytest.mark.parametrize("w", [0, 0.25, 1])
def test_w_is_a_shorthand_for_the_terms_of_the_paper(w: float) -> None:
    assert dict(read_weights(w=w)) == {"r_like": 0, "r_use": 0} | dict(read_weights({"r_like": w, "r_use": 1 - w}))
    assert read_weights(dict(DEFAULT_WEIGHTS), w) == read_weights(w=w)


def test_a_term_left_out_has_no_weight() -> None:
    values = dict.fromkeys(TERMS, 0.5) | {"r_use": -1.0}
    assert weighted_sum(values, read_weights({"r_use": 1})) == -1


@pytest.mark.parametrize(
    ("terms", "w", "message"),
    [
        ({"r_like": 0.7, "r_usefulness": 0.3}, None, "must name terms among .*got 'r_usefulness'"),
        ({"r_like": 0.7}, None, "must add up to 1, got .* 0.7"),
        ({"r_like": 0.7, "r_use": 0.31}, None, "must add up to 1"),
        ({}, None, "must add up to 1"),
        ({"r_like": 1.5, "r_use": -0.5}, None, r"r_like must be a number in \[0, 1\], got 1.5"),
        ({"r_like": 1, "r_use": float("nan")}, None, r"r_use must be a number in \[0, 1\], got nan"),
        ({"r_like": True, "r_use": 0}, None, "r_like must be a number"),
        ({"r_like": "1", "r_use": 0}, None, "r_like must be a number"),
        ({"r_like": None, "r_use": 1}, None, "r_like must be a number"),
        (0.7, None, "must map terms to weights"),
        (None, 70, r"iea.w must be a number in \[0, 1\], got 70"),
        (None, -0.1, "iea.w must be a number"),
        (None, float("nan"), "iea.w must be a number"),
        (None, "heavy", "iea.w must be a number"),
        ({"r_like": 0.6, "r_use_scaled": 0.4}, 0.7, "iea.w must be null where iea.terms is set"),
    ],
)
def test_other_weights_are_rejected(terms: Any, w: Any, message: str) -> None:
    with pytest.raises((TypeError, ValueError), match=message):
        read_weights(terms, w)


def test_rounded_decimals_are_accepted() -> None:
    thirds = {"r_like": 0.3333333, "r_use": 0.6666666}
    assert dict(read_weights(thirds)) == thirds
