"""The reward's components in the training metrics."""

import pytest

pytestmark = pytest.mark.filterwarnings("ignore")  # verl warns of every engine that is not installed


def test_no_component_triggers_verls_aggregation_by_name() -> None:
    """verl/trainer/ppo/v1/utils.py sums or takes extremes of metrics with these words in their names.

    The data source iea/summary has one: its metrics would be summed over the updates of a step. Our trainer, the
    synchronous one, has one update per step.
    """
    from iea.recipe.hooks.metrics import MASKED
    from iea.reward_fns.result import failed_score

    words = ("max", "min", "sum", "total")
    names = [*(f"reward/iea/edit/{key}" for key in failed_score(0.0)), MASKED]
    assert not [name for name in names for word in words if word in name]
