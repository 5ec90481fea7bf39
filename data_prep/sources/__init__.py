"""Where photographs come from: one file a source. To register one, add a file that exposes `SOURCE`."""

from __future__ import annotations

import importlib
import pkgutil

from iea.data_prep.sources.source import Listed, Refused, Source

_HELPERS = ("source", "records", "xmp", "gier_coverage")


def _collected() -> dict[str, Source]:
    names = sorted(found.name for found in pkgutil.iter_modules(__path__) if found.name not in _HELPERS)
    sources: list[Source] = [importlib.import_module(f"{__name__}.{name}").SOURCE for name in names]
    return {source.name: source for source in sources}


SOURCES: dict[str, Source] = _collected()
"""Name -> source: the one table of them, gathered from the files of this folder."""

__all__ = ["SOURCES", "Listed", "Refused", "Source"]
