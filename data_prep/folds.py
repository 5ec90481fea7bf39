"""Which photographs are held out: a window over an ordered list that moves with the fold.

The split is by photograph, never by row or crop. Bundled photographs keep the order of `photographs.EVERYDAY`; a
folder's are ordered by the SHA-256 of their bytes, so that names, folders and order of copying do not matter.
Fold k holds out `n_held_out` neighbours from position k * n_held_out on, around the end. Of the eight bundled
ones folds 0, 1 and 2 hold out flower, rocket, grace_hopper; china, coffee, astronaut; chelsea, motorcycle
and, wrapping round, flower again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from iea.data_prep.photographs import Prepared

HELD_OUT_SHARE = 0.2
HELD_OUT_AT_LEAST = 3  # fewer and one odd photograph decides the score


@dataclass(frozen=True)
class Split:
    """Disjoint photographs; `extra` are for training only, in rows that suit them."""

    train: tuple[Prepared, ...]
    held_out: tuple[Prepared, ...]
    extra: tuple[Prepared, ...]
    warning: str = ""


def held_out_count(n_photos: int) -> int:
    """How many of `n_photos` are held out: a fifth, at least 3, but never more than half."""
    return min(max(HELD_OUT_AT_LEAST, round(HELD_OUT_SHARE * n_photos)), n_photos // 2)


def split_photos(prepared: Sequence[Prepared], fold: int, *, by_content: bool) -> Split:
    """Hold out fold `fold` of the everyday photographs.

    Parameters
    ----------
    fold : 0 or more
    by_content : order by hash first (a folder); otherwise keep the order given (bundled)

    Raises
    ------
    ValueError : fewer than 2 everyday photographs, or a negative fold
    """
    everyday = [p for p in prepared if p.photo.everyday]
    if by_content:
        everyday.sort(key=lambda p: p.sha256)
    if len(everyday) < 2:
        raise ValueError(
            f"at least 2 usable photographs are needed, one to train on and one to hold out, got "
            f"{len(everyday)}; add photographs to the folder"
        )
    if fold < 0:
        raise ValueError(f"fold must be 0 or more, got {fold}")
    count = held_out_count(len(everyday))
    chosen = {(fold * count + i) % len(everyday) for i in range(count)}
    warning = ""
    if count < HELD_OUT_AT_LEAST:
        warning = f"only {count} held-out photographs: give at least 6 photographs to hold out 3"
    return Split(
        train=tuple(p for i, p in enumerate(everyday) if i not in chosen),
        held_out=tuple(p for i, p in enumerate(everyday) if i in chosen),
        extra=tuple(p for p in prepared if not p.photo.everyday),
        warning=warning,
    )
