"""Collect the compared systems: one file each, found by its `SYSTEM`."""

from collections.abc import Mapping

from iea.editor.plugins import collect
from iea.recipe.evaluation.systems.system import Settings, System

SYSTEMS: Mapping[str, System] = collect(__name__, "SYSTEM", System)
"""name -> system."""

__all__ = ["SYSTEMS", "Settings", "System"]
