"""Write docs/tools.md, the tables of tools.

iea tools > docs/tools.md
"""

from collections.abc import Mapping

from iea.editor.markdown import markdown_table
from iea.editor.tools import TOOLS

STRENGTHS = "20 just shows, 50 is clear, 100 is the most"
BEYOND = """crops, rotates or resizes, acts on one region or object, removes or adds objects, takes away noise, true blur or dense haze, or
gives one hue another"""
"""Verbs of what no tool does. The prompts of the model say both sentences too."""

CANCELING: tuple[Mapping[str, int], ...] = (
    {"exposure": -50, "brightness": 52, "whites": 100},
    {"exposure": -50, "brightness": 64},
    {"exposure": 50, "brightness": -74},
    {"highlights": -50, "whites": 64},
    {"vibrance": 100, "saturation": -30},
)
"""Programs whose tools cancel, found by tests/benchmarks/canceling.py."""

_CANCELING = "; ".join(" with ".join(f"{name} {value}" for name, value in program.items()) for program in CANCELING)

_HEAD = f"""# The {len(TOOLS)} tools

Made by `iea tools`; edit the files in `editor/tools/`, not this page.

Values are integers; 0 is the identity. {STRENGTHS}. Tools apply kind by kind: balance, curve, color,
spatial; within a kind in the order of this table, which does not depend on the order in a program.

"""

_BETWEEN = f"""

**Six tools brighten.** `exposure` if the whole photo is too dark, `brightness` if only its mid-tones are, `shadows` or `highlights`
for dark or light areas, `whites` if white looks gray, `contrast` if the photo is flat.

![Each tool at -100, -50, 0, 50 and 100](tools.jpg)

**Strengths differ by nature.** At 50, exposure, which is one stop, changes a photo most. Tools that reach few pixels or little contrast
change it less, each for the reason in [photographer.md](photographer.md), which measures all tools as a photographer would.

![Programs of extreme values](piles.jpg)

**A full channel stays full.** White stays white because the largest value of each channel does. A light sky whose blue is at its largest
value turns lavender, not orange, from temperature 50 on.

**No tool** {BEYOND}.

**Tools can cancel.** Such programs leave nearly the original and earn nothing: {_CANCELING}.

## Formulas

A chain of balance tools is one table per channel. A chain of curve tools is one table, applied to the largest and the smallest
channel of a pixel; the middle one keeps its place between them, and so the pixel its hue. Color tools multiply the distance to the gray of
the same luminance, softly limited where a channel would leave the scale. Spatial tools follow, then one clip and one rounding. All
radii are in proportion to the shorter side, so a preview shows what the full size shows.

"""


def tools_page() -> str:
    """Return a Markdown page with two tables, one line per tool in each."""
    columns = ("tool", "range", "a negative value", "a positive value", "reach for it when")
    rows = (
        (f"`{tool.name}`", f"{tool.low} to {tool.high}", tool.minus or "-", tool.plus, tool.use)
        for tool in TOOLS.values()
    )
    formulas = ((f"`{tool.name}`", tool.kind, tool.reference) for tool in TOOLS.values())
    return _HEAD + markdown_table(columns, rows) + _BETWEEN + markdown_table(("tool", "kind", "formula"), formulas)
