"""Saturation: the strength of all colors alike."""

from iea.editor.tool import Layer, Tool

STRONGEST = 1.0  # share by which chroma would grow at +100 without the limit of all gains, less near the ends of the scale; at -100 it is 0

TOOL = Tool(
    name="saturation",
    low=-100,
    high=100,
    minus="weaker colours, black and white at -100",
    plus="stronger colours",
    use="all colours should change alike (20 to 40); skin changes too",
    kind="color",
    stage=130,
    reference="gray + s (pixel - gray) of GEGL gegl:saturation, about the gray of equal luminance; soft stop at the gamut (ours)",
    layer=Layer("chroma", 1.0, STRONGEST),
    below=Layer("chroma", 1.0, 1.0),
)
