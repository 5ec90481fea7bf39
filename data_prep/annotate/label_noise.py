"""Labels that are imperfect on purpose.

Programs that a larger model writes are not exact: it exaggerates, it is inconsistent, it adds its favourite tools and
forgets others. `noisy_label` makes these four errors, scaled by one number: the offline teacher uses it, and SFT rows of
rendered pairs where a mix asks for it, so that GRPO can gain something by looking at the picture.
"""

import hashlib

import numpy as np

from iea.editor import Program

# Sizes of the errors at noise 1; they are proportional to the noise.
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
    """Return what a teacher might have written for `program`.

    Parameters
    ----------
    program : the exact answer
    noise : in [0, 1]; 0 = `program` itself, 1 = the documented errors
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
    """Return the noisy label of the example `name`: the same for the same seed, in whichever file and order it appears.

    >>> label_of(Program({"exposure": 45}), 1.0, 0, "00000001-edit-template")
    Program({'exposure': 40})
    """
    digest = hashlib.sha256(f"{seed}\0{name}".encode()).digest()
    return noisy_label(program, noise, np.random.default_rng(np.frombuffer(digest, np.uint32)))
