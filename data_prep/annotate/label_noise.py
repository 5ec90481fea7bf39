"""SFT labels that are imperfect on purpose, and how good they are.

Labels distilled from a larger model are not exact: it overdoes, it wavers, it adds what it always adds and it
forgets. `noisy_label` makes the same four faults with one knob. GRPO then has something to gain by looking at
the picture, and part of that gain is there by construction: the manifest says how much.
"""

from __future__ import annotations

import numpy as np

from iea.editor import Program

# Sizes of the faults at --label-noise 1; they scale with the knob and are all gone at 0.
OVERSHOOT = 0.4  # values are multiplied by 1 + this
JITTER = 10.0  # standard deviation added to the size of a value, slider steps
HABIT_CHANCE = 0.5  # a habit tool is added to a program that lacks it
DROP_CHANCE = 0.1  # one tool of several is forgotten
HABITS = ("contrast", "saturation", "vibrance", "sharpness")
HABIT_VALUES = (10, 30)  # smallest and largest habit, slider steps
STEP = 5


def _overdone(value: int, noise: float, rng: np.random.Generator) -> int:
    """`value` times the overshoot plus jitter, a multiple of 5, same sign, never 0."""
    size = abs(value) * (1 + OVERSHOOT * noise) + JITTER * noise * rng.standard_normal()
    rounded = STEP * round(size / STEP)
    return int(np.sign(value)) * min(max(rounded, STEP), 100)


def noisy_label(program: Program, noise: float, rng: np.random.Generator) -> Program:
    """What a distilling teacher would have written for `program`.

    Parameters
    ----------
    program : the exact answer
    noise : 0 = `program` itself, 1 = the documented faults, at most 1
    """
    if noise == 0:
        return program
    kept = list(program.items())
    if len(kept) > 1 and rng.random() < DROP_CHANCE * noise:
        kept.pop(int(rng.integers(len(kept))))
    label = {tool: _overdone(value, noise, rng) for tool, value in kept}
    habit = HABITS[int(rng.integers(len(HABITS)))]
    if rng.random() < HABIT_CHANCE * noise and habit not in label:
        low, high = HABIT_VALUES
        label[habit] = STEP * int(rng.integers(low // STEP, high // STEP + 1))
    return Program(label)
