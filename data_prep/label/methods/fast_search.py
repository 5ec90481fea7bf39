"""FastSearch: every tool of the program once, eight steps around its value."""

import numpy as np

from iea.data_prep.label.method import Method
from iea.data_prep.label.objective import Objective, changed
from iea.editor import TOOLS, Program

STEPS = (-50, 25, -10, 5, -5, 10, -25, 50)  # those of the release, in its order


def fast_search(objective: Objective, start: Program, rng: np.random.Generator) -> Program:
    """Make one pass in the program's order; a value never becomes 0 or changes its sign."""
    best = start
    for tool, value in start.items():
        values = range(1, TOOLS[tool].high + 1) if value > 0 else range(TOOLS[tool].low, 0)
        tried = [changed(best, tool, value + step) for step in STEPS if value + step in values]
        best = objective.closest([best, *tried])
    return best


METHOD = Method("FastSearch", "the paper's; steps from its release", fast_search)
