"""Read Camera Raw's settings from XMP side-cars safely, and express them by our tools.

Settings are attributes or elements in the namespace `crs`. A retouch is the difference between the target's settings and the
photograph's own, so every value is taken relative to the source's side-car. Our tools are not Adobe's: such a program says
which sliders were moved, in which direction and how far, and its image only resembles the reference.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from iea.editor import TOOLS

CRS = "{http://ns.adobe.com/camera-raw-settings/1.0/}"
STOPS = 2.0  # EV of our exposure at +-100, as Exposure2012 counts them
MIREDS = 130.0
"""Shift of the light's color at +-100 of our temperature: the ratio of its red and blue gains, ln(1.65 / 0.42) and
ln(1.90 / 0.58), over 0.0098 a mired, which is that of Planckian lights from 3500 to 10500 K in linear sRGB."""
TINT = 150.0  # of Camera Raw's tint in raw files, to +-100 of ours; its sign is ours reversed (+ is magenta there)
SHARPNESS = 1.5  # Camera Raw's goes to 150

SLIDERS: Mapping[str, tuple[str, float]] = {
    "Exposure2012": ("exposure", 100 / STOPS),
    "Contrast2012": ("contrast", 1),
    "Highlights2012": ("highlights", 1),
    "Shadows2012": ("shadows", 1),
    "Whites2012": ("whites", 1),
    "Blacks2012": ("blacks", 1),
    "Saturation": ("saturation", 1),
    "Vibrance": ("vibrance", 1),
    "Clarity2012": ("natural_contrast", 1),  # both leave the ends alone; Clarity is local, ours is a curve
    "Tint": ("tint", -100 / TINT),
    "IncrementalTemperature": ("temperature", 1),  # of images that are not raw
    "IncrementalTint": ("tint", -1),
    "Sharpness": ("sharpness", 1 / SHARPNESS),
    "PostCropVignetteAmount": ("vignette", 1),
    "GrainAmount": ("grain", 1),
}
"""Key of Camera Raw (process version 2012 and later) -> our tool, and the number of its units that one unit equals."""

UNMAPPED = (
    ("HueAdjustment", "SaturationAdjustment", "LuminanceAdjustment", "GrayMixer", "SplitToning", "ColorGrade")
    + ("Parametric", "Dehaze", "Texture", "LuminanceSmoothing", "RedHue", "RedSaturation", "GreenHue")
    + ("GreenSaturation", "BlueHue", "BlueSaturation", "ShadowTint", "VignetteAmount", "LensManualDistortion")
    + ("Perspective", "ConvertToGrayscale", "HasCrop")
)
"""Prefixes of keys that change the image and that our tools cannot express. Their rest position is 0 or False."""
_AT_REST = {"PerspectiveScale": 100.0, "ColorGradeBlending": 50.0, "ParametricShadowSplit": 25.0}
_AT_REST |= {"ParametricMidtoneSplit": 50.0, "ParametricHighlightSplit": 75.0}
CURVES = ("ToneCurvePV2012", "ToneCurvePV2012Red", "ToneCurvePV2012Green", "ToneCurvePV2012Blue")
LOCAL = tuple(f"{kind}BasedCorrections" for kind in ("Gradient", "CircularGradient", "Paint", "MaskGroup"))
LOCAL += ("RetouchAreas",)


@dataclass(frozen=True)
class Settings:
    """Settings of a side-car: numbers by key, and the keys of other changed settings that our tools cannot express."""

    numbers: Mapping[str, float]
    unmapped: frozenset[str]


def read_settings(path: Path) -> Settings:
    """Read the settings of one side-car.

    Raises
    ------
    OSError : the file cannot be opened
    ValueError : it is not XML, declares entities or a DTD, or holds no settings
    """
    try:
        tree = fromstring(path.read_bytes(), forbid_dtd=True)
    except (ParseError, DefusedXmlException, LookupError) as error:  # LookupError: an unknown encoding
        raise ValueError(f"{path} must be XMP: {error!r}") from error
    texts: dict[str, str] = {}
    moved = set()
    for element in tree.iter():
        for name, value in element.attrib.items():
            if name.startswith(CRS):
                texts.setdefault(name.removeprefix(CRS), value)  # the first: local corrections come after
        name = str(element.tag)
        if name.startswith(CRS):
            key, points = name.removeprefix(CRS), [(item.text or "").strip() for item in element.iter()]
            bent = key in CURVES and _is_bent([point for point in points if "," in point])
            if bent or (key in LOCAL and len(points) > 2):
                moved.add(key)
            elif len(element) == 0 and element.text:
                texts.setdefault(key, element.text.strip())
    if not texts:
        raise ValueError(f"{path} must hold Camera Raw settings (crs:), got none")
    numbers = {key: number for key, text in texts.items() if (number := _number(text)) is not None}
    moved |= {key for key, value in numbers.items() if key.startswith(UNMAPPED) and value != _AT_REST.get(key, 0)}
    return Settings(numbers, frozenset(moved))


def program_between(before: Settings, after: Settings) -> dict[str, int]:
    """Return the difference of two settings as a program: in our units, rounded and clipped to each tool's range."""
    amounts: dict[str, float] = {}
    for key, (tool, unit) in SLIDERS.items():
        change = after.numbers.get(key, before.numbers.get(key, 0)) - before.numbers.get(key, 0)
        amounts[tool] = amounts.get(tool, 0) + change * unit
    kelvin = [settings.numbers.get("Temperature", 0) for settings in (before, after)]
    if min(kelvin) > 0:  # a higher setting warms: it is the color of the light, which the converter removes
        amounts["temperature"] += (1e6 / kelvin[0] - 1e6 / kelvin[1]) * 100 / MIREDS
    clipped = {name: round(min(max(amounts.get(name, 0), tool.low), tool.high)) for name, tool in TOOLS.items()}
    return {name: value for name, value in clipped.items() if value}


def _number(text: str) -> float | None:
    """Parse "+35", "-0.20" or "True"; None for other texts."""
    flag = {"true": 1.0, "false": 0.0}.get(text.strip().lower())
    try:
        number = float(text) if flag is None else flag
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _is_bent(points: list[str]) -> bool:
    """Return True if a point "x, y" of a tone curve lies off the diagonal."""
    pairs = [[part.strip() for part in point.split(",")] for point in points]
    return any(len(pair) != 2 or pair[0] != pair[1] for pair in pairs)
