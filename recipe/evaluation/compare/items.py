"""Define the input of a comparison: items to edit, and the edited image of every system for every item."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ORIGINAL, REFERENCE = "original", "reference"
"""Systems that every item has itself: the untouched image, and the image that the edit should become."""


@dataclass(frozen=True)
class Item:
    """One image to edit.

    name : unique among the items
    photo : the photograph; items of one photograph are drawn together by a bootstrap
    request : "" = no request
    original : path of the image to edit
    reference : path of the image that it should become; None = there is none
    also : other names of its file in a folder of edited images
    """

    name: str
    photo: str
    request: str
    original: Path
    reference: Path | None = None
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class Edits:
    """The images of all systems.

    items : at least one
    images : system -> name of the item -> path of the edited image. A missing one is a failed item, which is shown as
        the untouched original: no system is better for a failure than for no edit
    systems : those to compare, in the order of the tables; ORIGINAL and REFERENCE may be among them

    Raises
    ------
    ValueError : no items, two of one name, no systems or two of one name, a system without images, or REFERENCE without
        a reference of every item
    """

    items: Sequence[Item]
    images: Mapping[str, Mapping[str, Path]]
    systems: tuple[str, ...]

    def __post_init__(self) -> None:
        for one, names in (("items", [item.name for item in self.items]), ("systems", list(self.systems))):
            twice = sorted({name for name in names if names.count(name) > 1}) if len(set(names)) < len(names) else []
            if not names or twice:
                raise ValueError(f"{one} must have different names, got {twice[0] if twice else 'none'}")
        if REFERENCE in self.systems and not self.referenced:
            raise ValueError("the system reference needs a reference of every item, got items without one")
        for name in self.systems:
            if name not in (ORIGINAL, REFERENCE) and not self.images.get(name):
                raise ValueError(f"the system {name} must have an edited image of an item, got none")

    @property
    def referenced(self) -> bool:
        """True if every item has a reference."""
        return all(item.reference for item in self.items)

    def failed(self, system: str, item: Item) -> bool:
        """Return True if a system has no image of an item."""
        return system not in (ORIGINAL, REFERENCE) and item.name not in self.images[system]

    def shown(self, system: str, item: Item) -> Path:
        """Return the path of the image of a system: of a failed item, the original."""
        if system == REFERENCE and item.reference:
            return item.reference
        return item.original if system == ORIGINAL else self.images[system].get(item.name, item.original)
