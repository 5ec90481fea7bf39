"""Define the inputs of metrics: an edited image beside its reference, and an answer beside its reference sentences."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from iea.data_prep.ingest.decode import to_8_bits
from iea.editor import Image, ProgramError, render
from iea.editor.image import check_pair
from iea.editor.io import read_image
from iea.reward_fns.parse import parse_answer
from iea.reward_fns.tasks import SOURCES
from iea.reward_fns.tasks.summary import reference_sentences


@dataclass(frozen=True, eq=False)
class Shown:
    """The images of a row, (H, W, 3) uint8 sRGB of one size.

    original : the image before the edit; of Refine the previous result, against which its gain is counted
    edited : the result; None = a failed row, such as an answer without a program or a missing file
    reference : the image that the result is compared with

    Raises
    ------
    ValueError : the images differ in size, or are not as above
    """

    original: Image
    edited: Image | None
    reference: Image

    def __post_init__(self) -> None:
        """Check shapes and types."""
        for image in (self.original, self.result):
            check_pair(image, self.reference)
        if self.reference.dtype != np.uint8:
            raise ValueError(f"images must be uint8, got {self.reference.dtype}; use to_8_bits")

    @property
    def result(self) -> Image:
        """The edited image; of a failed row the original: no metric is better for a failure than for no edit."""
        return self.original if self.edited is None else self.edited

    @property
    def side(self) -> int:
        """Height or width, the smaller, pixels."""
        return int(min(self.reference.shape[:2]))

    def levels(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return result and reference as floats in [0, 1]."""
        return self.result / 255, self.reference / 255


@dataclass(frozen=True)
class Said:
    """A sentence and the right ones, at least one, of which metrics take the best."""

    answer: str
    references: Sequence[str]


Compared: TypeAlias = Shown | Said


def shown_answer(original: Image, reference: Image, answer: str, *, previous: Image | None = None) -> Shown:
    """Render the program of an answer.

    Parameters
    ----------
    original, reference : (H, W, 3) sRGB, uint8 or uint16, of one shape and dtype; the program is rendered in this dtype
    answer : the model's answer, see `iea.reward_fns.parse`; one without a program is a failed row
    previous : of Refine, the previous result

    Examples
    --------
    >>> gray = np.full((8, 8, 3), 90, np.uint8)
    >>> brighter = shown_answer(gray, gray, '{"exposure": 20}')
    >>> bool((brighter.result > gray).all()), shown_answer(gray, gray, "brighter, please").edited
    (True, None)
    """
    try:
        edited = to_8_bits(render(original, parse_answer(answer)))
    except ProgramError:
        edited = None
    before = original if previous is None else previous
    return Shown(to_8_bits(before), edited, to_8_bits(reference))


def compared_row(source: str, extra: Mapping[str, Any], answer: str) -> Compared | None:
    """Return the images or sentences of a row and its answer; None if its task has neither.

    Parameters
    ----------
    source : `data_source` of the row
    extra : its `extra_info`, with paths of images or with `summaries`
    answer : the model's answer

    Raises
    ------
    OSError, ValueError : an image is missing or cannot be read, the images differ in size, or the row has no reference sentence
    """
    task = SOURCES[source]
    if "d_after" in task.reported:
        before = read_image(extra["previous"]) if extra.get("previous") else None
        original, reference = read_image(extra["original"]), read_image(extra["reference"])
        return shown_answer(original, reference, answer, previous=before)
    return Said(answer, reference_sentences(extra.get("summaries"))) if "rouge_l" in task.reported else None
