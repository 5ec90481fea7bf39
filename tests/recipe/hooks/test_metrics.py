"""The reward's components in the training metrics."""

import pytest

pytestmark = pytest.mark.filterwarnings("ignore")  # verl warns of every engine that is not installed


def test_components_are_averaged_by_data_source() -> None:
    from iea.recipe.hooks.metrics import component_means

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


def test_a_task_reports_what_it_has_and_nothing_else() -> None:
    from iea.recipe.hooks.metrics import component_means
    from iea.reward_fns.result import failed_score

    sources = ("iea/edit", "iea/refine", "iea/summary", "iea/unheard_of")
    reported = component_means((source, failed_score(1.0)) for source in sources)
    names = {
        source: {key.rsplit("/", 1)[1] for key in reported if key.startswith(f"reward/{source}/")}
        for source in sources
    }
    program = {"score", "r_like", "r_use", "d_before", "d_after", "n_tools", "parsable", "error", "reward_ms"}
    assert names == {
        "iea/edit": program,
        "iea/refine": program,
        "iea/summary": {
            *("score", "judge", "rouge_l", "parsable", "fallback", "error", "reward_ms", "judge_ms"),
        },
        "iea/unheard_of": {"error"},
    }


def test_no_component_name_triggers_verls_substring_aggregation() -> None:
    """verl/trainer/ppo/v1/utils.py sums or takes extremes of metrics whose names hold these words.

    The data source iea/summary does: its metrics would be summed over the updates of a step where there are several.
    The synchronous trainer, for which this sampler is, has one.
    """
    from iea.recipe.hooks.metrics import NEUTRAL
    from iea.reward_fns.result import failed_score

    words = ("max", "min", "sum", "total")
    names = [*(f"reward/iea/edit/{key}" for key in failed_score(0.0)), NEUTRAL]
    assert not [name for name in names for word in words if word in name]
