"""The photographs inside the wheels of scikit-image, scikit-learn and matplotlib: single pictures, always at hand."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from iea.data_prep.ingest.sources.source import Listed, Rejected, Source
from iea.data_prep.photographs import bundled_photos

LICENCE = "Free: each as its package documents it (public domain, CC0, CC BY or BSD)."


def list_bundled(root: Path) -> Iterator[Listed | Rejected]:
    """The everyday photographs, which may be held out, then those for training only (black and white, medical)."""
    photos, skipped = bundled_photos()
    for missing in skipped:
        yield Rejected(missing.file, "missing", missing.reason)
    for photo in photos:
        kind = "everyday" if photo.everyday else "plain" if photo.natural else "medical"
        yield Listed(
            source="bundled",
            name=photo.name,
            photo=f"bundled:{photo.name}",
            original=photo.path,
            split="" if photo.everyday else "train",
            licence=LICENCE,
            categories={"kind": kind},
        )


SOURCE = Source(
    name="bundled",
    origin="the wheels of scikit-image, scikit-learn and matplotlib",
    licence=LICENCE,
    list=list_bundled,
    needs_root=False,
)
