"""Camera Raw's XMP, faithful: all tone and white balance as point curves, which Lightroom, darktable and RapidRAW read."""

from iea.editor import Program
from iea.recipe.agent.exports.format import Exported, Format, Settings
from iea.recipe.agent.exports.parts import CURVES, of_kinds
from iea.recipe.agent.exports.preset import preset


def write(program: Program, settings: Settings) -> Exported:
    """Return curves for the balance and curve tools, sliders for the others."""
    return preset(program, of_kinds(program, CURVES), settings)


FORMAT = Format("curve", ".xmp", "Camera Raw preset: tone and white balance as curves, faithful", write)
