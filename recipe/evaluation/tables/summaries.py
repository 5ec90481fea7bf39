"""Every metric of the rows that ask for a summary."""

from functools import partial

from iea.recipe.evaluation.tables.edits import lines
from iea.recipe.evaluation.tables.table import Table

TABLE = Table(
    "summaries",
    "**Summaries**: every metric of Summary; mean ± standard deviation over seeds. R_align should rise from stage to "
    "stage, ROUGE-L from Stage 1 to Stage 3; the reward is a tenth of R_align.",
    partial(lines, kinds=("summary",)),
    rank=25,
)
