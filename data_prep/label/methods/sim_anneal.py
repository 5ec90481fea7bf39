"""SimAnneal: random steps of random tools; worse ones are accepted less and less often."""

import numpy as np

from iea.data_prep.label.method import Method
from iea.data_prep.label.objective import Objective, changed
from iea.editor import Program

ITERATIONS = 1000
PATIENCE = 10  # iterations without a new best after which the search returns to the best
HOT, COLD = 10.0, 0.1  # temperatures at the first and last iteration, falling geometrically
ENERGY = 255  # levels; the paper gives no unit of the temperature: with D in levels, 10 and 0.1 are sensible
STEP = 25.0  # standard deviation of the first steps, in slider steps; falls with the root of the temperature


def sim_anneal(objective: Objective, start: Program, rng: np.random.Generator) -> Program:
    if not start:
        return start
    current, waited = start, 0
    for iteration in range(ITERATIONS):
        heat = (COLD / HOT) ** (iteration / (ITERATIONS - 1))
        tool = list(start)[int(rng.integers(len(start)))]
        step = int(np.rint(rng.normal(0, STEP * heat**0.5))) or 1
        tried = changed(current, tool, current.get(tool, 0) + step)
        before, best = objective(current), objective.distance
        worse = ENERGY * (objective(tried) - before)
        if worse <= 0 or rng.random() < np.exp(-worse / (HOT * heat)):
            current = tried
        waited = 0 if objective.distance < best else waited + 1
        if waited == PATIENCE:
            current, waited = objective.best, 0
    return objective.best


METHOD = Method("SimAnneal", "the paper's ablation: 1000 iterations, patience 10, 10 to 0.1", sim_anneal)
