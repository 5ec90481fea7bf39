"""Find the phrase that a clause resembles most, and with it the tool and its direction."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from iea.data_prep.language.phrases import PERSONAS, PhraseSplit, tool_phrases
from iea.editor import TOOLS
from iea.recipe.agent.grammar.vocabulary import ignored, own_words, plain, words

LEAST = 0.42
"""Share of the weight of words that a clause and a phrase must have in common."""
SURE = 0.75
"""Share above which no other wording of a clause is tried."""
EXCESS = "less"
"""Word in the place of {too}: a complaint asks for less of its adjective."""


@dataclass(frozen=True)
class Entry:
    """A phrase: its words without those of strength, and the edit that it asks for; `sign` is 1 or -1."""

    tool: str
    sign: int
    words: frozenset[str]


@dataclass(frozen=True)
class Found:
    """The phrase nearest to a clause; `share` in [0, 1], `unknown` are the words of the clause that it does not explain."""

    entry: Entry
    share: float
    unknown: tuple[str, ...]


class Lexicon:
    """Phrases of every tool and direction, weighted by the rarity of their words.

    Parameters
    ----------
    splits : phrase splits to use
    plain_too : add the phrases of words.yaml
    """

    def __init__(self, splits: Iterable[PhraseSplit] = ("train", "val"), *, plain_too: bool = True) -> None:
        texts = list(_phrases(splits)) + (list(_own()) if plain_too else [])
        entries = {Entry(tool, sign, content(words(plain(text)))) for tool, sign, text in texts}
        self.entries = sorted(
            (one for one in entries if one.words), key=lambda one: (one.tool, one.sign, sorted(one.words))
        )
        groups = {(one.tool, one.sign): Counter[str]() for one in self.entries}
        for one in self.entries:
            groups[one.tool, one.sign].update(one.words)
        spread = Counter(word for group in groups.values() for word in group)
        self._weights = {word: 0.05 + math.log((len(groups) + 1) / count) for word, count in spread.items()}
        self._weights[EXCESS] = self._unknown = 0.05 + math.log(len(groups) + 1)  # it turns the meaning round
        self.nouns = {
            word for word in spread if all({1, -1} <= _signs(groups, word, tool) for tool in _tools(groups, word))
        }

    def find(self, clause: Sequence[str]) -> Found | None:
        """Return the nearest phrase to the words of a clause, None if none is near enough.

        A word of direction may stand for another one of the same direction: no phrase has to "bump" the shadows.
        """
        own = self._nearest(clause)
        if own is not None and own.share >= SURE:
            return own
        others = [found for one in _redirected(tuple(clause)) if (found := self._nearest(one))]
        fitting = [one for one in others if own is None or one.entry.tool == own.entry.tool]
        return max((*((own,) if own else ()), *fitting), key=lambda one: one.share, default=None)

    def _nearest(self, clause: Sequence[str]) -> Found | None:
        empty = ignored() | directions()
        mine = frozenset(word for word in content(clause) if word in self._weights or word not in ignored())
        if not mine - empty:
            return None
        alike = [one for one in self.entries if (EXCESS in one.words) == (EXCESS in mine)]
        best = max(alike, key=lambda one: self._share(mine, one.words))
        share = self._share(mine, best.words)
        matched = (mine & best.words) - empty
        unknown = tuple(word for word in clause if word in mine - best.words and not self.knows(word))
        if share < LEAST or not matched or len(unknown) > len(matched):
            return None
        return Found(best, share, unknown)

    def knows(self, word: str) -> bool:
        """Return True if a phrase has the word."""
        return word in self._weights

    def _share(self, one: frozenset[str], other: frozenset[str]) -> float:
        """Return the weighted Jaccard index of two sets of words; an unknown word has the weight of the rarest one."""
        weights, unknown = self._weights, self._unknown
        both = sum(weights.get(word, unknown) for word in one & other)
        return both / sum(weights.get(word, unknown) for word in one | other)


@cache
def lexicon() -> Lexicon:
    """Return the lexicon of all phrases."""
    return Lexicon()


def content(clause: Iterable[str]) -> frozenset[str]:
    """Return the words of a clause that tell phrases apart; one said twice, as in "whiter whites", counts twice."""
    said = [word for word in clause if word not in own_words()["empty"].split()]
    return frozenset(word if word not in said[:at] else f"{word} again" for at, word in enumerate(said))


def _redirected(clause: tuple[str, ...]) -> Iterable[tuple[str, ...]]:
    """Yield a clause with each other word of the same direction in the place of its own."""
    for group in own_words()["directions"]:
        forms = [words(text) for text in group]
        own = {word for form in forms if set(form) <= set(clause) for word in form}
        if own:
            rest = tuple(word for word in clause if word not in own)
            yield from ((*form, *rest) for form in forms)


def _phrases(splits: Iterable[PhraseSplit]) -> Iterable[tuple[str, int, str]]:
    for tool in TOOLS:
        for sign in (1, -1):
            direction = tool_phrases(tool).direction(sign)
            for split in splits:
                for persona in PERSONAS:
                    for order in direction.orders(persona, split):
                        yield tool, sign, order.format(it="it", how="", more="", some="")
                    for complaint in direction.complaints(persona, split):
                        yield tool, sign, complaint.format(it="it", too=EXCESS)


def _own() -> Iterable[tuple[str, int, str]]:
    for tool, directions in own_words()["plain"].items():
        for name, texts in directions.items():
            for text in texts:
                yield tool, 1 if name == "plus" else -1, text.replace("too ", f"{EXCESS} ")


@cache
def directions() -> frozenset[str]:
    """Return the words of direction, which need another word to mean an edit."""
    return frozenset(word for group in own_words()["directions"] for text in group for word in words(text)) | {EXCESS}


def _tools(groups: dict[tuple[str, int], Counter[str]], word: str) -> set[str]:
    return {tool for (tool, _), group in groups.items() if word in group}


def _signs(groups: dict[tuple[str, int], Counter[str]], word: str, tool: str) -> set[int]:
    return {sign for (one, sign), group in groups.items() if one == tool and word in group}
