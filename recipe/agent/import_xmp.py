"""Read a preset or a side-car of Camera Raw as a program of ours, and name all that the tools cannot express.

Sliders become the tools that resemble them (iea.data_prep.ingest.sources.camera_raw). A point curve has no tool of its own: the
other tools of the kinds balance and curve are fitted to it.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from iea.data_prep.ingest.sources.camera_raw import SLIDERS, compare
from iea.data_prep.ingest.sources.xmp import Settings, Value, number_in, read_settings
from iea.data_prep.label.match import DEFAULT
from iea.data_prep.label.methods import METHODS
from iea.data_prep.label.objective import Objective
from iea.editor import TOOLS, Image, Program, distances, render
from iea.recipe.agent.exports.camera_raw_file import CHANNELS
from iea.recipe.agent.exports.parts import CURVES, of_kinds
from iea.recipe.agent.exports.points import Points, apply_curves

CURVE_KEYS: Mapping[str, str] = {f"ToneCurvePV2012{name}": name for name in ("", *CHANNELS)}
"""Key -> name of the point curve, "" of all channels."""
PROCESS_2012 = 6.7
"""The process version of 2012; those that follow have the same sliders."""
GRID = 12  # levels of each channel of the colors to which tools are fitted
REASONS: Sequence[tuple[str, str]] = (
    (r"Crop|HasCrop|Perspective|Upright", "no tool crops, rotates or straightens"),
    (r"Mask|Retouch|RedEye|\w*Correction", "every tool acts on the whole image, not on a part"),
    (r"(Hue|Saturation|Luminance)Adjustment|GrayMixer|ConvertToGrayscale|PointColor", "no tool acts on one color"),
    (
        r"ColorGrade|SplitToning|(Red|Green|Blue)(Hue|Saturation)|ShadowTint",
        "no tool tints shadows, lights or primaries",
    ),
    (r"Luminance|ColorNoise", "no tool takes noise away"),
    (r"Lens|Defringe|Vignette|AutoLateralCA|ChromaticAberration", "no tool corrects a lens"),
    (r"Look|CameraProfile|RGBTable|ProcessVersion", "the file names a profile of Camera Raw but does not hold it"),
    (
        r"Temperature|Tint|WhiteBalance",
        "a white balance of raw files is relative to the camera's, which is not in the file",
    ),
    (r"Texture", "no tool does the same; natural_contrast is the nearest"),
    (r"Dehaze", "no tool takes haze away; contrast is the nearest"),
    (r"Parametric|ToneCurve", "a curve that is not a point curve of the process version 2012"),
    (r"AlreadyApplied", "the image beside this file has its settings in its pixels: do not apply them again"),
)
"""Pattern of the start of a key -> the reason why it is lost."""


@dataclass(frozen=True)
class Imported:
    """A program, and its fidelity.

    lost : key of Camera Raw -> the reason why the program lacks it, or a part of it
    curve_error : mean difference of the file's point curves and the tools fitted to them, on colors of all kinds, in levels of
        255; None = it has no such curve
    """

    program: Program
    lost: Mapping[str, str]
    curve_error: float | None = None


def import_xmp(path: Path) -> Imported:
    """Read a file. Its settings are those of an image that is not raw, unless it names a temperature in kelvin.

    Raises
    ------
    OSError : the file cannot be opened
    ValueError : it is not XMP, or holds no settings of Camera Raw
    """
    settings = read_settings(path)
    values, unmapped = compare(untouched(settings), settings)
    curves = point_curves(settings)
    held = {key for key, name in CURVE_KEYS.items() if name in curves} | ({"ToneCurveName2012"} if curves else set())
    lost = {key: reason(key) for key in unmapped if key not in held}
    if settings.get("AlreadyApplied"):
        lost["AlreadyApplied"] = reason("AlreadyApplied")
    program, error = with_curves(Program(values), curves) if curves else (Program(values), None)
    return Imported(program, lost, error)


def untouched(settings: Settings) -> Settings:
    """Return the settings of the image before: at rest, of the same process version, without sharpening unless it is raw."""
    before: dict[str, Value] = {}
    version = settings.get("ProcessVersion")
    if isinstance(version, float) and version >= PROCESS_2012:
        before["ProcessVersion"] = version
    if "Sharpness" in settings and "Temperature" not in settings:
        before["Sharpness"] = 0.0
    return before


def point_curves(settings: Settings) -> dict[str, Points]:
    """Return name -> points of the point curves that are not straight."""
    read = {name: _points(settings[key]) for key, name in CURVE_KEYS.items() if key in settings}
    return {name: points for name, points in read.items() if any(x != y for x, y in points)}


def with_curves(program: Program, curves: Mapping[str, Points]) -> tuple[Program, float]:
    """Add the tools of the kinds balance and curve that come nearest to point curves after a program, and return their error."""
    levels = np.round(np.linspace(0, 255, GRID)).astype(np.uint8)
    grid: Image = np.stack(np.meshgrid(levels, levels, levels, indexing="ij"), axis=-1).reshape(GRID, -1, 3)
    fixed = of_kinds(program, CURVES)
    objective = Beside(grid, apply_curves(curves, render(grid, fixed)), fixed)
    found = METHODS[DEFAULT].run(objective, Program(), np.random.default_rng(0))
    apart = np.abs(objective.rendered(found).astype(float) - objective.reference)
    return Program({**program, **found}), float(apart.mean())


class Beside(Objective):
    """D of the balance and curve tools beside fixed ones."""

    def __init__(self, original: Image, reference: Image, fixed: Program) -> None:
        super().__init__(original, reference)
        self.fixed = fixed
        self.tools = [name for name, tool in TOOLS.items() if tool.kind in CURVES and name not in fixed]

    def rendered(self, program: Program) -> Image:
        return render(self.original, {**program, **self.fixed})

    def distances(self, programs: Sequence[Program]) -> list[float]:
        return distances(self.original, self.reference, [{**program, **self.fixed} for program in programs])


def reason(key: str) -> str:
    """Return why a setting is lost, wholly or in part.

    >>> reason("CropTop"), reason("GrainAmount")
    ('no tool crops, rotates or straightens', 'its value is beyond the range of the tool grain')
    """
    if key in SLIDERS and key != "Tint":
        return f"its value is beyond the range of the tool {SLIDERS[key][0]}"
    return next((words for pattern, words in REASONS if re.match(pattern, key)), "no tool stands for it")


def _points(value: Value) -> Points:
    """Return the points of a curve; () if the value is not one."""
    pairs = [tuple(map(number_in, text.split(","))) for _, text in value] if isinstance(value, tuple) else []
    points = [
        (round(x), round(y)) for x, y in (one for one in pairs if len(one) == 2) if x is not None and y is not None
    ]
    within = all(0 <= one <= 255 for point in points for one in point)
    ascending = all(a[0] < b[0] for a, b in pairwise(points))
    return points if len(points) == len(pairs) > 1 and within and ascending else ()
