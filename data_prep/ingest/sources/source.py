"""A source of photographs: its name, origin, license, and a listing of its photographs."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeAlias, get_args

Split: TypeAlias = Literal["", "train", "val", "test"]
Colors: TypeAlias = Literal["srgb", "prophoto"]
_TUPLES = ("expert", "amateur", "operators", "folds")  # fields of Listed


@dataclass(frozen=True)
class Listed:
    """A photograph, or a pair, that a source lists; nothing of it is decoded yet.

    name : unique within the source; ASCII, names of files percent-encoded (see records.file_name)
    photo : the scene, prefixed by the name of the collection, so that two sources that list the same photographs use the
        same value; rows of one photo share a split
    reference : None for a single photograph
    expert, amateur : requests in photographers' and in everyday words
    operators : names of our tools that the source says were used
    program : our tools' values, if the source has true slider values
    split : the source's own, or ""
    folds : of a cross-validation in which the photograph is held out, if the source decides it; () = by hash
    weight : of the photograph in synthesis; 0.25 = a quarter of the others' pairs
    categories : further labels of the source
    colors : color space of a TIFF without a color profile
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
    license: str = ""
    categories: Mapping[str, str] = field(default_factory=dict)
    colors: Colors = "srgb"

    def __post_init__(self) -> None:
        texts = [name for name in _TUPLES if not isinstance(getattr(self, name), tuple)]
        if texts:
            raise TypeError(f"{texts[0]} of {self.name!r} must be a tuple, got {getattr(self, texts[0])!r}")
        if not self.name or self.split not in get_args(Split) or not self.weight > 0:
            raise ValueError(
                f"a listed photograph must have a name, a split among {get_args(Split)} and a weight above 0, got "
                f"{self.name!r}, {self.split!r} and {self.weight}"
            )

    def to_item(self) -> dict[str, Any]:
        """Convert to JSON values; file names that are not UTF-8 become lone surrogates, as in os.fsdecode."""
        reference = None if self.reference is None else str(self.reference)
        lists = {name: list(getattr(self, name)) for name in _TUPLES}
        return asdict(self) | lists | {"original": str(self.original), "reference": reference}

    @classmethod
    def of_item(cls, item: Mapping[str, Any]) -> "Listed":
        """Invert to_item."""
        reference = None if item["reference"] is None else Path(item["reference"])
        tuples = {name: tuple(item[name]) for name in _TUPLES}
        return cls(**{**item, **tuples, "original": Path(item["original"]), "reference": reference})


@dataclass(frozen=True)
class Rejected:
    """A record of a source that cannot be used: `reason` is a short name to count by (iea.data_prep.reasons), `text` gives
    the details."""

    name: str
    reason: str
    text: str

    def to_item(self) -> dict[str, Any]:
        """Convert to JSON values: the ingest step rejects and counts the item."""
        return asdict(self)


@dataclass(frozen=True)
class Source:
    """A source of photographs.

    name : key, on the command line and in the tables
    origin : address or description
    license : one sentence
    list : (root folder) -> its photographs in a fixed order. Raises ValueError only if the root is not such a source
    needs_root : False for a source that needs no folder
    """

    name: str
    origin: str
    license: str
    list: Callable[[Path], Iterator[Listed | Rejected]]
    needs_root: bool = True
