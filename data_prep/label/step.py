"""Turn explained pairs into labels: from ANNOTATED to LABELED.

    iea data label --annotated OUT/annotated --out OUT/labeled

Searches from the teacher's program for the one that comes closest to the reference, and stores beside it the closest
that the tools allow at all: the ceiling by which a policy is judged. A finished folder is used as it is, an unfinished
one is gone on with.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from iea.data_prep import runner
from iea.data_prep.annotate.offline import Offline
from iea.data_prep.annotate.rationale import reasoning
from iea.data_prep.files import write_json
from iea.data_prep.ingest.decode import read_photograph
from iea.data_prep.label.match import SIDE, ceiling, match, reduced
from iea.data_prep.label.methods import METHODS
from iea.data_prep.runner import Item, RejectedError, Row, Step
from iea.data_prep.schema import LABELED
from iea.editor import Image, Program, ProgramError

SHARD_PAIRS = 8  # a pair takes a second or two with the oracle: a kill loses some ten seconds
LABELS = "labels.json"  # how good they are, beside the report


@dataclass(frozen=True)
class Labeler:
    """The step's work: a row of ANNOTATED to one of LABELED.

    method : key of METHODS
    oracle : also search for the best program that the tools allow; without, its R_like is taken for 1, its program for ""
    side : longer side that larger images are reduced to for the search, px
    """

    method: str = "Stepwise"
    oracle: bool = True
    side: int = SIDE

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            raise ValueError(f"method must be one of {', '.join(METHODS)}, got {self.method!r}")
        if self.side < 32:
            raise ValueError(f"side must be at least 32, got {self.side}")

    def __call__(self, item: Item) -> list[Row]:
        """
        Raises
        ------
        RejectedError : no_reference, equal_pictures, different_shapes, no_gain, start_ and the editor's reason, or what
            read_photograph names
        """
        original, reference = _pictures(item)
        start = _start(item)
        found = match(original, reference, start, METHODS[self.method], self.side)
        if found.rating["r_like"] <= 0:
            raise RejectedError("no_gain", f"{item['name']}: no program brings it closer to its reference")
        best = ceiling(original, reference, found.program, self.side) if self.oracle else None
        row = {
            "reasoning": _thought(item, original, reference, found.program),
            "label": found.program.to_json(),
            "r_like": found.rating["r_like"],
            "r_use": found.rating["r_use"],
            "evaluations": found.evaluations,
            "oracle": best.program.to_json() if best else "",
            "oracle_r_like": best.rating["r_like"] if best else 1.0,
        }
        return [item | row]


def label(
    taught: Sequence[Item],
    out: Path,
    work: Labeler,
    *,
    workers: int = 0,
    address: str | None = None,
    quiet: bool = False,
) -> runner.Report:
    """Label rows of ANNOTATED into `out` and write the quality of the labels; see runner.run for the rest."""
    settings = {"method": work.method, "oracle": work.oracle, "side": work.side}
    step = Step("label", LABELED, work, settings)
    report = runner.run(step, taught, out, workers=workers, address=address, shard_items=SHARD_PAIRS, quiet=quiet)
    write_json(out / LABELS, quality(runner.read_rows(out)))
    return report


def quality(rows: Sequence[Row]) -> dict[str, dict[str, Any]]:
    """How good the labels are, of all rows and of every source: see `_quality`."""
    sources = sorted({row["source"] for row in rows})
    groups = {source: [row for row in rows if row["source"] == source] for source in sources}
    return {name: _quality(group) for name, group in ({"all": list(rows)} | groups).items() if group}


def table(labels: dict[str, dict[str, Any]]) -> str:
    """Markdown of what `quality` gives."""
    columns = list(labels["all"]) if labels else []
    lines = [f"| source | {' | '.join(columns)} |", "|---" * (1 + len(columns)) + "|"]
    for name, group in labels.items():
        lines.append(f"| {name} | {' | '.join(f'{value:g}' for value in group.values())} |")
    return "\n".join(lines)


def _quality(rows: Sequence[Row]) -> dict[str, Any]:
    """Means (and medians) over pairs; "of ceiling" = mean R_like over mean R_like of the oracle."""
    like, most = (np.array([row[column] for row in rows]) for column in ("r_like", "oracle_r_like"))
    tools = [len(Program.from_json(row["label"])) for row in rows]
    means = {
        "R_like": like.mean(),
        "median R_like": np.median(like),
        "R_use": np.mean([row["r_use"] for row in rows]),
        "tools": np.mean(tools),
        "evaluations": np.mean([row["evaluations"] for row in rows]),
        "oracle R_like": most.mean(),
        "median oracle R_like": np.median(most),
        "of ceiling": like.mean() / most.mean(),
    }
    return {"pairs": len(rows)} | {name: round(float(value), 4) for name, value in means.items()}


def _pictures(item: Item) -> tuple[Image, Image]:
    """The pair's pictures, fit to be compared."""
    name = item["name"]
    if not item["reference"]:
        raise RejectedError("no_reference", f"{name} is a single photograph")
    original, reference = (read_photograph(Path(item[key])) for key in ("original", "reference"))
    if (original.shape, original.dtype) != (reference.shape, reference.dtype):
        raise RejectedError(
            "different_shapes",
            f"{name}: {original.shape} {original.dtype} and {reference.shape} {reference.dtype}; ingest the pair again",
        )
    if np.array_equal(original, reference):
        raise RejectedError("equal_pictures", f"{name}: there is nothing to find")
    return original, reference


def _thought(item: Item, original: Image, reference: Image, program: Program) -> str:
    """The words before the answer. Our own teacher's are said anew, for they named the values that the search has changed
    since; a model's stay its own."""
    teacher = Offline()
    if item["teacher"] != teacher.name:
        return str(item["reasoning"])
    used = Program({tool: value for tool, value in program.items() if value})
    before, after = (reduced(image, teacher.side) for image in (original, reference))
    return reasoning(before, after, [tool for tool in item["operators"] if tool in used], used)


def _start(item: Item) -> Program:
    """The teacher's program; empty where it gave none."""
    try:
        return Program.from_json(item["start"]) if item["start"] else Program()
    except ProgramError as error:
        raise RejectedError(f"start_{error.reason}", f"{item['name']}: {error}") from None


def summary(report: runner.Report, out: Path) -> str:
    """Describe a run and the quality of the labels in a few lines."""
    lines = [f"{report.rows} of {report.items} pairs in {out}, {report.reused_shards} shards found made"]
    lines += [f"  rejected: {count} {reason}" for reason, count in report.rejected.items()]
    return "\n".join([*lines, table(quality(runner.read_rows(out)))])
