"""InitGen: the program to start from, as it is."""

import numpy as np

from iea.data_prep.label.method import Method
from iea.data_prep.label.objective import Objective
from iea.editor import Program


def keep(objective: Objective, start: Program, rng: np.random.Generator) -> Program:
    return start


METHOD = Method("InitGen", "the paper's ablation without search", keep)
