"""One listed photograph or pair -> pictures of ours and a row: decoded, laid upon each other, reduced, fingerprinted."""

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from iea.data_prep.ingest.align import Alignment, align
from iea.data_prep.ingest.decode import read_photograph, to_8_bits, to_16_bits
from iea.data_prep.ingest.near_duplicates import fingerprint
from iea.data_prep.ingest.resample import resample, whole
from iea.data_prep.ingest.sources import Listed, Rejected
from iea.data_prep.runner import Item, RejectedError, Row
from iea.data_prep.schema import PAIRS
from iea.editor import Image, Program, distance
from iea.editor.io import write_image

MIN_SIDE = 28  # px: one patch of the vision tower; smaller pictures would be enlarged before it sees them
MIN_CHANGE = 0.5 / 255  # D of half a level: the reference is the original, saved again

INGESTED = pa.schema(
    [
        *PAIRS,  # `group` is "" still, `split` the source's own
        ("folds", pa.list_(pa.int64())),  # that hold the photograph out, where the source says so
        ("thumb", pa.binary()),
        ("pixels", pa.string()),  # digest of the original's pixels
        ("reference_phash", pa.string()),
        ("reference_thumb", pa.binary()),
        ("reference_pixels", pa.string()),
    ]
)
"""PAIRS, and what tells near-duplicates; "" where there is no reference."""


@dataclass(frozen=True)
class Ingest:
    """Makes the row of an item, and its pictures below `images`.

    max_pixels : larger pictures are reduced to at most this many
    bits : 8 or 16 per channel of the written pictures
    """

    images: Path
    max_pixels: int
    bits: int

    def __call__(self, item: Item) -> list[Row]:
        """Rows of an item of `to_item`. Raises RejectedError, with the reasons of read_photograph and "misaligned",
        "too_small" and "no_change" besides those of the source."""
        if "reason" in item:
            raise RejectedError(item["reason"], item["text"])
        listed = Listed.of_item(item)
        original, reference, how = self._pictures(listed)
        change = 0.0 if reference is None else distance(original, reference)
        if reference is not None and change < MIN_CHANGE:
            raise RejectedError("no_change", f"{listed.name}: original and reference are the same picture")
        row = _described(listed) | {
            "original": self._written(listed, "original", original),
            "reference": "" if reference is None else self._written(listed, "reference", reference),
            "width": original.shape[1],
            "height": original.shape[0],
            "alignment": how,
            "d_before": change,
        }
        row["phash"], row["thumb"], row["pixels"] = _prints(original)
        row["reference_phash"], row["reference_thumb"], row["reference_pixels"] = _prints(reference)
        return [row]

    def _pictures(self, listed: Listed) -> tuple[Image, Image | None, str]:
        """Original and reference of one size and depth, and how they came to be."""
        original = read_photograph(listed.original, listed.colours)
        if listed.reference is None:
            return self._finished(original, Alignment("same", whole(original), whole(original))), None, "same"
        reference = read_photograph(listed.reference, listed.colours)
        found = align(original, reference)
        finished = self._finished(original, found)
        size = (finished.shape[1], finished.shape[0])
        return finished, self._deep(resample(reference, found.reference, size)), found.how

    def _finished(self, original: Image, area: Alignment) -> Image:
        """The original's part of the common area, no larger than either picture's and than max_pixels."""
        boxes = (area.original, area.reference)
        width, height = (min(box[2 + side] - box[side] for box in boxes) for side in (0, 1))
        scale = min(1.0, (self.max_pixels / (width * height)) ** 0.5)
        size = (int(width * scale + 1e-6), int(height * scale + 1e-6))  # never more than asked for
        if min(size) < MIN_SIDE:
            raise RejectedError("too_small", f"{size[0]} x {size[1]} pixels: both sides must be at least {MIN_SIDE}")
        return self._deep(resample(original, area.original, size))

    def _deep(self, image: Image) -> Image:
        return to_8_bits(image) if self.bits == 8 else to_16_bits(image)

    def _written(self, listed: Listed, role: str, image: Image) -> str:
        """Write a picture under a name that the source's and its own decide; returns its path."""
        digest = hashlib.sha256(f"{listed.source}\0{listed.name}".encode()).hexdigest()
        readable = re.sub(r"[^A-Za-z0-9.-]+", "_", listed.name)[-40:]
        path = self.images / listed.source / digest[:2] / f"{readable}-{digest[:16]}-{role}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        write_image(path, image)
        return str(path)


def to_item(one: Listed | Rejected) -> Item:
    """What a source lists as an item of a step; rejections too, so that they are counted in one place."""
    if isinstance(one, Rejected):
        return {"name": one.name, "reason": one.reason, "text": one.text}
    return one.to_item()


def _described(listed: Listed) -> Row:
    """The columns that need no picture."""
    return {
        "source": listed.source,
        "name": listed.name,
        "photo": listed.photo,
        "group": "",
        "split": listed.split,
        "folds": list(listed.folds),
        "weight": listed.weight,
        "expert": list(listed.expert),
        "amateur": list(listed.amateur),
        "operators": list(listed.operators),
        "program": Program(listed.program).to_json() if listed.program else "",
        "licence": listed.licence,
        "categories": json.dumps(dict(listed.categories), sort_keys=True),
    }


def _prints(image: Image | None) -> tuple[str, bytes, str]:
    """Perceptual hash, thumbnail and digest of a picture's pixels; empty where there is none."""
    if image is None:
        return "", b"", ""
    shape = f"{image.shape} {image.dtype} ".encode()
    return *fingerprint(image), hashlib.sha256(shape + image.tobytes()).hexdigest()
