"""Camera Raw's XMP, faithful: all tone and white balance as point curves, which Lightroom, darktable and RapidRAW read."""

from functools import partial

from iea.editor import Program, render
from iea.recipe.agent.exports.camera_raw_file import curves_of, sliders_of, xmp_text
from iea.recipe.agent.exports.format import Exported, Format, Settings
from iea.recipe.agent.exports.measure import measured
from iea.recipe.agent.exports.parts import CURVES, of_kinds, without_kinds
from iea.recipe.agent.exports.points import apply_curves


def write(program: Program, settings: Settings) -> Exported:
    """Return curves for the balance and curve tools, sliders for the others."""
    curved, others = of_kinds(program, CURVES), without_kinds(program, CURVES)
    curves = curves_of(curved)
    sliders = sliders_of(others)
    if not curves and not sliders.texts:
        raise ValueError(f"a preset must hold a tool that Camera Raw has, got {dict(program)}")
    errors = []
    for about, keep_hue in (
        ("the curves, with the hue kept as in Adobe's DNG SDK", True),
        ("each channel alike", False),
    ):
        errors += measured(
            f"{about}, against these tools in the editor",
            settings.photographs if curves else {},
            lambda image: render(image, curved),
            partial(apply_curves, curves, keep_hue=keep_hue),
        )
    notes = [NOT_MEASURED] if sliders.texts else []
    if "Red" in curves:
        notes.append("darktable reads the curve of all channels alone: it shows no white balance")
    text = xmp_text(settings.name, sliders.texts, curves)
    return Exported(text, sliders.standing, sliders.lost, errors, notes)


NOT_MEASURED = "the error of the sliders is not measured: it needs Lightroom"
FORMAT = Format("curve", ".xmp", "Camera Raw preset: tone and white balance as curves, faithful", write)
