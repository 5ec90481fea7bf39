"""Draw the counts of a table."""

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from iea.data_prep.inspect.counts import COLUMNS, Counts
from iea.editor import TOOLS
from iea.editor.io import replacing

VALUE_EDGES = np.arange(-102.5, 103, 5)  # bins centered on multiples of 5, which most values are
BLUE, ORANGE, GRAY = "#4477aa", "#cc7733", "#777777"
TOOLS_PER_ROW = 4
MOST_CHARS = 40  # of a label
MOST_BARS = 12  # values of a column that are drawn; the rest is one bar


def plot(counted: Counts, out: Path) -> None:
    """Draw rows, lengths and, if there are any, programs, tools and scores, as PNG."""
    from matplotlib.figure import Figure

    programs = bool(counted.tools_per_program)
    figure: Any = Figure(figsize=(13, 9.5 if programs else 5), layout="constrained")
    figure.suptitle(f"{counted.table}: {counted.rows:,} rows", fontsize=14)
    upper, lower = figure.subfigures(2, 1, height_ratios=(4, 5)) if programs else (figure, None)
    left, middle, right = upper.subplots(1, 3)
    _columns(left, counted.counts)
    if counted.scores:
        _scores(middle, counted)
    elif programs:
        _programs(middle, counted)
    else:
        middle.set_visible(False)
    _lengths(right, counted)
    if lower is not None:
        _tools(lower, counted)
    with replacing(out) as partial:
        figure.savefig(partial, dpi=110, format="png")


def _columns(axes: Any, counts: dict[str, Counter[str]]) -> None:
    """Draw a group of bars for each column: its values, most frequent first."""
    bars: list[tuple[str, int, str]] = []
    for place, column in enumerate(name for name in COLUMNS if set(counts[name]) != {""}):
        values = counts[column].most_common()
        rest = sum(size for _, size in values[MOST_BARS:])
        shown = values[:MOST_BARS] + ([("others", rest)] if rest else [])
        bars += [(_plain(f"{column}: {value or '(none)'}"), size, (BLUE, ORANGE)[place % 2]) for value, size in shown]
    sizes = [size for _, size, _ in bars]
    drawn = axes.barh(range(len(bars)), sizes, color=[color for *_, color in bars])
    axes.bar_label(drawn, labels=[f"{size:,}" for size in sizes], padding=3, fontsize=8)
    axes.set_yticks(range(len(bars)), [label for label, *_ in bars], fontsize=8)
    axes.invert_yaxis()
    axes.set(title="rows", xlim=(0, 1.2 * max(sizes, default=1)), xticks=[])


def _plain(text: str) -> str:
    """Return a text that matplotlib draws as it is, cut to fit."""
    return text[:MOST_CHARS].replace("$", r"\$")


def _programs(axes: Any, counted: Counts) -> None:
    numbers = sorted(counted.tools_per_program)
    bars = axes.bar(numbers, [counted.tools_per_program[n] for n in numbers], color=BLUE)
    axes.bar_label(bars, fontsize=8)
    axes.set(title="tools in a program", ylabel="programs", xticks=numbers)


def _scores(axes: Any, counted: Counts) -> None:
    """Draw a histogram of the scores, stacked by kind."""
    from matplotlib import colormaps

    kinds = sorted(counted.scores, key=lambda kind: -float(np.mean(counted.scores[kind])))
    colors = colormaps["turbo_r"](np.linspace(0.05, 0.95, len(kinds)))
    scores = [counted.scores[kind] for kind in kinds]
    axes.hist(scores, bins=np.arange(-10.5, 11), stacked=True, label=[*map(_plain, kinds)], color=colors)
    axes.set(title="scores", xlabel="score", ylabel="rows", xticks=range(-10, 11, 5))
    axes.legend(fontsize=7, loc="upper center")


def _lengths(axes: Any, counted: Counts) -> None:
    """Draw histograms over lengths in equal ratios, from one word to several pages."""
    known = {part: [max(n, 1) for n in lengths] for part, lengths in counted.chars.items() if lengths}
    every = [n for lengths in known.values() for n in lengths] or [1]
    edges = np.geomspace(min(every), 1.01 * max(every) + 1, 40)
    for (part, lengths), color in zip(known.items(), (BLUE, ORANGE), strict=False):
        axes.hist(lengths, bins=edges, color=color, alpha=0.6, label=part)
    axes.set(title="lengths", xlabel="characters", ylabel="rows", xscale="log")
    axes.legend(fontsize=8)


def _tools(figure: Any, counted: Counts) -> None:
    """Draw a histogram of the values of every tool, on one scale, with the counts of both directions."""
    grid = figure.subplots(-(-len(TOOLS) // TOOLS_PER_ROW), TOOLS_PER_ROW, sharex=True, sharey=True)
    for axes in grid.flat[len(TOOLS) :]:
        axes.set_visible(False)
    for axes, tool in zip(grid.flat, TOOLS, strict=False):
        values = np.array(counted.values[tool])
        for sign, color in ((-1, ORANGE), (1, BLUE)):
            axes.hist(values[values * sign > 0], bins=VALUE_EDGES, color=color)
        axes.axvline(0, color=GRAY, linewidth=0.6)
        axes.set_title(tool, fontsize=9, loc="left")
        axes.set_title(f"{(values < 0).sum():,} down, {(values > 0).sum():,} up", fontsize=7, loc="right", color=GRAY)
        axes.tick_params(labelsize=7)
    grid[0, 0].set_xticks((-100, -50, 0, 50, 100))
    figure.supxlabel("value of the tool", fontsize=9)
    figure.supylabel("programs", fontsize=9)
