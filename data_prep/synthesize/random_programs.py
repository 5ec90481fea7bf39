"""Draw edit programs: their tools, directions and levels.

The first tool of each program is dealt from shuffled decks of two cards per tool: in one deck each tool comes first once
in each direction, and in twenty decks each has its levels in the shares of `TIMES_IN_20`. So all tools are used, although
some are requested far more often than others. The other tools are drawn by the weights and shares of the phrase files.
Those are our choice: half of all requests are for light, contrast and color, as are those of GIER by its counts of
operators, and most are for more of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from iea.data_prep.language.phrases import tool_phrases
from iea.data_prep.synthesize.difficulty import PAPER, Difficulty
from iea.editor import TOOLS, Program
from iea.editor.levels import level

# Last entropy word of each generator, so that no two generators are equal. Never 0: NumPy pads with zeros.
DECK, DECK_LEVELS = 1, 2


@dataclass(frozen=True)
class Card:
    """An edit that a program must have: tool, sign and level."""

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


def draw_card(rng: np.random.Generator, *, without: Mapping[str, int], difficulty: Difficulty = PAPER) -> Card:
    """Return a card of none of the tools in `without`."""
    names = [name for name in TOOLS if name not in without]
    weights = np.array([tool_phrases(name).weight if difficulty.by_popularity else 1.0 for name in names])
    tool = names[int(rng.choice(len(names), p=weights / weights.sum()))]
    positive = tool_phrases(tool).positive if difficulty.by_popularity else 0.5
    sign = 1 if TOOLS[tool].low == 0 or rng.random() < positive else -1
    shares = np.array(list(difficulty.shares.values()), np.float64)
    return Card(tool, sign, list(difficulty.shares)[int(rng.choice(len(shares), p=shares / shares.sum()))])


def draw_value(rng: np.random.Generator, sign: int, name: str, difficulty: Difficulty = PAPER) -> int:
    """Return a value of the level `name` with the sign of `sign`."""
    values = difficulty.levels[name]
    return (1 if sign > 0 else -1) * values[int(rng.integers(len(values)))]


def draw_other_level(rng: np.random.Generator, value: int, difficulty: Difficulty = PAPER) -> int:
    """Return a value of another level with the sign of `value`."""
    names = [name for name in difficulty.levels if name != level(value)]
    return draw_value(rng, value, names[int(rng.integers(len(names)))], difficulty)


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
