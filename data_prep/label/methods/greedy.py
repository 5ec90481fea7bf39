"""Greedy: every tool of the program once, every integer of its range."""

import numpy as np

from iea.data_prep.label.method import Method
from iea.data_prep.label.objective import Objective, changed
from iea.editor import TOOLS, Program


def greedy(objective: Objective, start: Program, rng: np.random.Generator) -> Program:
    """Make one pass in the program's order; 0, which leaves the tool out, is one of the values."""
    best = start
    for tool in start:
        values = range(TOOLS[tool].low, TOOLS[tool].high + 1)
        best = objective.closest([best, *(changed(best, tool, value) for value in values)])
    return best


METHOD = Method("Greedy", "the paper's ablation", greedy)
