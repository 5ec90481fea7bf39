"""Turn one listed photograph or pair into our images and a row: decoded, aligned, reduced, fingerprinted."""

import filecmp
import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from iea.data_prep.image_sizes import loader_fault
from iea.data_prep.ingest.align import align
from iea.data_prep.ingest.decode import read_photograph, to_8_bits, to_16_bits
from iea.data_prep.ingest.near_duplicates import fingerprint
from iea.data_prep.ingest.resample import Box, resample, whole
from iea.data_prep.ingest.sources import Listed
from iea.data_prep.runner import Item, RejectedError, Row
from iea.data_prep.schema import PAIRS
from iea.editor import Image, Program, distance
from iea.editor.io import write_image

MIN_SIDE = 28  # px: one patch of the vision tower, which would enlarge smaller images
MIN_CHANGE = 0.5 / 255  # D of half a level: below it the reference is the original, saved again

INGESTED = pa.schema(
    [
        *PAIRS,  # `group` is still "", `split` the source's own
        ("folds", pa.list_(pa.int64())),  # that hold the photograph out, by the source
        ("thumb", pa.binary()),
        ("pixels", pa.string()),  # digest of the original's pixels
        ("reference_phash", pa.string()),
        ("reference_thumb", pa.binary()),
        ("reference_pixels", pa.string()),
    ]
)
"""PAIRS with the fingerprints of near-duplicates; "" for a missing reference."""
LISTED = ("source", "name", "photo", "split", "folds", "weight", "expert", "amateur", "operators", "license")
"""Columns that the source gives as they are."""


@dataclass(frozen=True)
class Ingest:
    """Make the row of an item, and write its images below `images`.

    max_pixels : larger images are reduced to at most this many
    bits : 8 or 16 per channel of the written images
    """

    images: Path
    max_pixels: int
    bits: int

    def __call__(self, item: Item) -> list[Row]:
        """Make the row of a listed or rejected item of a source.

        Raises
        ------
        RejectedError : the source's reasons, those of read_photograph, "misaligned", "too_small", "too_narrow", "no_change"
        """
        if "reason" in item:
            raise RejectedError(item["reason"], item["text"])
        listed = Listed.of_item(item)
        original, reference, alignment = self._images(listed)
        change = 0.0 if reference is None else distance(original, reference)
        if reference is not None and change < MIN_CHANGE:
            raise RejectedError("no_change", f"{listed.name}: original and reference are the same image")
        row = {key: item[key] for key in LISTED} | {
            "group": "",
            "program": Program(listed.program).to_json() if listed.program else "",
            "categories": json.dumps(dict(listed.categories), sort_keys=True),
            "original": self._write(listed, "original", original),
            "reference": "" if reference is None else self._write(listed, "reference", reference),
            "width": original.shape[1],
            "height": original.shape[0],
            "alignment": alignment,
            "d_before": change,
        }
        row["phash"], row["thumb"], row["pixels"] = _prints(original)
        row["reference_phash"], row["reference_thumb"], row["reference_pixels"] = _prints(reference)
        return [row]

    def _images(self, listed: Listed) -> tuple[Image, Image | None, str]:
        """Return original and reference of one size and depth, and the method of their alignment."""
        original = read_photograph(listed.original, listed.colors)
        if listed.reference is None:
            return self._reduced(original, whole(original), self._size(whole(original))), None, "same"
        reference = read_photograph(listed.reference, listed.colors)
        area = align(original, reference)
        size = self._size(area.original, area.reference)
        images = self._reduced(original, area.original, size), self._reduced(reference, area.reference, size)
        return *images, area.method

    def _reduced(self, image: Image, box: Box, size: tuple[int, int]) -> Image:
        return (to_8_bits if self.bits == 8 else to_16_bits)(resample(image, box, size))

    def _size(self, *boxes: Box) -> tuple[int, int]:
        """Return the (width, height) of the smaller box, reduced to max_pixels."""
        width, height = (min(box[2 + side] - box[side] for box in boxes) for side in (0, 1))
        scale = min(1.0, (self.max_pixels / (width * height)) ** 0.5)
        size = (int(width * scale + 1e-6), int(height * scale + 1e-6))  # never more than max_pixels
        if min(size) < MIN_SIDE:
            raise RejectedError("too_small", f"{size[0]} x {size[1]} pixels: both sides must be at least {MIN_SIDE}")
        if fault := loader_fault(*size, max_pixels=self.max_pixels):
            raise RejectedError(
                "too_narrow", f"{int(width)} x {int(height)} pixels, reduced to {size[0]} x {size[1]}: {fault}"
            )
        return size

    def _write(self, listed: Listed, role: str, image: Image) -> str:
        """Write an image under a name that depends only on the source and the row's name; return its path."""
        digest = hashlib.sha256(f"{listed.source}\0{listed.name}".encode()).hexdigest()
        readable = re.sub(r"[^A-Za-z0-9.-]+", "_", listed.name)[-40:]
        path = self.images / listed.source / digest[:2] / f"{readable}-{digest[:16]}-{role}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_stem(f".{path.stem}")
        write_image(fresh, image)
        if path.is_file() and filecmp.cmp(fresh, path, shallow=False):
            fresh.unlink()  # the steps after this one go by the time of the file
        else:
            fresh.replace(path)
        return str(path)


def _prints(image: Image | None) -> tuple[str, bytes, str]:
    """Return the perceptual hash, thumbnail and digest of an image's pixels; empty without an image."""
    if image is None:
        return "", b"", ""
    shape = f"{image.shape} {image.dtype} ".encode()
    return *fingerprint(image), hashlib.sha256(shape + image.tobytes()).hexdigest()
