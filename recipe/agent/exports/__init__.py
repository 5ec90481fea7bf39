"""Export formats, one file each: Camera Raw's XMP, color tables, JSON, an HTML page.

To add a format, add a file that exposes `FORMAT`; nothing else names formats.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from iea.editor import Program, render
from iea.editor.io import replacing
from iea.editor.plugins import collect
from iea.recipe.agent.exports.format import Exported, Format, Settings
from iea.recipe.agent.exports.measure import measured

FORMATS: Mapping[str, Format] = MappingProxyType(collect(__name__, "FORMAT", Format))


def format_of(name: str) -> Format:
    """Return a format by its name. Raises ValueError for another name."""
    if name not in FORMATS:
        raise ValueError(f"a format must be one of {', '.join(FORMATS)}, got {name!r}")
    return FORMATS[name]


def export(program: Program, name: str, settings: Settings | None = None) -> Exported:
    """Return a program in a format, with all that is approximate or lost, and the measured errors.

    Raises
    ------
    ValueError : the format is unknown, or can hold nothing of the program

    Examples
    --------
    >>> print(export(Program({"exposure": 20, "grain": 30}), "cube", Settings(size=5)).lines()[0])
    lost: grain, it depends on the place or the surroundings of a pixel, a table on its color alone
    """
    settings = settings or Settings()
    exported = format_of(name).write(program, settings)
    kept = Program({tool: value for tool, value in program.items() if tool not in exported.lost})
    images = settings.photographs if exported.lost else {}
    left_out = measured(
        "the program without its lost tools, against all of it",
        list(images),
        ((render(image, program), render(image, kept)) for image in images.values()),
    )
    return replace(exported, errors=[*exported.errors, *left_out])


def write_export(program: Program, name: str, out: Path, settings: Settings) -> Exported:
    """Write the result of `export` to a file, atomically, and return it.

    Raises
    ------
    ValueError : as `export`, or the suffix of `out` is not that of the format
    OSError : the file cannot be written
    """
    check_name(name, out)
    exported = export(program, name, settings)
    with replacing(out) as partial:
        partial.write_text(exported.text, encoding="utf-8", newline="\n")
    return exported


def check_name(name: str, out: Path) -> None:
    """Raise ValueError unless the suffix of `out` is that of the format."""
    suffix = format_of(name).suffix
    if out.suffix.lower() != suffix:
        raise ValueError(f"a file of the format {name} must end with {suffix}, got {out.name!r}; rename it")
