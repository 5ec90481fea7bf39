"""FastSearch: every tool of the program once, eight steps around its value."""

import numpy as np

from iea.data_prep.label.method import Method
from iea.data_prep.label.objective import Objective, changed, same_sign
from iea.editor import Program

STEPS = (-50, 25, -10, 5, -5, 10, -25, 50)  # the release's, in its order


def fast_search(objective: Objective, start: Program, rng: np.random.Generator) -> Program:
    """One pass in the program's order; a value never becomes 0 or changes its sign."""
    best = start
    for tool, value in start.items():
        tried = [changed(best, tool, value + step) for step in STEPS if same_sign(tool, value, value + step)]
        best = objective.closest([best, *tried])
    return best


METHOD = Method("FastSearch", "the paper's; steps from its release", fast_search)
