"""What an entry of the phrase book is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Key: TypeAlias = tuple[str, int]
"""A tool and the sign of its value."""
Persona: TypeAlias = Literal["expert", "amateur"]
Wording: TypeAlias = Literal["train", "val"]


@dataclass(frozen=True)
class Phrases:
    """The ways to ask for one tool in one direction.

    do, do_val : orders; slots `{it}`, and one of `{how}`, `{more}`, `{some}` as in `iea.data_prep.language.instructions`
    wrong, wrong_val : complaints, which ask for the opposite of what they say; slots `{it}`, and `{too}` before the
        adjective

    Those ending in `_val` are for held-out texts only: combinations of words that training never shows, though it shows
    every word of them.
    """

    do: tuple[str, ...]
    do_val: tuple[str, ...]
    wrong: tuple[str, ...]
    wrong_val: tuple[str, ...]

    def orders(self, wording: Wording) -> tuple[str, ...]:
        """The orders of a wording."""
        return self.do if wording == "train" else self.do_val

    def complaints(self, wording: Wording) -> tuple[str, ...]:
        """The complaints of a wording."""
        return self.wrong if wording == "train" else self.wrong_val
