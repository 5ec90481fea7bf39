"""Whether two pictures of a pair show the same pixels of the scene, and where they do if one was cropped or resized.

A retouch changes tones; edges stay where they are, and point the same way. So pictures are compared by their edges: at
every pixel of a small copy the gradient of the luma, as a complex number, is squared, so that an edge from dark to light
and one from light to dark count alike, and its length is compressed, so that a stronger contrast changes little. The
likeness is the correlation of the two fields: 1 for the same edges, about 0 for other pictures.
"""

from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from iea.data_prep.ingest.decode import to_8_bits
from iea.data_prep.ingest.resample import Box, resample, whole
from iea.data_prep.runner import RejectedError
from iea.editor import Image

Luma: TypeAlias = NDArray[np.uint8]

MIN_LIKENESS = 0.7
"""Of edges that are the same. On the bundled photographs, programs of two to seven strong edits leave at least 0.77 (half
of them 0.98); moved by up to 3 % of the side they keep at most 0.64; other photographs reach 0.08."""
GAIN = 0.02  # of likeness, by which a crop must fit better than the whole pictures at another scale
ASPECT = 0.01  # ratio of proportions within which pictures may be the same, whole, at another scale
SKETCH = 256  # px, long side of the copies whose edges are compared
SEARCH = 800  # px, long side of the copies in which points are matched
MIN_POINTS = 12  # that must agree on one crop and scale
RATIO = 0.8  # of the distances of the best and second-best match (Lowe 2004)
MAX_ANGLE = np.deg2rad(0.5)  # rotated pairs are rejected: turning one back would blur it
MAX_SCALE = 4.0
MIN_SHARE = 0.25  # of each picture that the common area must cover


@dataclass(frozen=True)
class Alignment:
    """Where both pictures show the same: how it was found, and a rectangle of each."""

    how: str  # "same", "scaled" or "registered"
    original: Box
    reference: Box


def align(original: Image, reference: Image) -> Alignment:
    """Find the common area of two pictures.

    Raises
    ------
    RejectedError : "misaligned", no area was found in which their edges agree
    """
    (height, width), (other_height, other_width) = original.shape[:2], reference.shape[:2]
    same = original.shape == reference.shape
    full = Alignment("same" if same else "scaled", whole(original), whole(reference))
    alike = abs(np.log(width * other_height / (height * other_width))) < ASPECT
    likeness = _likeness(original, reference, full) if alike else -1.0
    if same and likeness >= MIN_LIKENESS:
        return full
    registered = _register(original, reference)
    if registered and _likeness(original, reference, registered) >= max(MIN_LIKENESS, likeness + GAIN):
        return registered
    if likeness >= MIN_LIKENESS:
        return full
    raise RejectedError(
        "misaligned",
        f"pictures of {width} x {height} and {other_width} x {other_height} pixels must show the same scene, got "
        "edges that agree in no crop of them",
    )


def edge_likeness(a: Luma, b: Luma) -> float:
    """Correlation in [-1, 1] of the edges of two (H, W) pictures; 1 where neither has any, 0 where one has none."""
    first, second = _edges(a), _edges(b)
    energies = [float(np.square(np.abs(edges)).sum()) for edges in (first, second)]
    if not all(energies):
        return float(not any(energies))
    return float((first * second.conj()).real.sum() / np.sqrt(energies[0] * energies[1]))


def _edges(luma: Luma) -> NDArray[np.complex64]:
    """Squared gradient directions, (H, W), of length sqrt(|gradient|)."""
    smooth = cv2.GaussianBlur(luma.astype(np.float32), (0, 0), 1.0)
    field = cv2.Sobel(smooth, cv2.CV_32F, 1, 0) + 1j * cv2.Sobel(smooth, cv2.CV_32F, 0, 1)
    length = np.abs(field)
    edges: NDArray[np.complex64] = field**2 / np.maximum(length, 1e-3) ** 1.5
    return edges


def _likeness(original: Image, reference: Image, area: Alignment) -> float:
    """Likeness of the edges in an area, both pictures reduced to one small size."""
    left, top, right, bottom = area.original
    scale = min(1.0, SKETCH / max(right - left, bottom - top))
    size = (max(1, round((right - left) * scale)), max(1, round((bottom - top) * scale)))
    pictures = ((original, area.original), (reference, area.reference))
    return edge_likeness(*(_luma(resample(picture, box, size)) for picture, box in pictures))


def _luma(image: Image) -> Luma:
    luma: Luma = cv2.cvtColor(to_8_bits(image), cv2.COLOR_RGB2GRAY)
    return luma


def _register(original: Image, reference: Image) -> Alignment | None:
    """The common area by matching points, or None where too few agree."""
    matched = _matches(original, reference)
    if matched is None:
        return None
    here, there = matched
    motion, inliers = cv2.estimateAffinePartial2D(here, there, ransacReprojThreshold=2.0)
    if motion is None or inliers.sum() < MIN_POINTS:
        return None
    kept = inliers[:, 0].astype(bool)
    scale, shift = _scale_and_shift(here[kept], there[kept])
    angle = np.arctan2(motion[1, 0], motion[0, 0])
    if abs(angle) > MAX_ANGLE or not 1 / MAX_SCALE < scale < MAX_SCALE:
        return None
    return _common_area(whole(original), whole(reference), scale, shift)


def _matches(original: Image, reference: Image) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
    """(N, 2) places of the same points in both, in pixels from the top left corner."""
    cv2.setRNGSeed(0)  # of the sampling in estimateAffinePartial2D
    sift = cv2.SIFT.create(nfeatures=2000, contrastThreshold=0.02)
    places, marks = [], []
    for image in (original, reference):
        scale = min(1.0, SEARCH / max(image.shape[:2]))
        size = (max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale)))
        luma = cv2.equalizeHist(_luma(resample(image, whole(image), size)))
        points, described = sift.detectAndCompute(luma, None)
        if len(points) < MIN_POINTS:
            return None
        # a point's place counts from the middle of the first pixel, ours from its corner
        stretch = np.array([image.shape[1] / size[0], image.shape[0] / size[1]])
        places.append((np.array([point.pt for point in points]) + 0.5) * stretch)
        marks.append(described)
    pairs = cv2.BFMatcher(cv2.NORM_L2).knnMatch(marks[0], marks[1], k=2)
    good = [pair[0] for pair in pairs if len(pair) == 2 and pair[0].distance < RATIO * pair[1].distance]
    if len(good) < MIN_POINTS:
        return None
    return places[0][[match.queryIdx for match in good]], places[1][[match.trainIdx for match in good]]


def _scale_and_shift(here: NDArray[np.float64], there: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
    """Least squares of there = scale here + shift."""
    middle, other = here.mean(axis=0), there.mean(axis=0)
    spread = float(np.square(here - middle).sum())
    scale = float(((here - middle) * (there - other)).sum()) / spread if spread else 1.0
    return scale, other - scale * middle


def _common_area(here: Box, there: Box, scale: float, shift: NDArray[np.float64]) -> Alignment | None:
    """What both pictures show, as a rectangle of each; None where it is too little of either."""
    low = np.maximum(here[:2], (np.array(there[:2]) - shift) / scale)
    high = np.minimum(here[2:], (np.array(there[2:]) - shift) / scale)
    if (high <= low).any():
        return None
    area = float(np.prod(high - low))
    if min(area / (here[2] * here[3]), area * scale**2 / (there[2] * there[3])) < MIN_SHARE:
        return None
    corners = np.concatenate([low, high])
    moved = np.clip(scale * corners + np.tile(shift, 2), 0, np.tile(np.array(there[2:]), 2))
    return Alignment("registered", _box(corners), _box(moved))


def _box(corners: NDArray[np.float64]) -> Box:
    left, top, right, bottom = (float(corner) for corner in corners)
    return left, top, right, bottom
