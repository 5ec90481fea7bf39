"""Write Camera Raw's settings as XMP: a preset for Lightroom and Camera Raw, a side-car for darktable."""

from collections.abc import Mapping
from typing import NamedTuple
from uuid import NAMESPACE_URL, uuid5
from xml.sax.saxutils import escape, quoteattr

from iea.data_prep.ingest.sources.camera_raw import DEFAULTS, DEPENDENT, TOOL_SLIDERS
from iea.editor import Program
from iea.editor.curves import balance_table, brightness_table
from iea.editor.tiles import Plan
from iea.recipe.agent.exports.parts import CURVES, of_kinds
from iea.recipe.agent.exports.points import STRAIGHT, Points, points_of

CHANNELS = ("Red", "Green", "Blue")
PRESET: Mapping[str, str] = {
    "PresetType": "Normal",
    "Cluster": "",
    "SupportsAmount": "False",
    "SupportsColor": "True",
    "SupportsMonochrome": "True",
    "SupportsHighDynamicRange": "True",
    "SupportsNormalDynamicRange": "True",
    "SupportsSceneReferred": "True",
    "SupportsOutputReferred": "True",
    "CameraModelRestriction": "",
    "Copyright": "",
    "ContactInfo": "",
    "Version": "15.0",
    "ProcessVersion": "11.0",
    "HasSettings": "True",
}
"""Attributes of every preset."""


class Sliders(NamedTuple):
    """Key -> text of a slider; tool -> the key that stands for it; tool -> the reason why no slider holds its value."""

    texts: dict[str, str]
    standing: dict[str, str]
    lost: dict[str, str]


def sliders_of(program: Program) -> Sliders:
    """Return the sliders that resemble the tools of a program.

    >>> sliders_of(Program({"exposure": 20, "sharpness": -10}))
    Sliders(texts={'Exposure2012': '+0.40'}, standing={'exposure': 'Exposure2012'}, lost={'sharpness': 'Sharpness cannot be -15'})
    """
    sliders = Sliders({}, {}, {})
    for name in (name for name, value in program.items() if value):
        if name not in TOOL_SLIDERS:
            sliders.lost[name] = "Camera Raw has no setting like it"
            continue
        key, unit, low, high = TOOL_SLIDERS[name]
        amount = program[name] / unit
        if low <= amount <= high:
            sliders.texts[key] = f"{amount:+.2f}" if high < 10 else f"{round(amount):{'+' if low else ''}d}"
            sliders.texts.update(_beside(key))
            sliders.standing[name] = key
        else:
            sliders.lost[name] = f"{key} cannot be {amount:g}"
    return sliders


def _beside(key: str) -> dict[str, str]:
    """Return the settings that a slider depends on, at their defaults: darktable takes 0 for one that is not written."""
    prefixes = tuple(prefix for prefix, master in DEPENDENT.items() if master == key)
    numbers = {name: value for name, value in DEFAULTS.items() if isinstance(value, float)}
    return {name: f"{value:g}" for name, value in numbers.items() if name.startswith(prefixes)}


def curves_of(program: Program) -> dict[str, Points]:
    """Return the point curves of the balance and curve tools of a program: "" of all channels, "Red", "Green", "Blue"."""
    plan = Plan.of(of_kinds(program, CURVES))
    curves = {"": points_of(brightness_table(plan.tone, 255))} if plan.tone else {}
    if plan.balance:
        curves |= {name: points_of(row) for name, row in zip(CHANNELS, balance_table(plan.balance, 256), strict=True)}
    return curves


def xmp_text(name: str, sliders: Mapping[str, str], curves: Mapping[str, Points]) -> str:
    """Return the file. Equal settings and names give equal bytes.

    The lists are indented on purpose: darktable finds the points of a curve only after white space.
    """
    settings, name = dict(sliders), "".join(one for one in name if one.isprintable())  # XML has no control characters
    if curves:
        settings["ToneCurveName2012"] = "Custom"
    identity = uuid5(NAMESPACE_URL, repr((name, sorted(settings.items()), sorted(curves.items()))))
    attributes = {**PRESET, "UUID": identity.hex.upper(), **settings}
    listed = "".join(f"\n   crs:{key}={quoteattr(value)}" for key, value in attributes.items())
    lists = {f"ToneCurvePV2012{one}": curves.get(one, STRAIGHT) for one in ("", *CHANNELS)} if curves else {}
    elements = "".join(_list(key, [f"{x}, {y}" for x, y in points]) for key, points in lists.items())
    return f"""<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="verl-iea">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about=""
   xmlns:crs="http://ns.adobe.com/camera-raw-settings/1.0/"{listed}>
   <crs:Name>
    <rdf:Alt>
     <rdf:li xml:lang="x-default">{escape(name)}</rdf:li>
    </rdf:Alt>
   </crs:Name>
{elements}  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
"""


def _list(key: str, entries: list[str]) -> str:
    lines = [f"     <rdf:li>{entry}</rdf:li>" for entry in entries]
    return "\n".join([f"   <crs:{key}>", "    <rdf:Seq>", *lines, "    </rdf:Seq>", f"   </crs:{key}>", ""])
