"""Levenberg-Marquardt on the values of all tools, then integers, then fewer tools: the oracle for a policy."""

import numpy as np

from iea.data_prep.label.least_squares import fit
from iea.data_prep.label.method import Method
from iea.data_prep.label.methods.stepwise import stepwise
from iea.data_prep.label.objective import Objective, descend, prune
from iea.editor import Program

ROUNDS = 12
POLISH = (4, 2, 1)


def levenberg(objective: Objective, start: Program, rng: np.random.Generator) -> Program:
    """Return the best of two searches over all tools: from the stepwise program and from nothing."""
    found = [stepwise(objective, start, rng)]
    for first in (found[0], Program()):
        free = prune(objective, descend(objective, fit(objective, first, objective.tools, ROUNDS), POLISH))
        found += [free, _fewer(objective, free)]
    return prune(objective, descend(objective, objective.closest(found), POLISH))


def _fewer(objective: Objective, program: Program) -> Program:
    """Remove one tool after another where the others, fitted again, come as close; the least useful first."""
    for tool in sorted(program, key=lambda name: objective(program.without(name))):
        rest = program.without(tool)
        fitted = fit(objective, rest, list(rest))
        if objective(fitted) <= objective(program):
            program = fitted
    return program


METHOD = Method("Levenberg-Marquardt", "least squares with finite differences, soft-L1", levenberg)
