"""Which tools a program uses, which way and how strongly.

The first tool of each program is dealt from shuffled decks: of 32 programs in a row, two use each tool first, once each
way, and of 640 each has its levels in the shares of `TIMES_IN_20`. So all tools are used however unequal the wishes of
people are. The other tools are drawn by those wishes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from iea.data_prep.synthesize.sample import cards
from iea.editor import TOOLS, Program
from iea.editor.levels import LEVELS, TIMES_IN_20

MEAN_TOOLS, SPREAD_TOOLS, FEWEST_TOOLS, MOST_TOOLS = 4, 1, 2, 7  # as in the published system

PRIOR: Mapping[str, tuple[float, float]] = {
    "exposure": (3, 0.65),
    "brightness": (3, 0.65),
    "contrast": (3, 0.75),
    "natural_contrast": (1, 0.7),
    "highlights": (2, 0.3),
    "shadows": (2, 0.75),
    "whites": (1, 0.55),
    "blacks": (1, 0.4),
    "saturation": (3, 0.75),
    "vibrance": (1.5, 0.8),
    "temperature": (2, 0.6),
    "tint": (1.5, 0.5),
    "sharpness": (1.5, 0.85),
    "vignette": (1, 0.25),
    "fade": (0.5, 1),
    "grain": (0.5, 1),
}
"""Tool -> (how often it is wanted beside others, relatively; how often in the + direction). Our choice: half of all wishes
are for light, contrast and colour, as are those of GIER by its counts of operators, and most want more of it."""

# Last entropy word of each generator, so that no two of them start alike. Never 0: NumPy pads with zeros.
DECK, DECK_LEVELS = 1, 2


@dataclass(frozen=True)
class Card:
    """An edit that a program must have: tool, sign and name of the level."""

    tool: str
    sign: int
    level: str


def deal(seed: int, number: int) -> Card:
    """The card of program `number`, 0, 1, 2, ..."""
    deck = cards()
    round_, place = divmod(number, len(deck))
    which = int(np.random.default_rng([seed, round_, DECK]).permutation(len(deck))[place])
    levels = [name for name, times in TIMES_IN_20.items() for _ in range(times)]
    era, turn = divmod(round_, len(levels))
    shuffled = np.random.default_rng([seed, era, which, DECK_LEVELS]).permutation(len(levels))
    return Card(*deck[which], levels[int(shuffled[turn])])


def draw_card(rng: np.random.Generator, *, without: Mapping[str, int]) -> Card:
    """A card by people's wishes, of none of the tools in `without`."""
    names = [name for name in PRIOR if name not in without]
    weights = np.array([PRIOR[name][0] for name in names])
    tool = names[int(rng.choice(len(names), p=weights / weights.sum()))]
    sign = 1 if TOOLS[tool].low == 0 or rng.random() < PRIOR[tool][1] else -1
    shares = np.array(list(TIMES_IN_20.values())) / 20
    return Card(tool, sign, list(TIMES_IN_20)[int(rng.choice(len(shares), p=shares))])


def draw_value(rng: np.random.Generator, sign: int, level: str) -> int:
    """A value of a level."""
    values = LEVELS[level]
    return sign * values[int(rng.integers(len(values)))]


def draw_program(rng: np.random.Generator, card: Card, count: int) -> Program:
    """A program of `count` tools with the edit of `card`."""
    edits = {card.tool: draw_value(rng, card.sign, card.level)}
    while len(edits) < count:
        other = draw_card(rng, without=edits)
        edits[other.tool] = draw_value(rng, other.sign, other.level)
    return Program(edits)


def draw_count(rng: np.random.Generator) -> int:
    """How many tools a program has: 2 to 7, mostly 3 to 5."""
    return int(np.clip(round(rng.normal(MEAN_TOOLS, SPREAD_TOOLS)), FEWEST_TOOLS, MOST_TOOLS))
