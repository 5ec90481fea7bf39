"""Compare the points of a sweep: their settings, and their results on the held-out rows.

Reads two files of every GRPO run's folder: `run.json` of the guard, and `metrics/` of verl's file logger.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from iea.data_prep.files import read_json
from iea.recipe.evaluation.logs import read_log

RUN, METRICS = "run.json", "metrics"
MEASURES = {"reward": "score", "R_like": "r_like", "R_use": "r_use", "tools": "n_tools"}
"""Heading -> component of the reward."""

_VALIDATED = r"val-(?:core|aux)/.+/\w+/mean@\d+"


@dataclass(frozen=True)
class Point:
    """One run of a sweep.

    folder : the run's folder
    settings : setting -> value, of all with an effect on the training
    step : the last step that was validated
    held_out : data source -> component -> mean over the held-out rows at this step
    """

    folder: Path
    settings: dict[str, Any]
    step: int
    held_out: dict[str, dict[str, float]]


def read_point(folder: Path) -> Point:
    """Read a run's folder.

    Raises
    ------
    ValueError : it has no settings, or no metrics of held-out rows
    """
    settings = (read_json(folder / RUN) or {}).get("settings")
    if not settings:
        raise ValueError(f"a point of a sweep must be the folder of a GRPO run with {RUN}, got {str(folder)!r}")
    log = read_log(folder / METRICS)
    validated = log.filter(regex=f"^{_VALIDATED}$").dropna(how="all")
    if validated.empty:
        raise ValueError(
            f"{str(folder)!r} must have metrics of held-out rows, got none; train with trainer.test_freq=N, and `file` in "
            "trainer.logger"
        )
    held_out: dict[str, dict[str, float]] = {}
    for name, value in validated.iloc[-1].dropna().items():
        _, *source, component, _ = str(name).split("/")
        held_out.setdefault("/".join(source), {})[component] = float(value)
    return Point(folder, settings, int(validated.index.max()), held_out)


def swept_settings(points: Sequence[Point]) -> list[str]:
    """Return the settings in which the points differ, without those that only follow from others of the same values.

    Raises
    ------
    ValueError : there is one point, or all have the same settings
    """
    names = sorted({name for point in points for name in point.settings}, key=lambda name: (name.count("."), name))
    values = {name: [str(point.settings.get(name)) for point in points] for name in names}
    distinct = {tuple(found): name for name, found in reversed(values.items()) if len(set(found)) > 1}
    if not distinct:
        raise ValueError(
            f"a sweep must have points that differ in a setting, got {[str(point.folder) for point in points]}"
        )
    return [name for name in names if name in distinct.values()]


def sweep_table(folders: Sequence[Path]) -> pd.DataFrame:
    """Make a table of the points of a sweep: a line of each data source and point, ordered by the swept values.

    Raises
    ------
    ValueError : a folder is not that of a validated GRPO run, or the points do not differ
    """
    points = [read_point(folder) for folder in folders]
    swept = swept_settings(points)
    lasts = [name.rpartition(".")[2] for name in swept]
    titles = [last if lasts.count(last) == 1 else name for name, last in zip(swept, lasts, strict=True)]
    lines: list[dict[str, Any]] = [
        {title: _shown(point.settings.get(name)) for title, name in zip(titles, swept, strict=True)}
        | {"rows": source.removeprefix("iea/"), "step": point.step}
        | {heading: measured.get(component, float("nan")) for heading, component in MEASURES.items()}
        for point in points
        for source, measured in point.held_out.items()
    ]
    lines.sort(key=lambda line: (line["rows"], *(_ordered(line[title]) for title in titles)))
    return pd.DataFrame(lines)


def _shown(value: Any) -> Any:
    return value if isinstance(value, int | float) else "null" if value is None else str(value)


def _ordered(value: Any) -> tuple[bool, float, str]:
    """Return a key that sorts numbers by value, before all else."""
    is_number = isinstance(value, int | float)
    return not is_number, float(value) if is_number else 0.0, str(value)


def plot_sweep(table: pd.DataFrame, out: Path) -> None:
    """Plot every measure against the first swept setting: a panel of each measure, a curve of each kind of rows."""
    from matplotlib.figure import Figure

    from iea.editor.io import replacing

    swept = str(table.columns[0])
    if not pd.api.types.is_numeric_dtype(table[swept]):
        table = table.assign(**{swept: table[swept].map(str)})
    figure = Figure(figsize=(3.2 * len(MEASURES), 3.2), layout="constrained")
    for axes, heading in zip(figure.subplots(1, len(MEASURES)), MEASURES, strict=True):
        for rows, curve in table.groupby("rows"):
            axes.plot(curve[swept], curve[heading], "o-", label=rows)
        axes.set(xlabel=swept, title=heading)
    axes.legend()
    figure.suptitle("Held-out rows at the last validated step")
    with replacing(out) as partial:
        figure.savefig(partial, dpi=130, format="png")
