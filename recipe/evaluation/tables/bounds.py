"""Bounds of the reward: the labels that SFT imitates, and the programs that made the references."""

from collections.abc import Iterator, Sequence

from iea.recipe.evaluation.metrics import METRICS, measured
from iea.recipe.evaluation.results import RunResults, evaluated_sets, kind_title
from iea.recipe.evaluation.tables.cells import PROGRAM_KINDS, counts, found_in, spread
from iea.recipe.evaluation.tables.table import Line, Table

SYSTEMS = {"noisy_labels": "SFT labels", "stage1": "Stage 1", "stage3": "Stage 3", "true_programs": "true programs"}


def lines(runs: Sequence[RunResults]) -> Iterator[Line]:
    """Yield a line of every set and kind of row."""
    for part, title in evaluated_sets(runs):
        for kind in PROGRAM_KINDS:
            found = {name: found_in(runs, part, name, (kind,)) for name in SYSTEMS}
            if found["true_programs"]:
                about = {"set": title, "rows of": kind_title(kind)} | counts(found["true_programs"])
                yield about | {
                    heading: spread(measured(METRICS["reward"], results) for results in found[name])
                    for name, heading in SYSTEMS.items()
                }


TABLE = Table(
    "bounds",
    "**Bounds**: reward of the labels that SFT imitates, noisy as those of a search, and of the programs that made the "
    "references; mean ± standard deviation over seeds. The labels bound imitation; GRPO can exceed them.",
    lines,
    rank=80,
)
