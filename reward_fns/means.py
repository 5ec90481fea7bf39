"""Average the scores of many answers, for training metrics and evaluation."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from iea.reward_fns.tasks import SOURCES


def component_means(scores: Iterable[tuple[str, Mapping[str, Any]]]) -> dict[str, float]:
    """Return the mean of every key that the task of a data source reports, as "data source/key".

    Parameters
    ----------
    scores : (data source, score) of each answer; where a data source has no task, `error` alone is averaged

    Examples
    --------
    >>> component_means([("iea/edit", {"r_use": 1.0, "judge": 0.0}), ("iea/edit", {"r_use": 0.0, "judge": 0.0})])
    {'iea/edit/r_use': 0.5}
    """
    values: dict[str, list[float]] = defaultdict(list)
    for source, score in scores:
        for key in SOURCES[source].reported if source in SOURCES else ("error",):
            if key in score:
                values[f"{source}/{key}"].append(float(score[key]))
    return {name: sum(numbers) / len(numbers) for name, numbers in values.items()}
