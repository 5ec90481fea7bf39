"""The reward's components in the training metrics."""

import pytest

pytestmark = pytest.mark.filterwarnings("ignore")  # verl warns of every engine that is not installed


def test_components_are_averaged_by_data_source() -> None:
    from iea.recipe.metrics import component_means

    rollouts = [
        ("iea/edit", {"r_like": 1.0, "error": 0.0}),
        ("iea/edit", {"r_like": 0.0, "error": 1.0}),
        ("iea/auto", {"r_like": -1.0, "error": 0.0, "note": "text is left out"}),
    ]
    assert component_means(rollouts) == {
        "reward/iea/edit/r_like": 0.5,
        "reward/iea/edit/error": 0.5,
        "reward/iea/auto/r_like": -1.0,
        "reward/iea/auto/error": 0.0,
    }


def test_no_component_name_triggers_verls_substring_aggregation() -> None:
    """verl/trainer/ppo/v1/utils.py sums or takes extremes of metrics whose names hold these words."""
    from iea.reward_fns.score import failed_score

    words = ("max", "min", "sum", "total")
    assert not [key for key in failed_score(0.0) for word in words if word in f"reward/iea/edit/{key}"]
