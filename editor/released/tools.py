"""Tools of the published editor: their order, their common range, and a formula for each.

Values are numbers in [-100, 100]; larger ones are clipped, and a tool at 0 is left out. In the formulas x is a value in [0, 1], i a
level in 0..255, a = value / 100. Divisions are arranged so that a result which is a whole level stays one: levels are
truncated, not rounded.
"""

from collections.abc import Callable, Mapping
from math import isnan
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Values: TypeAlias = Mapping[str, float]
Levels: TypeAlias = NDArray[np.uint8]
Floats: TypeAlias = NDArray[np.floating]

LOWEST, HIGHEST = -100, 100


def exposure(x: Floats, value: float) -> Floats:
    """x 2^a: one stop of gamma-encoded values at the ends."""
    return x * np.float32(2 ** (value / 100))


def brightness(x: Floats, value: float) -> Floats:
    """x + a / 2."""
    return x + np.float32(value / 200)


def contrast(x: Floats, value: float) -> Floats:
    """1/2 + (1.25 + 0.75 a) (x - 1/2): values from -33 to -1 raise the contrast, too."""
    return (x - np.float32(0.5)) * np.float32(1.25 + 0.75 * value / 100) + np.float32(0.5)


def fade(x: Floats, value: float) -> Floats:
    """With s = 0.6 max(a, 0): y = x + s (1 - x), then 1/2 + (1 - s / 2) (y - 1/2)."""
    share = 0.006 * max(value, 0.0)
    lifted = x + np.float32(share) * (1 - x)
    return np.float32(0.5) + np.float32(1 - share / 2) * (lifted - np.float32(0.5))


def natural_contrast(i: Floats, value: float) -> Floats:
    """255 sigmoid(10 a (i - 128) / 255): nearly flat gray at +-1, an inverted image below 0."""
    x = (i.astype(np.float32) - np.float32(128)) / np.float32(255)
    steep: Floats = np.float32(255) / (1 + np.exp(np.float32(-value / 10) * x))
    return steep


def highlights(i: Floats, value: float) -> Floats:
    """x + 0.8 a x (1 - x), in levels."""
    return i + value * i * (255 - i) / (125 * 255)


def shadows(i: Floats, value: float) -> Floats:
    """x + 0.8 a (1 - x^2) (1 - x), in levels; not monotone above 93."""
    return i + value * (255**2 - i * i) * (255 - i) / (125 * 255**2)


def whites(i: Floats, value: float) -> Floats:
    """x (1 + 0.8 a), in levels."""
    return i * (125 + value) / 125


def blacks(i: Floats, value: float) -> Floats:
    """x + 0.8 a (1 - x), in levels."""
    return (125 * i + value * (255 - i)) / 125


def saturation(s: Floats, value: float) -> Floats:
    """S (1 + a), of HSV."""
    return s * np.float32(1 + value / 100)


def vibrance(s: Floats, value: float) -> Floats:
    """S (1 + a) below 0; nothing above, where the weight of the effect is 0 for every pixel."""
    return s + s * np.float32(min(value, 0.0) / 100)


FLOAT_CURVES: Mapping[str, Callable[[Floats, float], Floats]] = {
    "exposure": exposure,
    "brightness": brightness,
    "contrast": contrast,
    "fade": fade,
}
"""Tools on float32 values, one after another; clipped and truncated to levels once, after the last."""

LEVEL_CURVES: Mapping[str, Callable[[Floats, float], Floats]] = {
    "natural_contrast": natural_contrast,
    "highlights": highlights,
    "shadows": shadows,
    "whites": whites,
    "blacks": blacks,
}
"""Tools on levels; each is clipped and truncated."""

SATURATIONS: Mapping[str, Callable[[Floats, float], Floats]] = {"saturation": saturation, "vibrance": vibrance}
"""Tools on the saturation of 8-bit HSV, in [0, 1]; clipped after each, truncated after the last."""

NAMES = (*FLOAT_CURVES, *LEVEL_CURVES, *SATURATIONS, "temperature", "tint", "grain", "vignette", "sharpness")
"""All tools in the order of application, which does not depend on the order in a program."""


def effective(edits: Values) -> dict[str, float]:
    """Return the values that act, clipped to the range, in the order of application.

    Raises
    ------
    ValueError : a name is not one of NAMES, or a value is not a number

    Examples
    --------
    >>> effective({"tint": -400, "fade": 0, "exposure": 2.5})
    {'exposure': 2.5, 'tint': -100}
    """
    for name, value in edits.items():
        if name not in NAMES:
            raise ValueError(f"a tool of the published editor must be one of {', '.join(NAMES)}, got {name!r}")
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not is_number or (isinstance(value, float) and isnan(value)):
            raise ValueError(f"the value of {name} must be a number, got {value!r}")
    return {name: min(max(edits[name], LOWEST), HIGHEST) for name in NAMES if edits.get(name)}


def tone_table(values: Values) -> Levels:
    """Return (256,): the level that the tools of tone make of each level."""
    x: Floats = np.arange(256, dtype=np.float32) / np.float32(255)
    floats = [name for name in FLOAT_CURVES if name in values]
    for name in floats:
        x = FLOAT_CURVES[name](x, values[name])
    table = truncated(x * np.float32(255)) if floats else np.arange(256, dtype=np.uint8)
    for name in LEVEL_CURVES:
        if name in values:
            table = truncated(LEVEL_CURVES[name](table.astype(np.float64), values[name]))
    return table


def saturation_table(values: Values) -> Levels:
    """Return (256,): the saturation, in levels, that the tools of color make of each saturation."""
    s: Floats = np.arange(256, dtype=np.float32) / np.float32(255)
    for name, curve in SATURATIONS.items():
        if name in values:
            s = np.clip(curve(s, values[name]), 0, 1)
    return truncated(s * np.float32(255)) if values.keys() & SATURATIONS.keys() else np.arange(256, dtype=np.uint8)


def balance_tables(values: Values) -> Levels:
    """Return (256, 3): temperature adds 50 a to R, 30 a to G and -50 a to B, truncated; then tint adds round(30 a) to G."""
    levels = np.arange(256, dtype=np.float64)[:, None]
    warm = values.get("temperature", 0) * np.array([0.5, 0.3, -0.5])
    table = truncated(levels + warm)
    table[:, 1] = np.clip(table[:, 1] + np.rint(values.get("tint", 0) * 0.3), 0, 255)
    return table


def truncated(levels: Floats) -> Levels:
    """Return levels clipped to 0..255, without their fractions."""
    return np.clip(levels, 0, 255).astype(np.uint8)
