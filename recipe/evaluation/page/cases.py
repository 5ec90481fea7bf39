"""Make the cases of a page one after another: images, steps and scores of every system."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from math import isnan
from multiprocessing import get_context
from typing import Any, TypeAlias

import pandas as pd

from iea.editor import ProgramError
from iea.recipe.evaluation.editors import EDITORS
from iea.recipe.evaluation.metrics import METRICS, row_values
from iea.recipe.evaluation.page.choose import Why
from iea.recipe.evaluation.page.draw import Drawing, Drawn, Edit, Step, draw, steps
from iea.recipe.evaluation.results import class_title, photo_name
from iea.recipe.evaluation.system_results import Evaluated, read_rows

MAIN = ("r_like", "distance", "r_use", "reward", "r_align", "rouge_l")
"""Metrics that are shown at once; the others are folded away."""
Row: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True)
class Shown:
    """The answer of one system to a case.

    system : its number
    value : the number that cases are ordered by; None = none
    steps : of its program; () = it has none
    fault : reason and text of a failed row
    scores, others : heading -> number of MAIN metrics and of the others
    drawn : its image; None for a summary
    """

    system: int
    value: float | None
    answer: str
    steps: Sequence[Step]
    fault: str
    scores: Mapping[str, str]
    others: Mapping[str, str]
    drawn: Drawn | None = None


@dataclass(frozen=True)
class Case:
    """One row: its facts, the reasons why it was chosen, its images, the answers of the systems, and the value of every system."""

    index: int
    photo: str
    kind: str
    title: str
    request: str
    why: Sequence[Why]
    images: Mapping[str, Drawn]
    shown: Sequence[Shown]
    values: Sequence[float | None]


def cases(
    systems: Sequence[Evaluated], chosen: Mapping[int, Sequence[Why]], *, side: int, workers: int
) -> Iterator[Case]:
    """Yield the chosen cases in order; one case, and those that the workers are ahead, are in memory.

    Parameters
    ----------
    chosen : index of a row -> why it was chosen
    side : longest side of an image, px
    workers : processes; 1 = this one
    """
    tables = [read_rows(one.path, chosen) for one in systems]
    numbers = [
        pd.DataFrame({name: row_values(one, table) for name, one in METRICS.items()}).to_dict("index")
        for table in tables
    ]
    answered: list[dict[Any, Any]] = [table.to_dict("index") for table in tables]
    rows: dict[int, list[tuple[int, Row]]] = {
        index: [(number, lines[index]) for number, lines in enumerate(answered) if index in lines] for index in chosen
    }
    drawings = [_drawing([row for _, row in found], side) for found in rows.values()]
    with ExitStack() as stack:
        if workers == 1:
            drawn: Iterator[list[Drawn]] = map(draw, drawings)
        else:
            pool = stack.enter_context(ProcessPoolExecutor(workers, mp_context=get_context("spawn")))
            drawn = pool.map(draw, drawings)
        for (index, found), drawing, images in zip(rows.items(), drawings, drawn, strict=True):
            named, edited = images[: len(drawing.paths)], iter(images[len(drawing.paths) :])
            shown = []
            for number, row in found:
                cells = {str(key): value for key, value in numbers[number][index].items() if not isnan(value)}
                one = _shown(number, row, float(systems[number].results.value[index]), cells)
                shown.append(one if row["kind"] == "summary" else _with(one, next(edited)))
            seen = {one.system: one.value for one in shown}
            row, values = found[0][1], [seen.get(number) for number in range(len(systems))]
            yield Case(
                index=index,
                photo=photo_name(row["photo"]),
                kind=row["class"],
                title=class_title(row["class"]),
                request=row["instruction"],
                why=chosen[index],
                images=dict(zip(_names(row), named, strict=True)),
                shown=shown,
                values=values,
            )


def _names(row: Row) -> list[str]:
    return [name for name in ("original", "reference", "previous") if row[name]]


def _drawing(rows: Sequence[Row], side: int) -> Drawing:
    first = rows[0]
    edits = [Edit(row["answer"], row["edited"], row["editor"]) for row in rows if row["kind"] != "summary"]
    return Drawing([first[name] for name in _names(first)], edits, side)


def _shown(number: int, row: Row, value: float, cells: Mapping[str, float]) -> Shown:
    printed = {key: f"{METRICS[key].heading}\t{format(one, METRICS[key].format)}" for key, one in cells.items()}
    main, others = (
        dict(text.split("\t") for key, text in printed.items() if (key in MAIN) == wanted) for wanted in (True, False)
    )
    fault = ": ".join(text for text in (row["failure"], row["failure_text"]) if text)
    known = None if isnan(value) else value
    if row["kind"] == "summary" or row["edited"]:
        return Shown(number, known, row["answer"], (), fault, main, others)
    try:
        return Shown(
            number, known, row["answer"], steps(EDITORS[row["editor"]].read(row["answer"])), fault, main, others
        )
    except (ProgramError, KeyError) as error:
        return Shown(number, known, row["answer"], (), fault or f"no program: {error}", main, others)


def _with(shown: Shown, drawn: Drawn) -> Shown:
    return Shown(**{**vars(shown), "drawn": drawn})
