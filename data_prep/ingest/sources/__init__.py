"""Sources of photographs, one file each. To add a source, add a file that exposes `SOURCE`."""

from iea.data_prep.ingest.sources.source import Listed, Rejected, Source
from iea.editor.plugins import collect

SOURCES: dict[str, Source] = collect(__name__, "SOURCE", Source)
"""Name -> source."""

__all__ = ["SOURCES", "Listed", "Rejected", "Source"]
