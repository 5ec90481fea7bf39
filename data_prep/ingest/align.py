"""Find the common area of the two images of a pair, if one was cropped or resized, or reject the pair.

A retouch changes tones; edges keep their place and direction. Images are therefore compared by their edges: at every pixel
of a small copy the gradient of the luma, as a complex number, is squared, so that an edge from dark to light and one from
light to dark count alike, and its length is compressed, so that a stronger contrast changes little. The likeness is the
correlation of the two fields: 1 for the same edges, about 0 for different images.
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
Points: TypeAlias = NDArray[np.float64]
"""(N, 2) x and y in pixels from the top left corner."""

MIN_LIKENESS = 0.7
"""Of the same edges. On the bundled photographs, programs of two to seven strong edits leave at least 0.77 (half of them
0.98); images moved by up to 3 % of the side have at most 0.64; different photographs at most 0.08."""
GAIN = 0.02  # of likeness, by which a crop must fit better than the whole images at another scale
ASPECT = 0.01  # difference of the logarithms of the aspect ratios within which whole images may match at another scale
SKETCH = 256  # px, long side of the copies whose edges are compared
SEARCH = 800  # px, long side of the copies in which points are matched
MIN_POINTS = 12  # that must agree on one crop and scale
RATIO = 0.8  # of the distances of the best and second-best match (Lowe 2004)
MAX_ANGLE = np.deg2rad(0.5)  # rotated pairs are rejected: rotating one back would blur it
MAX_SCALE = 4.0
MIN_SHARE = 0.25  # of each image that the common area must cover


@dataclass(frozen=True)
class Alignment:
    """The method by which the common area of two images was found, and its rectangle in each."""

    method: str  # "same", "scaled" or "registered"
    original: Box
    reference: Box


def align(original: Image, reference: Image) -> Alignment:
    """Find the common area of two images.

    Raises
    ------
    RejectedError : "misaligned", the edges agree in no area
    """
    (height, width), (other_height, other_width) = original.shape[:2], reference.shape[:2]
    same = original.shape == reference.shape
    full = Alignment("same" if same else "scaled", whole(original), whole(reference))
    one_aspect = abs(np.log(width * other_height / (height * other_width))) < ASPECT
    likeness = _likeness(original, reference, full) if one_aspect else -1.0
    if same and likeness >= MIN_LIKENESS:
        return full
    registered = _register(original, reference)
    if registered and _likeness(original, reference, registered) >= max(MIN_LIKENESS, likeness + GAIN):
        return registered
    if likeness >= MIN_LIKENESS:
        return full
    raise RejectedError(
        "misaligned",
        f"images of {width} x {height} and {other_width} x {other_height} pixels must show the same scene, got edges "
        "that agree in no crop of them",
    )


def edge_likeness(a: Luma, b: Luma) -> float:
    """Return the correlation of the edges of two (H, W) images, in [-1, 1]; 1 if neither has edges, 0 if one has none."""
    first, second = _edges(a), _edges(b)
    energies = [float(np.square(np.abs(edges)).sum()) for edges in (first, second)]
    if not all(energies):
        return float(not any(energies))
    return float((first * second.conj()).real.sum() / np.sqrt(energies[0] * energies[1]))


def _edges(luma: Luma) -> NDArray[np.complex64]:
    """Return the squared gradient directions, (H, W), of length sqrt(|gradient|)."""
    smooth = cv2.GaussianBlur(luma.astype(np.float32), (0, 0), 1.0)
    field = cv2.Sobel(smooth, cv2.CV_32F, 1, 0) + 1j * cv2.Sobel(smooth, cv2.CV_32F, 0, 1)
    length = np.abs(field)
    edges: NDArray[np.complex64] = field**2 / np.maximum(length, 1e-3) ** 1.5
    return edges


def _likeness(original: Image, reference: Image, area: Alignment) -> float:
    """Return the likeness of the edges in an area, with both images reduced to one small size."""
    left, top, right, bottom = area.original
    size = _within(SKETCH, right - left, bottom - top)
    return edge_likeness(_luma(original, area.original, size), _luma(reference, area.reference, size))


def _within(longest: int, width: float, height: float) -> tuple[int, int]:
    """Return (width, height) reduced to a long side of at most `longest`, whole pixels."""
    scale = min(1.0, longest / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))


def _luma(image: Image, box: Box, size: tuple[int, int]) -> Luma:
    luma: Luma = cv2.cvtColor(to_8_bits(resample(image, box, size)), cv2.COLOR_RGB2GRAY)
    return luma


def _register(original: Image, reference: Image) -> Alignment | None:
    """Find the common area by matching points; None if too few of them agree."""
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


def _matches(original: Image, reference: Image) -> tuple[Points, Points] | None:
    """Return the places of the same points in both images; None if there are too few."""
    cv2.setRNGSeed(0)  # of the sampling in estimateAffinePartial2D
    sift = cv2.SIFT.create(nfeatures=2000, contrastThreshold=0.02)
    places, descriptors = [], []
    for image in (original, reference):
        height, width = image.shape[:2]
        size = _within(SEARCH, width, height)
        points, described = sift.detectAndCompute(cv2.equalizeHist(_luma(image, whole(image), size)), None)
        if len(points) < MIN_POINTS:
            return None
        # cv2 counts from the center of the first pixel, a Box from its corner
        places.append((np.array([point.pt for point in points]) + 0.5) * (width / size[0], height / size[1]))
        descriptors.append(described)
    pairs = cv2.BFMatcher(cv2.NORM_L2).knnMatch(descriptors[0], descriptors[1], k=2)
    good = [pair[0] for pair in pairs if len(pair) == 2 and pair[0].distance < RATIO * pair[1].distance]
    if len(good) < MIN_POINTS:
        return None
    return places[0][[match.queryIdx for match in good]], places[1][[match.trainIdx for match in good]]


def _scale_and_shift(here: Points, there: Points) -> tuple[float, NDArray[np.float64]]:
    """Fit there = scale here + shift by least squares."""
    mean, other_mean = here.mean(axis=0), there.mean(axis=0)
    spread = float(np.square(here - mean).sum())
    scale = float(((here - mean) * (there - other_mean)).sum()) / spread if spread else 1.0
    return scale, other_mean - scale * mean


def _common_area(here: Box, there: Box, scale: float, shift: NDArray[np.float64]) -> Alignment | None:
    """Return the area that both images show; None if it is too small a part of either."""
    low = np.maximum(here[:2], (np.array(there[:2]) - shift) / scale)
    high = np.minimum(here[2:], (np.array(there[2:]) - shift) / scale)
    if (high <= low).any():
        return None
    area = float(np.prod(high - low))
    if min(area / (here[2] * here[3]), area * scale**2 / (there[2] * there[3])) < MIN_SHARE:
        return None
    (left, top), (right, bottom) = low.tolist(), high.tolist()
    moved = np.clip(scale * np.stack([low, high]) + shift, 0, there[2:])
    (moved_left, moved_top), (moved_right, moved_bottom) = moved.tolist()
    return Alignment("registered", (left, top, right, bottom), (moved_left, moved_top, moved_right, moved_bottom))
