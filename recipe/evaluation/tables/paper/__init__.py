"""Collect the tables of the IEA paper, with our rows beside its printed ones: one file each, found by its `TABLE`.

The printed values of TABLE are in a YAML file of its name, each with its source. A value that is not known is left out.
"""

from collections.abc import Mapping

from iea.editor.plugins import collect
from iea.recipe.evaluation.tables.paper.layout import PaperTable

PAPER_TABLES: Mapping[str, PaperTable] = collect(__name__, "TABLE", PaperTable)
"""name -> table, in the order of the paper."""
