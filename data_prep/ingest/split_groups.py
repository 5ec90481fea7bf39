"""Group photographs that must share a split, and choose the split of each group.

Two rows are in one group if they are of one photograph, if two of their images are equal or near-duplicates, or if a chain
of such rows joins them. A group's split is its source's own; if its rows disagree, test precedes val and val precedes
train, so that no evaluated photograph is trained on. Other groups get a split by a hash of their name: it is stable, and
additional photographs change little (a group that another one joins may change its name).

For cross-validation, fold K holds out as val the photographs whose source says so, and of all others a fifth by the same
hash; the source's own split still comes first.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from iea.data_prep.ingest.near_duplicates import near_duplicates

SHARES = (("test", 0.05), ("val", 0.05))  # of the groups; the rest is for training
STRENGTH = ("test", "val", "train", "")
FOLDS = 5  # a fold holds out one in five of the groups without a split of their own


@dataclass(frozen=True)
class ImagePrint:
    """One image of a row: the row's number, the digest of the pixels, and the fingerprint."""

    row: int
    pixels: str
    phash: str
    thumb: bytes


def group_rows(photos: Sequence[str], prints: Sequence[ImagePrint]) -> list[str]:
    """Return the group of every row: the first of its photographs in alphabetical order.

    Parameters
    ----------
    photos : of every row
    prints : of the images of all rows, in any order
    """
    rows = np.array([one.row for one in prints], dtype=np.int64)
    hashes = np.array([int(one.phash, 16) for one in prints], dtype=np.uint64)
    thumbs = np.frombuffer(b"".join(one.thumb for one in prints), np.uint8)
    copies = near_duplicates(hashes, thumbs.reshape(len(rows), -1)) if len(rows) else iter(())
    edges = [(rows[a], rows[b]) for a, b in copies]
    edges += _equal(photos, range(len(photos)))
    edges += _equal([one.pixels for one in prints], rows.tolist())
    ends = np.array(edges, dtype=np.int64).reshape(-1, 2)
    links = coo_array((np.ones(len(ends), np.int8), (ends[:, 0], ends[:, 1])), shape=(len(photos),) * 2)
    _, labels = connected_components(links, directed=False)
    names: dict[int, str] = {}
    for label, photo in zip(labels.tolist(), photos, strict=True):
        names[label] = min(names.get(label, photo), photo)
    return [names[label] for label in labels.tolist()]


def own_split(split: str, folds: Sequence[int], fold: int | None) -> str:
    """Return the split of a row by its source alone; "" if the source does not decide it.

    Parameters
    ----------
    split : the source's own
    folds : that hold the photograph out
    fold : the fold to make; None = no cross-validation

    >>> own_split("", (0, 2), 2), own_split("", (0, 2), 1), own_split("", (), 2), own_split("test", (), 2)
    ('val', 'train', '', 'test')
    """
    if split or fold is None or not folds:
        return split
    return "val" if fold in folds else "train"


def split_rows(groups: Sequence[str], own: Sequence[str], fold: int | None = None) -> list[str]:
    """Return the split of every row, one per group.

    Parameters
    ----------
    own : split of every row by its source, or "": see own_split
    fold : of a cross-validation; None = 5 % test and 5 % val
    """
    splits: dict[str, str] = {}
    for group, split in zip(groups, own, strict=True):
        splits[group] = min(splits.get(group, ""), split, key=STRENGTH.index)
    dealt = {group: split or _dealt(group, fold) for group, split in splits.items()}
    return [dealt[group] for group in groups]


def _dealt(group: str, fold: int | None) -> str:
    """Return a split by a hash of the group's name."""
    place = int.from_bytes(hashlib.sha256(group.encode()).digest()[:8], "big") / 2**64
    if fold is not None:
        return "val" if int(place * FOLDS) == fold % FOLDS else "train"
    for split, share in SHARES:
        if place < share:
            return split
        place -= share
    return "train"


def _equal(values: Sequence[str], rows: Sequence[int]) -> list[tuple[int, int]]:
    """Return an edge from every row to the first row of the same value."""
    first: dict[str, int] = {}
    return [(first.setdefault(value, row), row) for value, row in zip(values, rows, strict=True)]
