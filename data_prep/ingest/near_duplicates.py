"""Which photographs are copies of each other: re-encoded, resized, brightened or trimmed, over hundreds of thousands.

Two stages. A 64-bit perceptual hash (the signs of the lowest 8 x 8 cosine frequencies of 32 x 32 pixels, as in the library
ImageHash) names candidates: those that differ in at most `MAX_BITS` bits. Of the candidates those are near-duplicates
whose thumbnails, each with its mean and spread taken out, correlate by at least `MIN_CORRELATION`: a hash alone would
merge strangers once there are 10^10 pairs.

On crops of the bundled photographs it finds all copies that were re-encoded, halved or retouched, 97 % of those trimmed
by 1 %, 92 % by 2 %, 86 % by 3 %, 61 % by 5 %; of a million pairs of crops that do not overlap it took one for copies
(a periodic texture). Mirrored and strongly cropped copies are not found.

All pairs are compared, tile by tile: CPU time on one core is 0.1 s for 11,000 hashes and 87 s for 400,000. Multi-index
hashing (Norouzi et al. 2012), which compares only hashes that nearly agree in one of four parts, took 0.2 s and 62 s.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import imagehash
import numpy as np
from numpy.typing import NDArray
from PIL import Image as PillowImage

from iea.data_prep.ingest.decode import to_8_bits
from iea.editor import Image
from iea.editor.color import LUMA

MAX_BITS = 11  # of 64: unrelated photographs differ in 32 on average
MIN_CORRELATION = 0.9
SIDE = 8  # px of a thumbnail: coarse, so that a trimmed copy still looks the same
FLAT = 3.0  # spread of a thumbnail, 0-255: below it nothing can be compared, and only equal pixels are equal
TILE = (64, 4096)  # hashes compared with each other at a time: what a core's cache holds


@dataclass(frozen=True)
class Prints:
    """Fingerprints of N pictures: `hashes` (N,) uint64 and `thumbs` (N, SIDE * SIDE) uint8, luma."""

    hashes: NDArray[np.uint64]
    thumbs: NDArray[np.uint8]


def fingerprint(image: Image) -> tuple[str, bytes]:
    """The hash in 16 hex digits, and the thumbnail, SIDE * SIDE bytes, of a picture."""
    picture = PillowImage.fromarray(to_8_bits(image))
    luma = PillowImage.fromarray(np.rint(np.asarray(picture, np.float32) @ np.array(LUMA, np.float32)).astype(np.uint8))
    thumb = luma.resize((SIDE, SIDE), PillowImage.Resampling.BOX)
    return str(imagehash.phash(luma)), thumb.tobytes()


def near_duplicates(prints: Prints) -> Iterator[tuple[int, int]]:
    """Numbers of near-duplicates, each pair a < b once. The caller follows chains of them."""
    shape = _shapes(prints.thumbs)
    seen = np.flatnonzero(shape.any(axis=1))
    for first, second in _candidates(prints.hashes[seen]):
        a, b = seen[first], seen[second]
        alike = np.einsum("ij,ij->i", shape[a], shape[b]) >= MIN_CORRELATION
        yield from zip(a[alike].tolist(), b[alike].tolist(), strict=True)


def _shapes(thumbs: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Thumbnails of mean 0 and length 1; all zeros where the picture is flat."""
    centred = thumbs.astype(np.float32)
    centred -= centred.mean(axis=1, keepdims=True)
    spread = np.sqrt(np.square(centred).mean(axis=1, keepdims=True))
    centred *= np.where(spread < FLAT, 0, 1 / (np.maximum(spread, FLAT) * np.sqrt(centred.shape[1])))
    return centred


def _candidates(hashes: NDArray[np.uint64]) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Yield all pairs a < b of hashes that differ in at most MAX_BITS bits, each once, in batches."""
    height, width = TILE
    for top in range(0, len(hashes), height):
        for left in range(top, len(hashes), width):
            differing = hashes[top : top + height, None] ^ hashes[left : left + width]
            near = np.bitwise_count(differing) <= MAX_BITS
            if near.any():
                a, b = np.nonzero(near)
                upper = a + top < b + left
                yield a[upper] + top, b[upper] + left
