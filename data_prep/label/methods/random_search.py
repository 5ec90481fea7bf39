"""RandomSearch: FastSearch with eight random values per tool."""

import numpy as np

from iea.data_prep.label.method import Method
from iea.data_prep.label.objective import Objective, changed
from iea.editor import Program

ATTEMPTS = 8  # per tool


def random_search(objective: Objective, start: Program, rng: np.random.Generator) -> Program:
    """Make one pass in the program's order; values of the same sign, drawn uniformly."""
    best = start
    for tool, value in start.items():
        sign = 1 if value > 0 else -1
        drawn = [sign * int(size) for size in rng.integers(1, 101, ATTEMPTS)]
        best = objective.closest([best, *(changed(best, tool, other) for other in drawn)])
    return best


METHOD = Method("RandomSearch", "the paper's ablation, 8 attempts", random_search)
