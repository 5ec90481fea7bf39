"""Every metric of the rows that ask for a program."""

from collections.abc import Iterator, Sequence

from iea.recipe.evaluation.results import STAGES, RunResults, evaluated_sets, kind_title
from iea.recipe.evaluation.tables.cells import PROGRAM_KINDS, counts, found_in, metric_cells
from iea.recipe.evaluation.tables.table import Line, Table


def lines(runs: Sequence[RunResults], kinds: Sequence[str] = PROGRAM_KINDS) -> list[Line]:
    """Return a line of every set, kind of row and stage, without the metrics that no line has."""
    found = list(_lines(runs, kinds))
    return [{name: cell for name, cell in line.items() if any(one[name] != "" for one in found)} for line in found]


def _lines(runs: Sequence[RunResults], kinds: Sequence[str]) -> Iterator[Line]:
    for part, title in evaluated_sets(runs):
        for kind in kinds:
            for stage, stage_title in STAGES.items():
                if found := found_in(runs, part, stage, (kind,)):
                    about = {"set": title, "rows of": kind_title(kind), "stage": stage_title}
                    yield about | counts(found) | metric_cells(found)


TABLE = Table(
    "edits",
    "**Edits**: every metric of Edit and Refine; mean ± standard deviation over seeds. The rewards in both forms are "
    "computed from their terms, for any form that the policy was trained with. L should fall and R_like and R_use rise "
    "from stage to stage; tools should not.",
    lines,
    rank=20,
)
