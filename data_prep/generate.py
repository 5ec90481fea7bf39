"""Make the rows of a split, in this process or in several, with the same bytes either way.

Every row has its own random generator, seeded by (seed, split, index): a row does not depend on how many
others there are or on which process makes it. Workers are spawned, never forked, and leave when the process
that started them dies.
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import lru_cache, partial
from multiprocessing import connection, get_context, parent_process
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from iea.data_prep.annotate.label_noise import noisy_label
from iea.data_prep.folds import Split
from iea.data_prep.photographs import Prepared
from iea.data_prep.row import Record
from iea.data_prep.synthesize.crops import usable_crop
from iea.data_prep.synthesize.sample import Card, Sample, cards, draw_auto, draw_edit
from iea.editor import leave_one_out
from iea.editor.io import write_image
from iea.reward_fns.terms import term_values

SPLITS = ("train", "val", "sft_train")
AUTO_EVERY = 4  # every 4th row is an "auto" row: a quarter
EXTRA_SHARE = 0.2  # of instructed training rows, on training-only photographs
CHUNK = 32  # rows a worker makes before it reports

# Last entropy word of each generator, so that no two of them start alike. Never 0: NumPy pads with zeros.
ROW, DECK, LABEL = 1, 2, 3


@dataclass(frozen=True)
class Generator:
    """Everything a worker needs to make any row of any split."""

    images: Path
    split: Split
    size: int
    seed: int
    label_noise: float

    def make(self, split: str, index: int) -> Record:
        """Draw row `index` of `split` and write its pictures."""
        rng = self._rng(split, index, ROW)
        draw = partial(self._crop, split, index, rng)
        if is_auto(index):
            sample = draw_auto(draw, rng)
        else:
            sample = draw_edit(draw, self._card(split, index), rng)
        return self._record(split, index, sample)

    def _rng(self, split: str, number: int, purpose: int) -> np.random.Generator:
        return np.random.default_rng([self.seed, SPLITS.index(split), number, purpose])

    def _card(self, split: str, index: int) -> Card:
        """Deal the tools to the instructed rows from one shuffled deck after another."""
        deck = cards()
        round_, place = divmod(index - index // AUTO_EVERY, len(deck))
        return deck[int(self._rng(split, round_, DECK).permutation(len(deck))[place])]

    def _crop(
        self, split: str, index: int, rng: np.random.Generator, smallest: float
    ) -> tuple[str, NDArray[np.uint8]] | None:
        chosen = self._photo(split, index, rng)
        crop = usable_crop(_working_copy(chosen.working), self.size, smallest, rng)
        return None if crop is None else (chosen.photo.name, crop)

    def _photo(self, split: str, index: int, rng: np.random.Generator) -> Prepared:
        """Held-out photographs take turns, four rows each; training ones are drawn, for rows without an instruction
        from all that can look natural: the more of them, the less one of them is known by heart."""
        if split == "val":
            return self.split.held_out[index // AUTO_EVERY % len(self.split.held_out)]
        pool = self.split.train
        if is_auto(index):
            pool += tuple(prepared for prepared in self.split.extra if prepared.photo.natural)
        elif self.split.extra and rng.random() < EXTRA_SHARE:
            pool = self.split.extra
        return pool[int(rng.integers(len(pool)))]

    def _record(self, split: str, index: int, sample: Sample) -> Record:
        label = noisy_label(sample.program, self.label_noise, self._rng(split, index, LABEL))
        rating = sample.rating
        if label != sample.program:
            rating = term_values(leave_one_out(sample.original, sample.reference, label))
        stem = self.images / split / f"{index:06d}"
        if split == "sft_train":  # no reward reads these: a light JPEG (quality 95, 4:4:4) and no reference
            original, reference = f"{stem}-original.jpg", ""
        else:
            original, reference = f"{stem}-original.png", f"{stem}-reference.png"
            write_image(reference, sample.reference)
        write_image(original, sample.original)
        return Record(
            split=split,
            index=index,
            kind=sample.kind,
            photo=sample.photo,
            text=sample.text,
            program=sample.program.to_json(),
            label=label.to_json(),
            original=original,
            reference=reference,
            d_before=sample.d_before,
            program_rating=_pair(sample.rating),
            label_rating=_pair(rating),
            tries=sample.tries,
            pixels=hashlib.sha256(sample.original.tobytes() + sample.reference.tobytes()).hexdigest(),
        )


@lru_cache(maxsize=256)
def _working_copy(path: Path) -> Image.Image:
    with Image.open(path) as picture:
        return picture.convert("RGB")


def is_auto(index: int) -> bool:
    """Whether row `index` of any split carries no instruction."""
    return index % AUTO_EVERY == AUTO_EVERY - 1


def _pair(rating: dict[str, float]) -> tuple[float, float]:
    return rating["r_like"], rating["r_use"]


def generate(generator: Generator, rows: dict[str, int], jobs: int) -> Iterator[Record]:
    """Yield the records of every split in order: `rows` maps a split to its number of rows.

    Parameters
    ----------
    jobs : processes; 1 = this one
    """
    chunks = [
        (split, start, min(start + CHUNK, count))
        for split, count in rows.items()
        for start in range(0, count, CHUNK)
    ]
    for split in rows:
        (generator.images / split).mkdir(parents=True, exist_ok=True)
    if jobs == 1:
        for split, start, stop in chunks:
            yield from (generator.make(split, index) for index in range(start, stop))
        return
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn"), initializer=_leave_with_parent) as pool:
        for records in pool.map(partial(_make_chunk, generator), chunks):
            yield from records


def _make_chunk(generator: Generator, chunk: tuple[str, int, int]) -> list[Record]:
    split, start, stop = chunk
    return [generator.make(split, index) for index in range(start, stop)]


def _leave_with_parent() -> None:
    """End this worker when its parent is gone: an orphan would wait for work for ever."""
    parent = parent_process()
    if parent is None:
        return
    sentinel = parent.sentinel

    def watch() -> None:
        connection.wait([sentinel])
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
