"""The tools by the part of a photograph that they change, as people divide them: light, color, detail."""

from iea.editor import TOOLS

LIGHT = frozenset({"highlights", "shadows"})  # they look at the surroundings of a pixel, but change its light
COLOR = frozenset({"temperature", "tint"})


def group_of(tool: str) -> str:
    """Return "light", "color" or "detail".

    >>> [group_of(tool) for tool in ("exposure", "shadows", "tint", "vibrance", "grain")]
    ['light', 'light', 'color', 'color', 'detail']
    """
    kind = TOOLS[tool].kind
    if kind == "color" or tool in COLOR:
        return "color"
    return "detail" if kind == "spatial" and tool not in LIGHT else "light"
