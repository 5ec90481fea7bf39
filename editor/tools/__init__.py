"""Catalogue of the tools: one file per tool.

To add a tool, add a file that exposes `TOOL`, and a file with its phrases (docs/extend.md); nothing else names tools.
"""

from collections.abc import Mapping
from types import MappingProxyType

from iea.editor.catalogue import collect
from iea.editor.tool import Tool


def by_stage(tools: list[Tool]) -> Mapping[str, Tool]:
    """Read-only mapping of name -> tool by ascending stage. ValueError if a name or a stage comes twice."""
    for attribute in ("name", "stage"):
        values = [getattr(tool, attribute) for tool in tools]
        twice = sorted({value for value in values if values.count(value) > 1})
        if twice:
            raise ValueError(f"every tool must have its own {attribute}, got {twice} twice; change one of them")
    return MappingProxyType({tool.name: tool for tool in sorted(tools, key=lambda tool: tool.stage)})


TOOLS: Mapping[str, Tool] = by_stage(list(collect(__name__, "TOOL", Tool).values()))
