"""A source of photographs: its name, origin, licence, and a listing of its photographs."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeAlias

Split: TypeAlias = Literal["", "train", "val", "test"]
Colours: TypeAlias = Literal["srgb", "prophoto"]


@dataclass(frozen=True)
class Listed:
    """A photograph, or a pair, that a source lists; nothing of it is decoded yet.

    name : unique within the source; ASCII, names of files percent-encoded (see records.file_name)
    photo : the scene. It begins with the name of the collection, so that two sources that list the same photographs
        say so; rows of one photo are never split
    reference : None where the source holds single photographs
    expert, amateur : requests in photographers' and in everybody's words
    operators : names of our tools that the source says were used
    program : our tools' values, where the source holds true slider values
    split : the source's own; "" where it has none
    folds : in which folds of a cross-validation the photograph is held out, where the source says so; () = by hash
    weight : of the photograph in synthesis; 0.25 = a quarter of the others' pairs
    categories : what else the source says of the picture
    colours : what a TIFF without a colour profile is taken for
    """

    source: str
    name: str
    photo: str
    original: Path
    reference: Path | None = None
    expert: tuple[str, ...] = ()
    amateur: tuple[str, ...] = ()
    operators: tuple[str, ...] = ()
    program: Mapping[str, int] | None = None
    split: Split = ""
    folds: tuple[int, ...] = ()
    weight: float = 1.0
    licence: str = ""
    categories: Mapping[str, str] = field(default_factory=dict)
    colours: Colours = "srgb"

    def to_item(self) -> dict[str, Any]:
        """As JSON values; names of files that are no UTF-8 become lone surrogates, as in os.fsdecode."""
        reference = None if self.reference is None else str(self.reference)
        return asdict(self) | {"original": str(self.original), "reference": reference}

    @classmethod
    def of_item(cls, item: Mapping[str, Any]) -> "Listed":
        """The inverse of to_item."""
        reference = None if item["reference"] is None else Path(item["reference"])
        tuples = {name: tuple(item[name]) for name in ("expert", "amateur", "operators", "folds")}
        return cls(**{**item, **tuples, "original": Path(item["original"]), "reference": reference})


@dataclass(frozen=True)
class Rejected:
    """What a source lists but cannot offer: `reason` is a short name to count by, `text` says what exactly."""

    name: str
    reason: str
    text: str


@dataclass(frozen=True)
class Source:
    """A source of photographs.

    name : its key, on the command line and in the tables
    origin : where it comes from
    licence : one sentence
    list : (root folder) -> what it holds, in a fixed order. Raises ValueError only where the root is no such source
    needs_root : False for what is found without a folder
    """

    name: str
    origin: str
    licence: str
    list: Callable[[Path], Iterator[Listed | Rejected]]
    needs_root: bool = True
