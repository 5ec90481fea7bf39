"""Camera Raw's XMP, editable: every tool as the slider that resembles it, and as a curve where there is none."""

from functools import partial

from iea.data_prep.ingest.sources.camera_raw import TOOL_SLIDERS
from iea.editor import Program, render
from iea.recipe.agent.exports.camera_raw_file import curves_of, sliders_of, xmp_text
from iea.recipe.agent.exports.curve import NOT_MEASURED
from iea.recipe.agent.exports.format import Exported, Format, Settings
from iea.recipe.agent.exports.measure import measured
from iea.recipe.agent.exports.parts import CURVES, of_kinds
from iea.recipe.agent.exports.points import apply_curves


def write(program: Program, settings: Settings) -> Exported:
    """Return the sliders. Only a tool without a slider is a curve: both at once would apply it twice."""
    without = Program({name: value for name, value in program.items() if name not in TOOL_SLIDERS})
    curved = of_kinds(without, CURVES)
    curves = curves_of(curved)
    sliders = sliders_of(Program({name: value for name, value in program.items() if name not in curved}))
    if not curves and not sliders.texts:
        raise ValueError(f"a preset must hold a tool that Camera Raw has, got {dict(program)}")
    errors = measured(
        f"the curve of {', '.join(curved)}, against the editor",
        settings.photographs if curves else {},
        lambda image: render(image, curved),
        partial(apply_curves, curves),
    )
    notes = [NOT_MEASURED] if sliders.texts else []
    return Exported(xmp_text(settings.name, sliders.texts, curves), sliders.standing, sliders.lost, errors, notes)


FORMAT = Format("sliders", ".xmp", "Camera Raw preset: sliders that can be moved on, approximate", write)
