"""Print the counts of a parquet file of data preparation as markdown, and plot them.

    iea data stats OUT/stage3/train.parquet
    iea data stats OUT/judged --out OUT/judged-stats    # also writes stats.md and stats.png

Reads any table, see iea.data_prep.inspect.row_view: a file or a finished folder of shards.
"""

from collections import Counter
from pathlib import Path

import numpy as np

from iea.data_prep.files import write_text
from iea.data_prep.inspect.counts import Counts, count_rows
from iea.data_prep.inspect.counts_plot import plot
from iea.editor.markdown import markdown_table

EDGES = (1, 21, 41, 61, 81, 101)  # of the magnitudes that a sparkline distinguishes
SPARKS = "·▁▂▃▄▅▆▇█"


def markdown(counted: Counts) -> str:
    """Return all counts, in sections."""
    photos = f" of {len(counted.photos)} photographs" if counted.photos else ""
    head = f"**{counted.table}**: {counted.rows} rows{photos}"
    if not counted.rows:
        return head
    sections = [head, _columns(counted)]
    if counted.tools_per_program:
        sections += [_programs(counted), _tools(counted)]
    if counted.scores:
        sections += _scores(counted)
    return "\n\n".join([*sections, _lengths(counted)])


def _columns(counted: Counts) -> str:
    rows = [
        (column, value or "(none)", count, f"{count / counted.rows:.1%}")
        for column, values in counted.counts.items()
        if set(values) != {""}
        for value, count in sorted(values.items(), key=lambda item: (-item[1], item[0]))
    ]
    return markdown_table(("column", "value", "rows", "share"), rows)


def _programs(counted: Counts) -> str:
    total = sum(counted.tools_per_program.values())
    rows = [(number, count, f"{count / total:.1%}") for number, count in sorted(counted.tools_per_program.items())]
    return markdown_table(("tools in a program", "programs", "share"), rows)


def _tools(counted: Counts) -> str:
    """Count the uses of every tool in both directions, with the magnitudes by fifths of the range as small bars."""
    peak = max(max(_bins(values, sign)) for values in counted.values.values() for sign in (-1, 1))
    rows = []
    for tool, values in counted.values.items():
        minus, plus = (_spark(_bins(values, sign), peak) for sign in (-1, 1))
        signs = sum(v < 0 for v in values), sum(v > 0 for v in values)
        size = f"{np.median(np.abs(values)):.0f}" if values else "-"
        rows.append((tool, f"`{minus[::-1]}`", f"`{plus}`", len(values), *signs, size))
    head = ("tool", "-100 to -1", "+1 to +100", "programs", "negative", "positive", "median size")
    return markdown_table(head, rows)


def _bins(values: list[int], sign: int) -> list[int]:
    counts, _ = np.histogram([abs(value) for value in values if value * sign > 0], EDGES)
    return [int(count) for count in counts]


def _spark(counts: list[int], peak: int) -> str:
    """Return a bar per count; the smallest count above 0 is still visible."""
    return "".join(SPARKS[int(np.ceil(count / max(peak, 1) * (len(SPARKS) - 1)))] for count in counts)


def _scores(counted: Counts) -> list[str]:
    rows = [
        (kind, len(scores), min(scores), f"{np.mean(scores):.2f}", max(scores))
        for kind, scores in sorted(counted.scores.items(), key=lambda item: -float(np.mean(item[1])))
    ]
    every = Counter(score for scores in counted.scores.values() for score in scores)
    peak = max(every.values())
    histogram = [(score, "█" * round(20 * every[score] / peak), every[score]) for score in range(-10, 11)]
    head = ("kind", "rows", "least", "mean", "most")
    return [markdown_table(head, rows), markdown_table(("score", "", "rows"), histogram)]


def _lengths(counted: Counts) -> str:
    rows = [
        (part, *(f"{value:.0f}" for value in np.percentile(lengths, [0, 50, 95, 100])))
        for part, lengths in counted.chars.items()
        if lengths
    ]
    return markdown_table(("characters of the", "least", "median", "95 % below", "most"), rows)


def report(file: Path, out: Path | None = None) -> str:
    """Return the counts of a table as markdown; write them and their plots to the folder `out`, if given.

    Raises
    ------
    ValueError : the file is not a table of data preparation
    """
    counted = count_rows(file)
    text = markdown(counted)
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        page = text
        if counted.rows:
            plot(counted, out / "stats.png")
            page += "\n\n![plots](stats.png)"
        write_text(out / "stats.md", f"{page}\n")
    return text
