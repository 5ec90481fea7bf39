"""Reflect: compare the result with the reference and correct the program, in a few rounds.

In the paper the model that wrote the program does it. Here `offline_reviser` corrects it by statistics of the whole image:
brightness, contrast, saturation, temperature and tint.
"""

from collections.abc import Callable
from functools import partial
from typing import TypeAlias

import numpy as np

from iea.data_prep.label.method import Method
from iea.data_prep.label.objective import Objective, changed
from iea.editor import Image, Program, render
from iea.editor.color import luma

Reviser: TypeAlias = Callable[[Image, Image, Program], Program]
"""(the program's result, the reference, the program) -> a program that should come closer."""

ROUNDS = 4

# Tool -> slider steps for a difference of one level: four fifths of the inverse of a step's mean effect at +-20 on photographs, so
# that side effects of other tools are not overcorrected
STEPS_PER_LEVEL = {"exposure": 1.4, "contrast": 6.0, "saturation": 4.4, "temperature": 1.3, "tint": 3.4}


def glance(image: Image) -> dict[str, float]:
    """Measure the whole image, in levels, by the tool that changes the property."""
    rgb = image.reshape(-1, 3).T.astype(np.float64)
    y = luma(rgb)
    r, g, b = rgb.mean(axis=1)
    return {
        "exposure": float(y.mean()),
        "contrast": float(y.std()),
        "saturation": float(np.abs(rgb - y).mean()),
        "temperature": float(r - b),
        "tint": float(g - (r + b) / 2),
    }


def offline_reviser(result: Image, reference: Image, program: Program) -> Program:
    """Correct the one property that is off by most slider steps."""
    seen, wanted = glance(result), glance(reference)
    steps = {tool: gain * (wanted[tool] - seen[tool]) for tool, gain in STEPS_PER_LEVEL.items()}
    tool = max(steps, key=lambda name: abs(steps[name]))
    return changed(program, tool, program.get(tool, 0) + round(steps[tool]))


def reflect(reviser: Reviser, objective: Objective, start: Program, rng: np.random.Generator) -> Program:
    program = start
    for _ in range(ROUNDS):
        objective(program)
        program = reviser(render(objective.original, program), objective.reference, program)
    objective(program)
    return objective.best


METHOD = Method("Reflect", "the paper's ablation, with an offline reviser", partial(reflect, offline_reviser))
