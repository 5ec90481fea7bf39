"""The catalogue: one file per tool. To add a tool, add a file that exposes `TOOL`; nothing else names tools."""

from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType

from iea.editor.tool import Tool


def _collect() -> Mapping[str, Tool]:
    """The TOOL of every sibling module, by name, in order of application."""
    tools = [import_module(f"{__name__}.{module.name}").TOOL for module in iter_modules(__path__)]
    return catalogue(tools)


def catalogue(tools: list[Tool]) -> Mapping[str, Tool]:
    """Read-only mapping of name -> tool by ascending stage. ValueError if a name or a stage comes twice."""
    for attribute in ("name", "stage"):
        values = [getattr(tool, attribute) for tool in tools]
        twice = sorted({value for value in values if values.count(value) > 1})
        if twice:
            raise ValueError(
                f"every tool must have its own {attribute}, got {twice} twice; rename one of them"
            )
    return MappingProxyType({tool.name: tool for tool in sorted(tools, key=lambda tool: tool.stage)})


TOOLS: Mapping[str, Tool] = _collect()
