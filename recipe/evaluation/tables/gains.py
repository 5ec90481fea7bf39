"""Paired differences in reward between stages."""

from collections.abc import Iterator, Sequence

from iea.recipe.evaluation.results import RunResults
from iea.recipe.evaluation.statistics import paired_difference
from iea.recipe.evaluation.tables.table import Line, Table


def lines(runs: Sequence[RunResults]) -> Iterator[Line]:
    """Yield a line of every run with GRPO: three differences with their 95 % intervals."""
    for run in runs:
        if "grpo" in run.evaluations:
            yield {
                "run": run.name,
                "GRPO - SFT": _difference(run, "grpo", "sft"),
                "GRPO - control": _difference(run, "grpo", "control"),
                "seen - gray, rows without instruction": _difference(run, "grpo", "grpo_gray", "auto"),
            }


def _difference(run: RunResults, a: str, b: str, kind: str | None = None) -> str:
    if a not in run.evaluations or b not in run.evaluations:
        return "not run"
    first, second = (run.evaluations[name] for name in (a, b))
    if kind is not None:
        first, second = first[first.kind == kind], second[second.kind == kind]
    return str(paired_difference(first, second)) if len(first) > 1 else "too few rows"


TABLE = Table(
    "gains",
    "**Gains in reward**: mean difference over the same rows and its 95 % bootstrap interval over rows. "
    "An interval without 0 is a gain on these rows; it does not cover the spread between trainings.",
    lines,
    rank=30,
)
