"""Make rows of a table from metrics of the results of systems: rows of some kinds of tasks, local edits apart."""

from collections.abc import Mapping, Sequence
from math import isnan

import pandas as pd

from iea.recipe.evaluation.metrics import METRICS, measured, missing
from iea.recipe.evaluation.results import LOCAL
from iea.recipe.evaluation.system_results import Evaluated
from iea.recipe.evaluation.tables.paper.layout import Row, Run

Columns = Mapping[str, tuple[str, Sequence[str]]]
"""Key of a column -> metric, and the kinds of rows that it is computed from."""


def measured_rows(systems: Sequence[Evaluated], columns: Columns) -> list[Row]:
    """Return a row of every system, and one more of its requests for local edits if there are some."""
    found = []
    for system in systems:
        for suffix in ("", LOCAL):
            rows = _row(system, columns, suffix)
            if rows is not None:
                found.append(rows)
    return found


def _row(system: Evaluated, columns: Columns, suffix: str) -> Row | None:
    local = system.results["class"].str.endswith(LOCAL)
    results = system.results[local if suffix else ~local]
    if results.empty:
        return None
    cells, reasons = {}, {}
    for key, (name, kinds) in columns.items():
        part = results[results.kind.isin(list(kinds))]
        value = measured(METRICS[name], part) if len(part) else float("nan")
        if isnan(value):
            reasons[key] = _reason(system, name, part, kinds)
        else:
            cells[key] = value
    run = Run(str(system.path), system.sha256, len(results))
    return Row(f"{system.label} (local edits)" if suffix else system.label, cells, run, reasons)


def _reason(system: Evaluated, metric: str, results: pd.DataFrame, kinds: Sequence[str]) -> str:
    """Return the reason why a metric has no value, as the manifest of the results states it if it does."""
    if results.empty:
        return f"no rows of {' or '.join(kinds)}"
    return system.not_computed.get(metric) or missing(METRICS[metric], results)
