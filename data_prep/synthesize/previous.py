"""The state before a refinement: a program that differs from the answer in one or two tools, and its image."""

from dataclasses import dataclass

import numpy as np

from iea.data_prep.synthesize.difficulty import PAPER, Difficulty
from iea.data_prep.synthesize.draw_pair import MIN_CHANGE, MIN_USE, Pair
from iea.data_prep.synthesize.random_programs import draw_card, draw_other_level, draw_value
from iea.editor import Image, Program, distance, render

SECOND_CHANGE = 0.4  # chance of a second tool that differs
MAX_TRIES = 20


@dataclass(frozen=True)
class Previous:
    """The previous program, its image, and D from that to the reference."""

    program: Program
    image: Image
    d_before: float


def draw_previous(rng: np.random.Generator, pair: Pair, difficulty: Difficulty = PAPER) -> Previous | None:
    """Return a previous state of `pair`; None if no change of one or two tools is visible.

    A tool is not used yet, used at another level, or used though it should not be. Redrawn until the previous image differs
    from the reference by `MIN_CHANGE`, and each tool contributes at least `MIN_USE`.
    """
    for _ in range(MAX_TRIES):
        program = _changed(rng, pair.program, 2 if rng.random() < SECOND_CHANGE else 1, difficulty)
        if not program:
            continue
        image = render(pair.original, program)
        d_before = distance(image, pair.reference)
        if d_before >= MIN_CHANGE and _each_shows(pair, program):
            return Previous(program, image, d_before)
    return None


def _changed(rng: np.random.Generator, program: Program, count: int, difficulty: Difficulty) -> Program:
    """Return the program with `count` tools changed."""
    edits = dict(program)
    for i in rng.choice(len(program), min(count, len(program)), replace=False):
        tool, value = list(program.items())[int(i)]
        change = int(rng.integers(3))
        if change == 0:
            del edits[tool]
        elif change == 1:
            edits[tool] = draw_other_level(rng, value, difficulty)
        else:
            card = draw_card(rng, without={**program, **edits}, difficulty=difficulty)
            edits[card.tool] = draw_value(rng, card.sign, card.level, difficulty)
    return Program(edits)


def _each_shows(pair: Pair, previous: Program) -> bool:
    """Return True if each differing tool, set back to its previous value alone, changes the reference visibly."""
    differing = [t for t in {*pair.program, *previous} if pair.program.get(t) != previous.get(t)]
    set_back = [Program({**pair.program, tool: previous.get(tool, 0)}) for tool in differing]
    return all(distance(render(pair.original, one), pair.reference) >= MIN_USE for one in set_back)
