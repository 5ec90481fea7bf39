"""Search methods: from a starting program to the one whose result comes closest to a reference.

To add a method, add a file that exposes `METHOD`.
"""

from iea.data_prep.label.method import Method
from iea.editor.plugins import collect

METHODS: dict[str, Method] = collect(__name__, "METHOD", Method)
"""Name -> method."""

__all__ = ["METHODS", "Method"]
