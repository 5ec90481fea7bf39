"""Draw edit programs: their tools, directions and levels.

The first tool of each program is dealt from shuffled decks of two cards per tool: in one deck each tool comes first once
in each direction, and in twenty decks each has its levels in the shares of `TIMES_IN_20`. So all tools are used, although
people want some far more often than others. The other tools are drawn by the weights and shares of the phrase files.
Those are our choice: half of all requests are for light, contrast and colour, as are those of GIER by its counts of
operators, and most want more of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from iea.data_prep.language.phrases import tool_phrases
from iea.data_prep.synthesize.sample import cards
from iea.editor import TOOLS, Program
from iea.editor.levels import LEVELS, TIMES_IN_20

MEAN_TOOLS, SPREAD_TOOLS, FEWEST_TOOLS, MOST_TOOLS = 4, 1, 2, 7  # as in the published system

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
    """A card by the weights of the phrase files, of none of the tools in `without`."""
    names = [name for name in TOOLS if name not in without]
    weights = np.array([tool_phrases(name).weight for name in names])
    tool = names[int(rng.choice(len(names), p=weights / weights.sum()))]
    sign = 1 if TOOLS[tool].low == 0 or rng.random() < tool_phrases(tool).positive else -1
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
