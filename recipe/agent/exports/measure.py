"""Measure the error of an export on photographs, and read the photographs."""

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from iea.data_prep.ingest.decode import to_8_bits
from iea.data_prep.ingest.sources.bundled import everyday_photographs
from iea.data_prep.label.match import reduced
from iea.editor import Image
from iea.editor.io import read_image
from iea.recipe.agent.exports.format import Error


def photographs(given: Path | None, side: int) -> dict[str, Image]:
    """Return name -> (H, W, 3) uint8 of one photograph, or of the bundled ones that are installed.

    The longer side of larger ones is reduced to `side`, px.

    Raises OSError or PictureError for a file that cannot be read.
    """
    paths = everyday_photographs() if given is None else {given.name: given}
    return {name: reduced(to_8_bits(read_image(path)), side) for name, path in paths.items()}


def measured(
    about: str, photographs: Mapping[str, Image], wanted: Callable[[Image], Image], found: Callable[[Image], Image]
) -> list[Error]:
    """Return the mean error of `found` over the photographs; [] without photographs or without scikit-image."""
    from importlib.util import find_spec

    if not photographs or find_spec("skimage") is None:
        return []
    from iea.recipe.evaluation.convert import mean_delta_e

    pairs = [(wanted(image), found(image)) for image in photographs.values()]
    delta_e = float(np.mean([mean_delta_e(a, b) for a, b in pairs]))
    levels = float(np.mean([np.abs(a.astype(float) - b).mean() for a, b in pairs]))
    return [Error(about, delta_e, levels, list(photographs))]
