"""Labels that are imperfect on purpose.

Programs that a larger model writes are not exact: it takes the units of the tools for larger or smaller than they are, it is
inconsistent, it adds its favorite tools and forgets others. `noisy_label` makes these four errors, scaled by one number. The
offline teacher uses it, and SFT rows of rendered pairs where a mix asks for it, so that GRPO can gain something: the values
of some tools are too large and those of others too small, which no common factor corrects.
"""

import hashlib

import numpy as np

from iea.editor import Program

# Sizes of the errors at noise 1; they are proportional to the noise.
MISJUDGED = 0.4  # values are divided by 1 + this for the tools UNDERDONE, and multiplied by it for the others
UNDERDONE = ("temperature", "brightness", "shadows", "blacks", "natural_contrast", "vibrance", "sharpness", "grain")
JITTER = 10.0  # standard deviation added to the size of a value, slider steps
HABIT_CHANCE = 0.5  # a habit tool is added to a program that lacks it
DROP_CHANCE = 0.1  # one tool of several is forgotten
HABITS = ("contrast", "saturation", "vibrance", "sharpness")
HABIT_VALUES = (10, 30)  # smallest and largest habit, slider steps
STEP = 5


def _misjudged(tool: str, value: int, noise: float, rng: np.random.Generator) -> int:
    """Scale `value` by the error of its tool and add jitter: a multiple of 5 with the same sign, never 0."""
    factor = (1 + MISJUDGED * noise) ** (-1 if tool in UNDERDONE else 1)
    size = abs(value) * factor + JITTER * noise * rng.standard_normal()
    return int(np.sign(value)) * min(max(STEP * round(size / STEP), STEP), 100)


def noisy_label(program: Program, noise: float, rng: np.random.Generator) -> Program:
    """Return `program` with a teacher's errors.

    Parameters
    ----------
    noise : in [0, 1]; 0 = `program` itself, 1 = the documented errors
    """
    if noise == 0:
        return program
    kept = list(program.items())
    if len(kept) > 1 and rng.random() < DROP_CHANCE * noise:
        kept.pop(int(rng.integers(len(kept))))
    label = {tool: _misjudged(tool, value, noise, rng) for tool, value in kept}
    habit = HABITS[int(rng.integers(len(HABITS)))]
    if rng.random() < HABIT_CHANCE * noise and habit not in label:
        low, high = HABIT_VALUES
        label[habit] = STEP * int(rng.integers(low // STEP, high // STEP + 1))
    return Program(label)


def named_rng(seed: int, name: str) -> np.random.Generator:
    """Return the generator of one named thing: the same in every file, order and process."""
    digest = hashlib.sha256(f"{seed}\0{name}".encode()).digest()
    return np.random.default_rng(np.frombuffer(digest, np.uint32))


def label_of(program: Program, noise: float, seed: int, name: str) -> Program:
    """Return the noisy label of the example `name`, which depends on its name and the seed alone.

    >>> label_of(Program({"exposure": 45}), 1.0, 0, "00000001-edit-template")
    Program({'exposure': 40})
    """
    return noisy_label(program, noise, named_rng(seed, name))
