"""Catalogue of the tools: one file per tool.

To add a tool, add a file that exposes `TOOL`, and a file with its phrases (docs/extend.md); nothing else names tools.
"""

from collections.abc import Mapping
from types import MappingProxyType

from iea.editor.plugins import collect
from iea.editor.tool import Tool


def by_stage(tools: Mapping[str, Tool]) -> Mapping[str, Tool]:
    """Return name -> tool by ascending stage, read-only. ValueError if a stage occurs twice."""
    stages = [tool.stage for tool in tools.values()]
    if twice := {stage for stage in stages if stages.count(stage) > 1}:
        raise ValueError(f"every tool must have its own stage, got {sorted(twice)} twice; change one")
    return MappingProxyType(dict(sorted(tools.items(), key=lambda item: item[1].stage)))


TOOLS: Mapping[str, Tool] = by_stage(collect(__name__, "TOOL", Tool))
