"""RandomSearch: FastSearch with eight random values a tool."""

import numpy as np

from iea.data_prep.label.method import Method
from iea.data_prep.label.objective import Objective, changed
from iea.editor import Program

ATTEMPTS = 8  # a tool


def random_search(objective: Objective, start: Program, rng: np.random.Generator) -> Program:
    """One pass in the program's order; values of the same sign, drawn evenly."""
    best = start
    for tool, value in start.items():
        sign = 1 if value > 0 else -1
        drawn = [sign * int(size) for size in rng.integers(1, 101, ATTEMPTS)]
        best = objective.closest([best, *(changed(best, tool, other) for other in drawn)])
    return best


METHOD = Method("RandomSearch", "the paper's ablation, 8 attempts", random_search)
