"""Collect the entries of a folder of plug-in modules: tools, terms, tasks, sources, methods.

A module is an entry if it exposes one constant, for example `TOOL`. Other modules are helpers.
"""

import importlib
import pkgutil
from typing import Protocol, TypeVar


class PluginError(ValueError):
    """A plug-in has, or returns, a value that its type does not allow; the text names the plug-in."""


class Named(Protocol):
    """An entry of a folder of plug-ins."""

    @property
    def name(self) -> str:
        """The key, unique in the folder."""


T = TypeVar("T", bound=Named)


def collect(package: str, constant: str, kind: type[T]) -> dict[str, T]:
    """Import every module of `package` and collect their entries named `constant`.

    Parameters
    ----------
    package : dotted name of an imported package, for example "iea.editor.tools"
    constant : name of the module attribute, for example "TOOL"
    kind : type of the entries

    Returns
    -------
    name -> entry, in the order of the file names

    Raises
    ------
    TypeError : an entry is not of `kind`, or a module without `constant` defines an entry under another name
    ValueError : two entries have the same name
    """
    entries: dict[str, T] = {}
    paths = importlib.import_module(package).__path__
    for module in sorted(f"{package}.{found.name}" for found in pkgutil.iter_modules(paths)):
        names = vars(importlib.import_module(module))
        entry = names.get(constant)
        if entry is None:
            if misnamed := [name for name, value in names.items() if isinstance(value, kind)]:
                raise TypeError(f"{module} must name its {kind.__name__} {constant}, got {misnamed[0]}; rename it")
            continue
        if not isinstance(entry, kind):
            raise TypeError(f"{module}.{constant} must be a {kind.__name__}, got {type(entry).__name__}")
        if entry.name in entries:
            raise ValueError(f"{constant} names in {package} must differ, got {entry.name!r} twice; rename one")
        entries[entry.name] = entry
    return entries
