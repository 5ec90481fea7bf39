"""The reward's components in the training metrics."""

import pytest

pytestmark = pytest.mark.filterwarnings("ignore")  # verl warns of every engine that is not installed


def test_no_component_name_triggers_verls_substring_aggregation() -> None:
    """verl/trainer/ppo/v1/utils.py sums or takes extremes of metrics whose names hold these words.

    The data source iea/summary does: its metrics would be summed over the updates of a step where there are several.
    The synchronous trainer, for which this sampler is, has one.
    """
    from iea.recipe.hooks.metrics import MASKED
    from iea.reward_fns.result import failed_score

    words = ("max", "min", "sum", "total")
    names = [*(f"reward/iea/edit/{key}" for key in failed_score(0.0)), MASKED]
    assert not [name for name in names for word in words if word in name]
