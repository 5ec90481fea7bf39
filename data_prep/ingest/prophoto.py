"""ProPhoto RGB (ROMM RGB, ISO 22028-2) as an ICC profile, for files without one."""

from functools import cache

PRIMARIES = (  # XYZ under D50 of red, green and blue, ISO 22028-2
    (0.7976749, 0.2880402, 0.0),
    (0.1351917, 0.7118741, 0.0),
    (0.0313534, 0.0000857, 0.8252100),
)
WHITE = (0.3457, 0.3585)  # D50
GAMMA = 1.8  # everywhere: Adobe's profile omits the standard's linear segment below 1/512


@cache
def prophoto() -> bytes:
    """Return the profile."""
    import imagecodecs

    primaries = [part / sum(xyz) for xyz in PRIMARIES for part in xyz[:2]]
    return bytes(imagecodecs.cms_profile("rgb", whitepoint=WHITE, primaries=primaries, gamma=GAMMA))
