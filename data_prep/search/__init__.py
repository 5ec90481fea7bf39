"""From a starting program to the one whose result comes closest to a reference. One file a method."""

from __future__ import annotations

import importlib
import pkgutil

from iea.data_prep.search.method import Found, Method, search

_HELPERS = ("objective", "method", "moves", "least_squares", "compare", "match")


def _collected() -> dict[str, Method]:
    names = sorted(found.name for found in pkgutil.iter_modules(__path__) if found.name not in _HELPERS)
    modules = [importlib.import_module(f"{__name__}.{name}") for name in names]
    return {module.METHOD.name: module.METHOD for module in modules}


METHODS: dict[str, Method] = _collected()
"""Name -> method: the one table of them, gathered from the files of this folder."""

__all__ = ["METHODS", "Found", "Method", "search"]
