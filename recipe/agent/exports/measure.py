"""Measure the error of an export on photographs, and read the photographs."""

from collections.abc import Iterable, Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from iea.data_prep.ingest.decode import to_8_bits
from iea.data_prep.ingest.sources.bundled import everyday_photographs
from iea.data_prep.label.match import reduced
from iea.editor import Image
from iea.recipe.agent.exports.format import Error
from iea.recipe.agent.photo import open_photo


def photographs(given: Path | None, side: int) -> dict[str, Image]:
    """Return name -> (H, W, 3) uint8 of one photograph, or of the bundled ones that are installed.

    The longer side of larger ones is reduced to `side`, px.

    Raises PhotoError for a file that cannot be read.
    """
    paths = everyday_photographs() if given is None else {given.name: given}
    return {name: reduced(to_8_bits(open_photo(path).image), side) for name, path in paths.items()}


def measured(about: str, names: Sequence[str], pairs: Iterable[tuple[Image, Image]]) -> list[Error]:
    """Return the mean error over photographs; [] without photographs or without scikit-image.

    Parameters
    ----------
    names : of the photographs
    pairs : for each the image of the editor, and that of the file; 8-bit
    """
    if not names or find_spec("skimage") is None:
        return []
    from iea.recipe.evaluation.convert import mean_delta_e

    rows = [(mean_delta_e(a, b), float(np.abs(a.astype(float) - b).mean())) for a, b in pairs]
    delta_e, levels = np.mean(rows, axis=0)
    return [Error(about, float(delta_e), float(levels), list(names))]
