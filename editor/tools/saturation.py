"""Saturation: the strength of all colors alike."""

from iea.editor.tool import Layer, Tool

STRONGEST = 0.75  # share by which chroma grows at +100; at -100 it is 0

TOOL = Tool(
    name="saturation",
    low=-100,
    high=100,
    minus="weaker colours, grey at -100",
    plus="stronger colours",
    kind="color",
    stage=130,
    reference="luma + s (pixel - luma) of GPUImage and GEGL gegl:saturation",
    layer=Layer("chroma", 1.0, lambda amount: amount * (STRONGEST if amount > 0 else 1.0)),
)
