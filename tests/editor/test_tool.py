"""The checks of a tool's and a layer's fields."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from iea.editor import TOOLS
from iea.editor.plugins import PluginError


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", None),
        ("name", "Expo sure"),
        ("name", ""),
        ("low", -100.0),
        ("low", "-100"),
        ("low", None),
        ("low", True),
        ("low", -101),
        ("low", 10),
        ("high", 100.0),
        ("high", None),
        ("high", 0),
        ("high", 250),
        ("minus", None),
        ("minus", ""),
        ("plus", ["brighter"]),
        ("plus", ""),
        ("kind", "curves"),
        ("kind", None),
        ("stage", "10"),
        ("stage", 1.5),
        ("reference", None),
        ("use", None),
        ("curve", None),
        ("curve", "x + a"),
        ("layer", TOOLS["saturation"].layer),
    ],
)
def test_a_field_of_a_tool_with_another_type_or_range_is_named(field: str, value: Any) -> None:
    with pytest.raises(PluginError, match=field if field not in ("curve", "layer") else "curve .* layer"):
        replace(TOOLS["exposure"], **{field: value})


@pytest.mark.parametrize("value", [None, "layer", TOOLS["exposure"].curve])
def test_a_tool_of_another_kind_must_have_a_layer(value: Any) -> None:
    with pytest.raises(PluginError, match="else a layer"):
        replace(TOOLS["saturation"], layer=value)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("effect", "multiply"),
        ("effect", None),
        ("plane", None),
        ("plane", "1"),
        ("plane", True),
        ("plane", float("nan")),
        ("plane", np.zeros((2, 2))),
        ("strength", None),
        ("strength", lambda amount: amount),
        ("halo", 3),
        ("limit", 0),
        ("limit", "1"),
    ],
)
def test_a_field_of_a_layer_with_another_type_is_named(field: str, value: Any) -> None:
    layer = TOOLS["saturation"].layer
    assert layer is not None
    with pytest.raises(PluginError, match=field):
        replace(layer, **{field: value})


def test_below_serves_negative_values_alone() -> None:
    tool = TOOLS["vignette"]
    assert tool.layer is not None and tool.below is not None
    assert tool.weighted(50) == (tool.layer, tool.layer.strength / 2)
    assert tool.weighted(-50) == (tool.below, -tool.below.strength / 2)
