"""A preset of Camera Raw from a program of which some tools become curves and the others sliders, with its errors."""

from iea.editor import Program, render
from iea.recipe.agent.exports import darktable
from iea.recipe.agent.exports.camera_raw_file import curves_of, sliders_of, xmp_text
from iea.recipe.agent.exports.format import Error, Exported, Settings
from iea.recipe.agent.exports.measure import measured
from iea.recipe.agent.exports.points import apply_curves

READINGS = (("with the hue kept, as in Adobe's DNG SDK", True), ("with each channel alike", False))
NOT_MEASURED = "the error of the sliders is not measured: it needs Lightroom"
NO_BALANCE = "darktable reads the curve of all channels alone: it shows no white balance"


def preset(program: Program, curved: Program, settings: Settings) -> Exported:
    """Return the preset of a program with the tools of `curved`, of the kinds balance and curve, as point curves.

    A tool is in one place alone: as a curve and a slider it would be applied twice.

    Raises
    ------
    ValueError : Camera Raw has neither a curve nor a slider for any of the tools
    """
    curves = curves_of(curved)
    sliders = sliders_of(Program({name: value for name, value in program.items() if name not in curved}))
    if not curves and not sliders.texts:
        raise ValueError(f"a preset must hold a tool that Camera Raw has, got {dict(program)}")
    text = xmp_text(settings.name, sliders.texts, curves)
    names, images = list(settings.photographs), list(settings.photographs.values())
    errors: list[Error] = []
    for about, keep_hue in READINGS if curves else ():
        applied = (apply_curves(curves, image, keep_hue=keep_hue) for image in images)
        pairs = zip((render(image, curved) for image in images), applied, strict=True)
        errors += measured(f"the curves, {about}, against these tools in the editor", names, pairs)
    if settings.check:
        about = f"as darktable {darktable.version()} reads the file, against all of the program"
        shown = darktable.darktable([(text, image) for image in images])
        errors += measured(about, names, zip((render(image, program) for image in images), shown, strict=True))
    notes = [NOT_MEASURED] * bool(sliders.texts) + [NO_BALANCE] * ("Red" in curves)
    return Exported(text, sliders.standing, sliders.lost, errors, notes)
