"""Draw the staircase: reward and R_align of every stage, as a PNG."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from iea.recipe.evaluation.metrics import METRICS, measured
from iea.recipe.evaluation.plots import save
from iea.recipe.evaluation.results import (
    AGAIN,
    CONTROL,
    GRAY,
    KINDS,
    SHRUNK,
    SHUFFLED,
    STAGES,
    RunResults,
    evaluated_sets,
)
from iea.recipe.evaluation.tables.cells import counts, found_in

PANELS: Mapping[str, tuple[str, ...]] = {"reward": ("edit", "auto", "refine"), "r_align": ("summary",)}
"""Metric -> the kinds of rows drawn in its panel."""
COLORS = {"edit": "#0072b2", "auto": "#d55e00", "refine": "#009e73", "summary": "#7b3294"}
MARKERS: Mapping[str, tuple[float, str, str]] = {
    AGAIN: (2, ".", "second GRPO run"),
    CONTROL: (1.87, "s", "control: more SFT"),
    SHRUNK: (2.13, "v", "control: Stage 1 shrunk"),
    GRAY: (3.1, "x", "control: gray images"),
    SHUFFLED: (3.1, "+", "control: other pairs"),
}
"""Results of a control -> its place beside a stage, marker and title."""
LABELS = {"reward": "reward", "r_align": "R_align, judge's scale"}
SIZE = (9.0, 7.0)  # inches; 100 px each: read at 900 px


def plot_staircase(runs: Sequence[RunResults], out: Path) -> None:
    """Draw a column per set and a row per metric: a thin line per seed, a thick one for the mean, markers for controls."""
    from matplotlib.figure import Figure

    parts = list(evaluated_sets(runs))
    figure = Figure(figsize=SIZE, layout="constrained")
    panels = figure.subplots(len(PANELS), len(parts), squeeze=False, sharex=True, sharey="row", height_ratios=(3, 2))
    for row, (metric, kinds) in zip(panels, PANELS.items(), strict=True):
        for axes, (part, _) in zip(row, parts, strict=True):
            for kind in kinds:
                _draw_kind(axes, runs, part, kind, metric)
            axes.set_xticks(range(len(STAGES)), STAGES.values())
            axes.grid(axis="y", color="0.9")
            axes.spines[["top", "right"]].set_visible(False)
        row[0].set_ylabel(LABELS[metric], fontsize=11)
    for axes, (part, title) in zip(panels[0], parts, strict=True):
        axes.set_title(_title(runs, part, title), fontsize=11)
    handles = _handles(panels.flat)
    figure.legend(handles.values(), handles.keys(), fontsize=10, ncols=3, loc="outside lower center", frameon=False)
    save(figure, out)


def _draw_kind(axes: Any, runs: Sequence[RunResults], part: str, kind: str, metric: str) -> None:
    seeds = np.array([_means(run, part, kind, metric, tuple(STAGES)) for run in runs])
    known = ~np.isnan(seeds).all(axis=0)
    if not known.any():
        return
    places = np.flatnonzero(known)
    axes.plot(places, seeds[:, known].T, color=COLORS[kind], linewidth=0.8, alpha=0.5)
    mean = np.nanmean(seeds[:, known], axis=0)
    axes.plot(places, mean, "o-", color=COLORS[kind], linewidth=2.6, markersize=5, label=KINDS[kind])
    for system, (place, marker, title) in MARKERS.items():
        values = np.array([_means(run, part, kind, metric, (system,)) for run in runs])
        if not np.isnan(values).all():
            axes.plot(
                place, np.nanmean(values), marker, color=COLORS[kind], markersize=8, markeredgewidth=2, label=title
            )


def _means(run: RunResults, part: str, kind: str, metric: str, systems: Sequence[str]) -> list[float]:
    found = [run.of(part, system, (kind,)) for system in systems]
    return [float("nan") if results is None else measured(METRICS[metric], results) for results in found]


def _title(runs: Sequence[RunResults], part: str, title: str) -> str:
    found = next(found for stage in STAGES if (found := found_in(runs, part, stage)))
    number = counts(found)
    seeds = "1 seed" if number["seeds"] == 1 else f"{number['seeds']} seeds"
    return f"{title}: {seeds}, {number['photographs']} photographs, {number['rows']} rows"


def _handles(panels: Iterable[Any]) -> dict[str, Any]:
    """Return title -> handle: the kinds of rows, and the controls in gray, since the kinds share their markers."""
    from matplotlib.lines import Line2D

    found = {title: handle for axes in panels for handle, title in zip(*axes.get_legend_handles_labels(), strict=True)}
    shared = {
        title: Line2D([], [], linestyle="", marker=marker, color="0.4", markersize=8, markeredgewidth=2)
        for _, marker, title in MARKERS.values()
        if title in found
    }
    return {title: handle for title, handle in found.items() if title not in shared} | shared
