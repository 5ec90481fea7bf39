"""Write the page of cases: one HTML file with all images and numbers, which opens offline on a computer or a phone.

    iea report --results work/compared --out work/report

The file is written case by case: neither the images nor the page are in memory as a whole.
"""

import base64
import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isnan
from pathlib import Path
from typing import Any

import pandas as pd
from tqdm import tqdm

from iea.editor.io import replacing
from iea.recipe.evaluation.metrics import METRICS
from iea.recipe.evaluation.page.cases import cases
from iea.recipe.evaluation.page.choose import REASONS, RULE, choose
from iea.recipe.evaluation.results import class_title, photo_name
from iea.recipe.evaluation.system_results import Evaluated

HERE = Path(__file__).parent
SMALLEST_SIDE = 64


@dataclass(frozen=True)
class PageSettings:
    """Settings of a page.

    title : heading
    count : cases of each reason, system and class of rows, see `iea.recipe.evaluation.page.choose`
    side : longest side of an image, pixels
    workers : processes that render; 0 = one per CPU

    Raises
    ------
    ValueError : a number is too small
    """

    title: str = "Edits of all systems"
    count: int = 4
    side: int = 640
    workers: int = 0

    def __post_init__(self) -> None:
        """Check the numbers."""
        for name, low in (("count", 1), ("side", SMALLEST_SIDE), ("workers", 0)):
            if getattr(self, name) < low:
                raise ValueError(f"{name} must be at least {low}, got {getattr(self, name)}")


class FirstUses:
    """The keys of the images on a page, by digest: an image that several cases show is written once."""

    def __init__(self) -> None:
        self._keys: dict[bytes, str] = {}

    def __call__(self, url: str, key: str) -> str:
        """Return the key under which an image was first given; `key` if it is new."""
        return self._keys.setdefault(hashlib.sha256(url.encode()).digest(), key)


def write_page(systems: Sequence[Evaluated], out: Path, settings: PageSettings, *, quiet: bool = False) -> int:
    """Write the page and return the number of its cases.

    Parameters
    ----------
    systems : results on the same rows
    out : HTML file

    Raises
    ------
    RuntimeError : Jinja2 is not installed
    OSError : `out` cannot be written
    """
    try:
        from jinja2 import Environment, FileSystemLoader
    except ImportError:
        raise RuntimeError(
            "the page needs Jinja2, which is not installed; run: pip install 'verl-iea[report]'"
        ) from None
    chosen = choose(systems, settings.count)
    workers = min(settings.workers or os.cpu_count() or 1, len(chosen))
    made = cases(systems, chosen, side=settings.side, workers=workers)
    script = (HERE / "static/page.js").read_text(encoding="utf-8")
    environment = Environment(
        loader=FileSystemLoader(HERE / "pages"), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    parts = environment.get_template("page.html").generate(
        title=settings.title,
        systems=systems,
        sizes={one.label: len(one.results) for one in systems},
        tables=means(systems),
        kinds={name: class_title(name) for name in _classes(systems)},
        photos=sorted({photo_name(photo) for one in systems for photo in one.results.photo.unique()}),
        reasons=REASONS,
        rule=RULE.format(count=settings.count),
        count=len(chosen),
        cases=tqdm(made, total=len(chosen), desc="cases", unit="case", disable=quiet or None),
        first_use=FirstUses(),
        rows=all_rows(systems),
        style=(HERE / "static/page.css").read_text(encoding="utf-8"),
        script=script,
        script_sha256=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
    )
    with replacing(out) as partial, partial.open("w", encoding="utf-8", newline="\n") as stream:
        stream.writelines(parts)
    return len(chosen)


def _classes(systems: Sequence[Evaluated]) -> list[str]:
    return list(dict.fromkeys(name for one in systems for name in one.means))


def means(systems: Sequence[Evaluated]) -> dict[str, tuple[list[str], list[tuple[str, list[str]]]]]:
    """Return title of a class of rows -> headings, and the cells of every system that has such rows."""
    tables = {}
    for name in _classes(systems):
        found = [one for one in systems if name in one.means]
        shown = [metric for key, metric in METRICS.items() if any(key in one.means[name] for one in found)]
        lines = [
            (one.label, _counts(one, name) + [_cell(one.means[name], metric) for metric in shown]) for one in found
        ]
        tables[class_title(name)] = (["rows", "failed", *(metric.heading for metric in shown)], lines)
    return tables


def _counts(system: Evaluated, name: str) -> list[str]:
    rows = system.results[system.results["class"] == name]
    return [str(len(rows)), str(int((rows.failure != "").sum()))]


def _cell(values: Mapping[str, float], metric: Any) -> str:
    return format(values[metric.name], metric.format) if metric.name in values else "–"


def all_rows(systems: Sequence[Evaluated]) -> Iterator[list[Any]]:
    """Yield index, photograph, class, request and, for every system, value or fault of every row; None = not answered."""
    facts = pd.concat([one.results[["photo", "class", "instruction"]] for one in systems])
    facts = facts[~facts.index.duplicated()].sort_index()
    columns = [one.results[["value", "failure"]].reindex(facts.index) for one in systems]
    table = zip(
        facts.index,
        facts.itertuples(index=False, name=None),
        *(one.itertuples(index=False, name=None) for one in columns),
        strict=True,
    )
    for index, (photo, kind, request), *found in table:
        yield [int(index), photo_name(photo), kind, request, [_seen(*one) for one in found]]


def _seen(value: float, failure: Any) -> float | str | None:
    if isinstance(failure, str) and failure:
        return failure
    return None if isnan(value) else round(value, 4)
