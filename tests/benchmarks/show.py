"""Show the measurements as a table and a plot."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from cases import Case


@dataclass(frozen=True)
class Figure:
    """A case with the ratio and the milliseconds of every round."""

    case: Case
    ratios: Sequence[float]
    times: Mapping[str, Sequence[float]]

    @property
    def name(self) -> str:
        return f"{self.case.title}: {self.case.over.removesuffix(' / 10')} / {self.case.under}"

    @property
    def met(self) -> bool:
        ratio = median(self.ratios)
        return ratio >= self.case.must if self.case.at_least else ratio <= self.case.must


def table(figures: Sequence[Figure], apart: float) -> str:
    """Return markdown, one line per figure: median, lowest and highest ratio, bounds, median milliseconds."""
    lines = ["| measure | ratio | must | aim | met | ms |", "|---|---|---|---|---|---|"]
    for figure in figures:
        case, ratios = figure.case, figure.ratios
        ms = ", ".join(f"{name} {median(values):.1f}" for name, values in figure.times.items())
        spread = f"{median(ratios):.1f} ({min(ratios):.1f} to {max(ratios):.1f})"
        bound = "at least" if case.at_least else "at most"
        met = "yes" if figure.met else "no"
        lines.append(f"| {figure.name} | {spread} | {bound} {case.must:g} | {case.aim:g} | {met} | {ms} |")
    lines.append(
        f"| largest distance error against naive64 | {apart:.1e} | at most 1e-06 | 1e-07 "
        f"| {'yes' if apart <= 1e-6 else 'no'} | |"
    )
    return "\n".join(lines)


def plot(figures: Sequence[Figure], out: Path) -> None:
    """Plot the ratios as bars from 1 on a logarithmic scale, with a line at each `must` and a dot at each `aim`."""
    from matplotlib.figure import Figure as Canvas

    canvas = Canvas(figsize=(9, 0.5 * len(figures) + 1.2), layout="constrained")
    axes = canvas.add_subplot()
    for row, figure in enumerate(reversed(figures)):
        ratio = median(figure.ratios)
        axes.barh(row, ratio - 1, left=1, color="tab:blue" if figure.met else "tab:orange", height=0.6)
        axes.hlines(row, min(figure.ratios), max(figure.ratios), color="black", linewidth=1)
        axes.vlines(figure.case.must, row - 0.4, row + 0.4, color="black", linewidth=2)
        axes.plot(figure.case.aim, row, "o", color="black", markersize=4)
        axes.text(ratio, row + 0.3, f" {ratio:.1f}", va="bottom", fontsize=8)
    axes.set_xscale("log")
    axes.set_yticks(range(len(figures)), [figure.name for figure in reversed(figures)], fontsize=8)
    axes.set_xlabel("ratio of CPU time: bar = median, thin line = all rounds, bold = must, dot = aim")
    canvas.savefig(out, dpi=130)
