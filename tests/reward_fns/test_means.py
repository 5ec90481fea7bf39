"""Means of scores by data source."""

from iea.reward_fns.means import component_means
from iea.reward_fns.result import failed_score
from iea.reward_fns.tasks import SOURCES
from iea.reward_fns.terms import TERMS


def test_components_are_averaged_by_data_source() -> None:
    rollouts = [
        ("iea/edit", {"r_like": 1.0, "error": 0.0}),
        ("iea/edit", {"r_like": 0.0, "error": 1.0}),
        ("iea/auto", {"r_like": -1.0, "error": 0.0, "note": "text is left out"}),
    ]
    assert component_means(rollouts) == {
        "iea/edit/r_like": 0.5,
        "iea/edit/error": 0.5,
        "iea/auto/r_like": -1.0,
        "iea/auto/error": 0.0,
    }


def test_a_task_reports_its_own_keys_alone() -> None:
    sources = ("iea/edit", "iea/refine", "iea/summary", "iea/unheard_of")
    reported = component_means((source, failed_score(1.0)) for source in sources)
    names = {source: {key.rsplit("/", 1)[1] for key in reported if key.startswith(f"{source}/")} for source in sources}
    told = {source: set(task.reported) for source, task in SOURCES.items() if source in sources}
    assert names == told | {"iea/unheard_of": {"error"}}
    assert set(TERMS) <= names["iea/edit"] and not set(TERMS) & names["iea/summary"]
