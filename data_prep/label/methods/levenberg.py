"""Levenberg-Marquardt on all sixteen values, then integers, then fewer tools: the oracle that a policy is judged by."""

import numpy as np

from iea.data_prep.label.least_squares import fit
from iea.data_prep.label.method import Method
from iea.data_prep.label.methods.stepwise import stepwise
from iea.data_prep.label.moves import descend, prune
from iea.data_prep.label.objective import Objective
from iea.editor import TOOLS, Program

ROUNDS = 12
POLISH = (4, 2, 1)


def levenberg(objective: Objective, start: Program, rng: np.random.Generator) -> Program:
    """The best of two ways: from the stepwise program and from nothing, each with all tools set free."""
    found = [stepwise(objective, start, rng)]
    for begin in (found[0], Program()):
        free = prune(objective, descend(objective, fit(objective, begin, list(TOOLS), ROUNDS), POLISH))
        found += [free, _fewer(objective, free)]
    return prune(objective, descend(objective, objective.closest(found), POLISH))


def _fewer(objective: Objective, program: Program) -> Program:
    """Do without one tool after another wherever the others, settled anew, come as close: tools that only mended what
    others had wrong go first."""
    for tool in sorted(program, key=lambda name: objective(program.without(name))):
        rest = program.without(tool)
        settled = fit(objective, rest, list(rest))
        if objective(settled) <= objective(program):
            program = settled
    return program


METHOD = Method("Levenberg-Marquardt", "least squares with finite differences, soft-L1", levenberg)
