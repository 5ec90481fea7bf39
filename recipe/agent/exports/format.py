"""Define an export format: a program as a file that another program reads, with all that the file cannot hold named."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from iea.editor import Image, Program


@dataclass(frozen=True)
class Settings:
    """Settings of an export.

    photographs : name -> (H, W, 3) uint8 sRGB, on which errors are measured; the first one is shown in a trace
    name : of the preset, the table or the page
    size : entries of a 3D table along each side
    check : render Camera Raw's settings with darktable too, and state its error
    """

    photographs: Mapping[str, Image] = field(default_factory=dict)
    name: str = "edit"
    size: int = 33
    check: bool = False


@dataclass(frozen=True)
class Error:
    """A measured error: its subject, mean deltaE 2000, mean levels of 255; the mean over `photographs` of both."""

    about: str
    delta_e: float
    levels: float
    photographs: Sequence[str]

    def __str__(self) -> str:
        """Return one line of text."""
        where = self.photographs[0] if len(self.photographs) == 1 else f"{len(self.photographs)} photographs"
        return f"{self.about}: mean deltaE 2000 {self.delta_e:.2f}, mean {self.levels:.2f} levels of 255, on {where}"


@dataclass(frozen=True)
class Exported:
    """The text of a file, and its fidelity.

    approximate : tool -> the setting of the other program that stands for it and does not compute the same
    lost : tool -> the reason why the file lacks it
    errors : measured
    notes : errors that were not measured, warnings to the reader of the file
    """

    text: str
    approximate: Mapping[str, str] = field(default_factory=dict)
    lost: Mapping[str, str] = field(default_factory=dict)
    errors: Sequence[Error] = ()
    notes: Sequence[str] = ()

    def lines(self) -> list[str]:
        """Return the fidelity as lines of text: approximate, lost, errors, notes."""
        return [
            *(f"approximate: {tool}, as {setting}" for tool, setting in self.approximate.items()),
            *(f"lost: {tool}, {reason}" for tool, reason in self.lost.items()),
            *(f"error: {error}" for error in self.errors),
            *(f"note: {note}" for note in self.notes),
        ]


@dataclass(frozen=True)
class Format:
    """A format by name: the suffix of its files, a sentence about it, and the function that writes it.

    `write` raises ValueError for a program of which the format can hold nothing. `side` is the longer side, px, to which
    photographs should be reduced for it.
    """

    name: str
    suffix: str
    words: str
    write: Callable[[Program, Settings], Exported]
    side: int = 256
