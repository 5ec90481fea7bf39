"""Camera Raw's XMP, editable: every tool as the slider that resembles it, and as a curve where there is none."""

from iea.data_prep.ingest.sources.camera_raw import TOOL_SLIDERS
from iea.editor import Program
from iea.recipe.agent.exports.format import Exported, Format, Settings
from iea.recipe.agent.exports.parts import CURVES, of_kinds
from iea.recipe.agent.exports.preset import preset


def write(program: Program, settings: Settings) -> Exported:
    """Return sliders, and a curve of the tools without one."""
    without = Program({name: value for name, value in program.items() if name not in TOOL_SLIDERS})
    return preset(program, of_kinds(without, CURVES), settings)


FORMAT = Format("sliders", ".xmp", "Camera Raw preset: sliders that can be moved on, approximate", write)
