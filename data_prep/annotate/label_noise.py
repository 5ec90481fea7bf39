"""SFT labels that are imperfect on purpose, and how good they are.

Labels distilled from a larger model are not exact: it overdoes, it wavers, it adds what it always adds and it
forgets. `noisy_label` makes the same four faults with one knob. GRPO then has something to gain by looking at
the picture, and part of that gain is there by construction: the manifest says how much, from `rate`.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np

from iea.editor import LeaveOneOut, Program

# Sizes of the faults at --label-noise 1; they scale with the knob and are all gone at 0.
OVERSHOOT = 0.4  # values are multiplied by 1 + this
JITTER = 10.0  # standard deviation added to the size of a value, slider steps
HABIT_CHANCE = 0.5  # a habit tool is added to a program that lacks it
DROP_CHANCE = 0.1  # one tool of several is forgotten
HABITS = ("contrast", "saturation", "vibrance", "sharpness")
HABIT_VALUES = (10, 30)  # smallest and largest habit, slider steps
STEP = 5


@dataclass(frozen=True)
class Rating:
    """The reward's two terms for a program, each in [-1, 1]."""

    r_like: float
    r_use: float

    def score(self, w: float = 0.7) -> float:
        """w * r_like + (1 - w) * r_use, the reward's default weight."""
        return w * self.r_like + (1 - w) * self.r_use


def rate(result: LeaveOneOut) -> Rating:
    """The reward's terms: R_like = max(-1, (D0 - D) / D0), R_use = mean of +-1 over the tools.

    Restated here because data preparation and reward meet only in the parquet file. Needs D0 > 0 and a tool.
    """
    like = max(-1.0, (result.before - result.after) / result.before)
    use = float(np.mean([1.0 if d > result.after else -1.0 for d in result.without.values()]))
    return Rating(like, use)


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


def label_of(program: Program, noise: float, seed: int, name: str) -> Program:
    """Return the noisy label of the example `name`: the same for the same seed, in whichever file and order it appears."""
    digest = hashlib.sha256(f"{seed}\0{name}".encode()).digest()
    return noisy_label(program, noise, np.random.default_rng(np.frombuffer(digest, np.uint32)))
