"""Tools in a program."""

from iea.editor import TOOLS
from iea.recipe.evaluation.metrics.metric import Metric

METRIC = Metric(
    "tools",
    "tools",
    lambda results: results.n_tools.where(results.parsable > 0),
    better="lower",
    needs="n_tools",
    format=".1f",
    rank=40,
    span=f"0 to {len(TOOLS)}",
    failed="left out: it has no program",
    source="tools in the program, zeros included",
)
