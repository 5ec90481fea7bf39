"""Print the counts of a parquet file of data preparation as markdown, and plot them.

    iea data stats OUT/stage3/train.parquet
    iea data stats OUT/judged --out OUT/judged-stats    # stats.md and stats.png besides

Reads any table, see iea.data_prep.inspect.row_view: a file or a finished folder of shards.
"""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from iea.data_prep.files import write_text
from iea.data_prep.inspect.counts import Counts, count_rows
from iea.data_prep.inspect.counts_plot import plot

EDGES = (1, 21, 41, 61, 81, 101)  # of the magnitudes a sparkline tells apart
SPARKS = "·▁▂▃▄▅▆▇█"


def markdown(counted: Counts) -> str:
    """All counts, in sections."""
    photos = f" of {len(counted.photos)} photographs" if counted.photos else ""
    head = f"**{counted.table}**: {counted.rows} rows{photos}"
    if not counted.rows:
        return head
    sections = [head, _columns(counted)]
    if counted.tools_per_program:
        sections += [_programs(counted), _tools(counted)]
    if counted.scores:
        sections.append(_scores(counted))
    return "\n\n".join([*sections, _lengths(counted)])


def _table(head: str, lines: Iterable[str], numbers: int) -> str:
    """A markdown table whose last `numbers` columns are numbers."""
    width = head.count("|") + 1
    rule = "|".join(["---"] * (width - numbers) + ["---:"] * numbers)
    return "\n".join([f"| {head} |", f"|{rule}|", *(f"| {line} |" for line in lines)])


def _columns(counted: Counts) -> str:
    lines = [
        f"{column} | {value or '(none)'} | {count} | {count / counted.rows:.1%}"
        for column, values in counted.counts.items()
        if set(values) != {""}
        for value, count in sorted(values.items(), key=lambda item: (-item[1], item[0]))
    ]
    return _table("column | value | rows | share", lines, 2)


def _programs(counted: Counts) -> str:
    total = sum(counted.tools_per_program.values())
    lines = [f"{number} | {count} | {count / total:.1%}" for number, count in sorted(counted.tools_per_program.items())]
    return _table("tools in a program | programs | share", lines, 2)


def _tools(counted: Counts) -> str:
    """Every tool: how often each way, how strongly, and the magnitudes by fifths of the range as small bars."""
    peak = max(max(_bins(values, sign), default=0) for values in counted.values.values() for sign in (-1, 1))
    lines = []
    for tool, values in counted.values.items():
        minus, plus = (_spark(_bins(values, sign), peak) for sign in (-1, 1))
        size = f"{np.median(np.abs(values)):.0f}" if values else "-"
        signs = f"{sum(v < 0 for v in values)} | {sum(v > 0 for v in values)}"
        lines.append(f"{tool} | `{minus[::-1]}` | `{plus}` | {len(values)} | {signs} | {size}")
    return _table("tool | -100 to -1 | +1 to +100 | programs | negative | positive | median size", lines, 4)


def _bins(values: list[int], sign: int) -> list[int]:
    counts, _ = np.histogram([abs(value) for value in values if value * sign > 0], EDGES)
    return [int(count) for count in counts]


def _spark(counts: list[int], peak: int) -> str:
    """A bar a count; the smallest that is not nothing can still be seen."""
    return "".join(SPARKS[int(np.ceil(count / max(peak, 1) * (len(SPARKS) - 1)))] for count in counts)


def _scores(counted: Counts) -> str:
    lines = []
    for kind, scores in sorted(counted.scores.items(), key=lambda item: -float(np.mean(item[1]))):
        lines.append(f"{kind} | {len(scores)} | {min(scores)} | {np.mean(scores):.2f} | {max(scores)}")
    every = Counter(score for scores in counted.scores.values() for score in scores)
    peak = max(every.values())
    histogram = [f"{score} | {'█' * round(20 * every[score] / peak)} | {every[score]}" for score in range(-10, 11)]
    return "\n\n".join([_table("kind | rows | least | mean | most", lines, 4), _table("score | | rows", histogram, 1)])


def _lengths(counted: Counts) -> str:
    lines = []
    for what, lengths in counted.chars.items():
        if lengths:
            low, middle, high, most = np.percentile(lengths, [0, 50, 95, 100])
            lines.append(f"{what} | {low:.0f} | {middle:.0f} | {high:.0f} | {most:.0f}")
    return _table("characters of the | least | median | 95 % below | most", lines, 4)


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
