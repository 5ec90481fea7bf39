"""Drawing of programs: the tools, their directions and their strengths.

The first tool of each program is dealt from shuffled decks: of 32 programs in a row, two use each tool first, once in each
direction, and over enough decks each direction has its strengths exactly in the shares of the difficulty (paper: over 640
programs). So all tools are used, however unequal the demand for them is. The other tools are drawn by that demand.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from iea.data_prep.synthesize.difficulty import PAPER, Difficulty
from iea.editor import TOOLS, Program

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
    """An edit that a program must have: tool, sign and name of its strength."""

    tool: str
    sign: int
    level: str


def cards() -> list[tuple[str, int]]:
    """Return the deck that balances tools and directions: two cards a tool, one each way or twice the only way."""
    return [(name, sign) for name, tool in TOOLS.items() for sign in (1, -1 if tool.low < 0 else 1)]


def deal(seed: int, number: int, difficulty: Difficulty = PAPER) -> Card:
    """Return the card of program `number`, 0, 1, 2, ..."""
    deck = cards()
    round_, place = divmod(number, len(deck))
    which = int(np.random.default_rng([seed, round_, DECK]).permutation(len(deck))[place])
    levels = [name for name, times in difficulty.shares.items() for _ in range(times)]
    era, turn = divmod(round_, len(levels))
    shuffled = np.random.default_rng([seed, era, which, DECK_LEVELS]).permutation(len(levels))
    return Card(*deck[which], levels[int(shuffled[turn])])


def draw_card(
    rng: np.random.Generator, *, without: Mapping[str, int], difficulty: Difficulty = PAPER
) -> Card:
    """Return a card of none of the tools in `without`."""
    names = [name for name in TOOLS if name not in without]
    weights = np.array([PRIOR[name][0] if difficulty.by_popularity else 1.0 for name in names])
    tool = names[int(rng.choice(len(names), p=weights / weights.sum()))]
    positive = PRIOR[tool][1] if difficulty.by_popularity else 0.5
    sign = 1 if TOOLS[tool].low == 0 or rng.random() < positive else -1
    shares = np.array(list(difficulty.shares.values()), np.float64)
    level = list(difficulty.shares)[int(rng.choice(len(shares), p=shares / shares.sum()))]
    return Card(tool, sign, level)


def draw_value(rng: np.random.Generator, sign: int, level: str, difficulty: Difficulty = PAPER) -> int:
    """Return a value of a level."""
    values = difficulty.levels[level]
    return sign * values[int(rng.integers(len(values)))]


def draw_program(rng: np.random.Generator, card: Card, count: int, difficulty: Difficulty = PAPER) -> Program:
    """Return a program of `count` tools with the edit of `card`."""
    edits = {card.tool: draw_value(rng, card.sign, card.level, difficulty)}
    while len(edits) < count:
        other = draw_card(rng, without=edits, difficulty=difficulty)
        edits[other.tool] = draw_value(rng, other.sign, other.level, difficulty)
    return Program(edits)


def draw_count(rng: np.random.Generator, difficulty: Difficulty = PAPER) -> int:
    """Return a number of tools."""
    return int(rng.choice(list(difficulty.tools), p=list(difficulty.tools.values())))
