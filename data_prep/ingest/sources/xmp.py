"""Read Camera Raw's settings from XMP side-cars safely.

Settings are the attributes and elements in the namespace `crs` of the nodes directly below `rdf:RDF`. Those further inside
belong to another one: a local correction, the parameters of a look. A setting with parts is read as one value, the list of
its parts, so that two of them can be compared. iea.data_prep.ingest.sources.camera_raw compares side-cars.
"""

import math
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TypeAlias
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from iea.editor.io import regular

CRS = "{http://ns.adobe.com/camera-raw-settings/1.0/}"
RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
LARGEST = 64 * 2**20  # bytes; side-cars with many masks have some

Value: TypeAlias = float | str | tuple[tuple[str, str], ...]
"""A number, a text, or the (name, text) of all parts of a setting that has several."""
Settings: TypeAlias = Mapping[str, Value]
"""Value of every setting, by its key without the namespace."""
_NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d{1,3})?")
_SYNTAX = re.compile(r"}(parseType|about|ID|nodeID|datatype|lang|\w*SyncID)$")  # no part of a setting's value
_FLAGS = {"true": 1.0, "false": 0.0}


def read_settings(path: Path) -> Settings:
    """Read the settings of one side-car.

    Raises
    ------
    OSError : the file cannot be opened
    ValueError : it is too large, is not XML, declares entities or a DTD, or holds no settings
    """
    if regular(path).stat().st_size > LARGEST:
        raise ValueError(f"{path} must be XMP of at most {LARGEST} bytes, got more")
    try:
        tree = fromstring(path.read_bytes(), forbid_dtd=True)
    except (ParseError, DefusedXmlException, LookupError) as error:  # LookupError: an unknown encoding
        raise ValueError(f"{path} must be XMP: {error!r}") from error
    settings: dict[str, Value] = {}
    for key, value in _properties(tree):
        settings.setdefault(key, value)
    if not settings:
        raise ValueError(f"{path} must hold Camera Raw settings (crs:), got none")
    return settings


def number_in(text: str) -> float | None:
    """Parse a number as Camera Raw writes it: with a sign, with a comma, or True; None for other texts.

    >>> number_in("+0,50"), number_in(" -35 "), number_in("True"), number_in("1e999"), number_in("As Shot")
    (0.5, -35.0, 1.0, None, None)
    """
    text = text.strip().replace("\N{MINUS SIGN}", "-")
    if text.lower() in _FLAGS:
        return _FLAGS[text.lower()]
    number = float(text.replace(",", ".")) if _NUMBER.fullmatch(text) else math.nan
    return number if math.isfinite(number) else None


def _properties(tree: Element) -> Iterator[tuple[str, Value]]:
    """Yield the settings in the order of the file; every element is visited once."""
    for node in next(tree.iter(f"{RDF}RDF"), ()):
        yield from ((_key(name), _scalar(text)) for name, text in node.attrib.items() if name.startswith(CRS))
        yield from ((_key(str(one.tag)), _value(one)) for one in node if str(one.tag).startswith(CRS))


def _value(element: Element) -> Value:
    """Return a text or a number if the element holds only one, else its parts, without the empty ones."""
    parts = []
    for one in element.iter():
        name = "" if one is element else str(one.tag)
        texts = [*sorted(one.attrib.items()), (name, (one.text or "").strip())]
        parts += [(_key(name), text) for name, text in texts if text and not _SYNTAX.search(name)]
    if len(parts) == 1 and parts[0][0] in ("", "value"):
        return _scalar(parts[0][1])
    return tuple((name, _normal(text)) for name, text in parts)


def _key(name: str) -> str:
    return name.partition("}")[2] or name


def _scalar(text: str) -> float | str:
    number = number_in(text)
    return text.strip() if number is None else number


def _normal(text: str) -> str:
    """Return one spelling of equal texts: "0.50", "+0.5" and "0.5"; "0, 0" and "0,0"."""
    parts = [part.strip() for part in text.split(",")]
    numbers = [number_in(part) for part in parts]
    return ", ".join(part if number is None else f"{number:.6g}" for part, number in zip(parts, numbers, strict=True))
