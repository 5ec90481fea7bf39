"""Stepwise, the default: fit the program's values, then add the most promising tool as long as it helps."""

import numpy as np

from iea.data_prep.label.least_squares import fit, gains
from iea.data_prep.label.method import Method
from iea.data_prep.label.objective import Objective, descend, prune
from iea.editor import Program

MAX_TOOLS = 5
CANDIDATES = 2  # tools tried per addition, the most promising ones
LEAST_GAIN = 0.02  # share of D that a further tool must take away
POLISH = (3, 1)


def stepwise(objective: Objective, start: Program, rng: np.random.Generator) -> Program:
    """Find at most MAX_TOOLS tools; of a longer start the most useful ones stay."""
    program = prune(objective, fit(objective, start, list(start)), MAX_TOOLS)
    while len(program) < MAX_TOOLS:
        promising = list(gains(objective, program, [tool for tool in objective.tools if tool not in program]))
        tried = [fit(objective, program, [*program, tool]) for tool in promising[:CANDIDATES]]
        added = objective.closest(tried)
        if objective(added) >= (1 - LEAST_GAIN) * objective(program):
            break
        program = prune(objective, added, MAX_TOOLS)
    return prune(objective, descend(objective, program, POLISH), MAX_TOOLS)


METHOD = Method("Stepwise", "forward selection as in T2ONet's planner, with least squares for the values", stepwise)
