"""Express the difference of two of Camera Raw's settings by our tools, and name all that they cannot express.

A retouch is the difference between the target's settings and the photograph's own. Every setting that differs is part of it
unless it is known not to change the image; of those that our tools express the difference becomes a program, the others are
named. A setting that is not written has its default. Our tools are not Adobe's: such a program says which sliders were moved,
in which direction and how far, and its image only resembles the reference.
"""

import re
from collections.abc import Mapping

from iea.data_prep.ingest.sources.xmp import Settings, Value, number_in
from iea.editor import TOOLS
from iea.editor.tools import exposure, temperature, tint

RED_TO_BLUE = 0.0099
"""Change of ln(red / blue) by a mired: Planckian lights (Krystek 1985) from 3500 to 10500 K in linear sRGB."""
GREEN = 0.0058
"""Change of ln(green / sqrt(red blue)) by a unit of Camera Raw's tint, in linear sRGB at 5000 to 6500 K: the unit is 1/3000 in CIE
1960 uv across the Planckian locus (Adobe DNG SDK, dng_temperature)."""
MIREDS = float(temperature.WARM[0, 0] - temperature.WARM[2, 0]) / RED_TO_BLUE  # at +-100 of our temperature
TINT = -float(tint.GREEN[0, 0] + tint.GREEN[2, 0]) / 2 / GREEN
"""Camera Raw's tint in raw files at +-100 of ours; its sign is ours reversed (+ is magenta there)."""
SHARPNESS = 1.5  # Camera Raw's goes to 150

SLIDERS: Mapping[str, tuple[str, float]] = {
    "Exposure2012": ("exposure", 100 / exposure.STOPS),
    "Contrast2012": ("contrast", 1),
    "Highlights2012": ("highlights", 1),
    "Shadows2012": ("shadows", 1),
    "Whites2012": ("whites", 1),
    "Blacks2012": ("blacks", 1),
    "Saturation": ("saturation", 1),
    "Vibrance": ("vibrance", 1),
    "Clarity2012": ("natural_contrast", 1),  # both are local contrast of a large radius
    "Tint": ("tint", -100 / TINT),
    "IncrementalTemperature": ("temperature", 1),  # of images that are not raw; Adobe states no unit
    "IncrementalTint": ("tint", -1),
    "Sharpness": ("sharpness", 1 / SHARPNESS),
    "PostCropVignetteAmount": ("vignette", 1),
    "GrainAmount": ("grain", 1),
}
"""Key of Camera Raw (process version 2012 and later) -> our tool, and the number of its units that one unit equals."""

RANGES: Mapping[str, tuple[float, float]] = {"Exposure2012": (-5, 5), "Sharpness": (0, 150), "GrainAmount": (0, 100)}
"""Key -> the lowest and highest value that Camera Raw takes; -100 and 100 for all others."""
TOOL_SLIDERS: Mapping[str, tuple[str, float, float, float]] = {
    tool: (key, unit, *RANGES.get(key, (-100, 100))) for key, (tool, unit) in SLIDERS.items() if key != "Tint"
}
"""Our tool -> the key that stands for it in images that are not raw, the number as in SLIDERS, the range. Temperature and Tint
belong to raw files: in others Camera Raw takes a temperature in kelvin for an error, or turns the image blue."""

UNKNOWN = frozenset({"Temperature", "Tint", "Sharpness", "CameraProfile"})
"""Keys whose default depends on the camera: written in one side-car only, their difference is unknown."""
DEFAULTS: Mapping[str, Value] = {
    "ParametricShadowSplit": 25.0,
    "ParametricMidtoneSplit": 50.0,
    "ParametricHighlightSplit": 75.0,
    "ColorGradeBlending": 50.0,
    "PerspectiveScale": 100.0,
    "CropBottom": 1.0,
    "CropRight": 1.0,
    "SharpenRadius": 1.0,
    "SharpenDetail": 25.0,
    "ColorNoiseReduction": 25.0,
    "ColorNoiseReductionDetail": 50.0,
    "ColorNoiseReductionSmoothness": 50.0,
    "LuminanceNoiseReductionDetail": 50.0,
    "VignetteMidpoint": 50.0,
    "DefringePurpleHueLo": 30.0,
    "DefringePurpleHueHi": 70.0,
    "DefringeGreenHueLo": 40.0,
    "DefringeGreenHueHi": 60.0,
    "PostCropVignetteMidpoint": 50.0,
    "PostCropVignetteFeather": 50.0,
    "PostCropVignetteStyle": 1.0,
    "GrainSize": 25.0,
    "GrainFrequency": 50.0,
    "CurveRefineSaturation": 100.0,
    "LensProfileDistortionScale": 100.0,
    "LensProfileVignettingScale": 100.0,
    "LensProfileChromaticAberrationScale": 100.0,
    "ToneCurveName": "Medium Contrast",
    "ToneCurveName2012": "Linear",
    "Shadows": 5.0,
    "Brightness": 50.0,
    "Contrast": 25.0,  # of the process versions before 2012
}
"""Defaults other than 0, False, nothing and a straight curve."""
DEPENDENT: Mapping[str, str] = {
    "Sharpen": "Sharpness",
    "PostCropVignette": "PostCropVignetteAmount",
    "Grain": "GrainAmount",
    "Crop": "HasCrop",
    "LensProfile": "LensProfileEnable",
    "Upright": "PerspectiveUpright",
    "GrayMixer": "ConvertToGrayscale",
    "VignetteMidpoint": "VignetteAmount",
    "LuminanceNoiseReduction": "LuminanceSmoothing",
    "ColorNoiseReductionDetail": "ColorNoiseReduction",
    "ColorNoiseReductionSmoothness": "ColorNoiseReduction",
    "DefringePurpleHue": "DefringePurpleAmount",
    "DefringeGreenHue": "DefringeGreenAmount",
}
"""Prefix of keys -> the setting without which they have no effect."""
NO_EFFECT = (
    r"Version|CompatibleVersion|RawFileName|HasSettings|AlreadyApplied|CropConstrainToWarp|CropConstrainToUnitSquare"
    r"|CropUnits?|UUID|Name|ShortName|SortName|Group|Description|Cluster|PresetType|Copyright|ContactInfo|Supports\w*"
    r"|CameraProfileDigest|CameraModelRestriction|RequiresRGBTables|AutoWhiteVersion|DefaultAuto\w+|DefaultsSpecific\w+"
    r"|LensProfileSetup|UprightVersion|UprightPreview|UprightFocalMode|\w*SyncID|WhiteBalance"
)
"""Pattern of keys that label the file or describe others. White balance is the numbers beside it, see `differing`."""
_WHITE_BALANCE = ("Temperature", "Tint", "IncrementalTemperature", "IncrementalTint")
CLIPPED = 0.5  # of our units that the range of a tool may cut off without a word


def compare(before: Settings, after: Settings) -> tuple[dict[str, int], list[str]]:
    """Return the difference of two settings as a program, and the keys of all that the program lacks, sorted.

    The values are in our units, rounded and clipped to each tool's range; a setting that is clipped is named too.
    """
    amounts: dict[str, float] = {}
    origin: dict[str, set[str]] = {}
    unmapped = set()
    for key in differing(before, after):
        change = _change(key, before, after)
        if change is None:
            unmapped.add(key)
            continue
        changed, amount = change
        amounts[changed] = amounts.get(changed, 0) + amount
        origin.setdefault(changed, set()).add(key)
    program = {}
    for name, tool in TOOLS.items():
        amount = amounts.get(name, 0.0)
        value = min(max(amount, tool.low), tool.high)
        if abs(value - amount) > CLIPPED:
            unmapped |= origin[name]
        if round(value):
            program[name] = round(value)
    return program, sorted(unmapped)


def differing(before: Settings, after: Settings) -> list[str]:
    """Return the keys of all settings that differ and may change the image."""
    keys = [key for key in {**before, **after} if not re.fullmatch(NO_EFFECT, key) and _has_effect(key, before, after)]
    found = [key for key in keys if _differs(key, before, after)]
    balanced = any(key in settings for key in _WHITE_BALANCE for settings in (before, after))
    if not balanced and before.get("WhiteBalance", "As Shot") != after.get("WhiteBalance", "As Shot"):
        found.append("WhiteBalance")
    return found


def _differs(key: str, before: Settings, after: Settings) -> bool:
    if key in UNKNOWN and (key in before) != (key in after):
        return True
    return _value(key, before) != _value(key, after)


def _has_effect(key: str, before: Settings, after: Settings) -> bool:
    """Return False if the setting that this one depends on is written, and at rest in both."""
    both = (before, after)
    if key.startswith("ToneCurveName"):  # the points decide
        return not any(name in settings for name in ("ToneCurve", "ToneCurvePV2012") for settings in both)
    masters = [master for prefix, master in DEPENDENT.items() if key.startswith(prefix) and key != master]
    idle = (any(name in one for one in both) and not any(_value(name, one) for one in both) for name in masters)
    return not any(idle)


def _value(key: str, settings: Settings) -> Value:
    """Return the value of a setting: 0.0 for one at rest."""
    value = settings.get(key, DEFAULTS.get(key, 0.0))
    return 0.0 if _is_at_rest(value) else value


def _is_at_rest(value: Value) -> bool:
    """Return True for nothing, a straight curve, and the point colors of an image without any."""
    if isinstance(value, float):
        return value == 0
    if isinstance(value, str):
        return value.lower() in ("", "none", "off")
    points = [[number_in(number) for number in text.split(",")] for _, text in value]
    straight = all(len(point) == 2 and None not in point and point[0] == point[1] for point in points)
    ends = [point[0] for point in points[:: max(1, len(points) - 1)]]
    unused = all(number == -1 for point in points for number in point)
    return not points or unused or (straight and ends == [0, 255])


def _change(key: str, before: Settings, after: Settings) -> tuple[str, float] | None:
    """Return our tool and the difference in its units; None for a setting that is not a slider of ours."""
    old, new = _value(key, before), _value(key, after)
    known = key not in UNKNOWN or (key in before and key in after)
    if not isinstance(old, float) or not isinstance(new, float) or not known:
        return None
    if key == "Temperature":  # a higher setting warms: it is the color of the light, which the converter removes
        return ("temperature", (1e6 / old - 1e6 / new) * 100 / MIREDS) if min(old, new) > 0 else None
    if key in SLIDERS:
        tool, unit = SLIDERS[key]
        return tool, (new - old) * unit
    return None
