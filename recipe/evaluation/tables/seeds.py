"""The staircase of every seed."""

from collections.abc import Iterator, Sequence

from iea.recipe.evaluation.results import STAGES, RunResults, evaluated_sets
from iea.recipe.evaluation.tables.cells import counts, found_in
from iea.recipe.evaluation.tables.staircase import headline
from iea.recipe.evaluation.tables.table import Line, Table


def lines(runs: Sequence[RunResults]) -> Iterator[Line]:
    """Yield a line of every set, run and stage."""
    for part, title in evaluated_sets(runs):
        for run in runs:
            for stage, stage_title in STAGES.items():
                if found := found_in([run], part, stage):
                    about = {"set": title, "run": run.name, "stage": stage_title}
                    yield (
                        about
                        | {name: count for name, count in counts(found).items() if name != "seeds"}
                        | headline(found)
                    )


TABLE = Table("seeds", "**Seeds**: the staircase of every seed. Each should rise.", lines, rank=40)
