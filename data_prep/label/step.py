"""Label annotated pairs with programs: from ANNOTATED to LABELED.

    iea data label --annotated OUT/annotated --out OUT/labeled

Searches from the teacher's program for the one whose result comes closest to the reference, and stores beside it the
oracle, the upper bound for a policy. Safe to interrupt: rerun the same command to resume.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from iea.data_prep import runner
from iea.data_prep.annotate.offline import Offline
from iea.data_prep.annotate.rationale import reasoning
from iea.data_prep.check import check_row
from iea.data_prep.files import write_json
from iea.data_prep.ingest.decode import read_photograph
from iea.data_prep.label.match import DEFAULT, SIDE, match, reduced, upper_bound
from iea.data_prep.label.methods import METHODS
from iea.data_prep.label.objective import without_zeros
from iea.data_prep.lock import locked
from iea.data_prep.runner import Item, RejectedError, Row, Step
from iea.data_prep.schema import LABELED
from iea.editor import Image, Program, ProgramError
from iea.editor.markdown import markdown_table

SHARD_PAIRS = 8  # a pair takes a second or two with the oracle: a kill loses some ten seconds
LABELS = "labels.json"  # the quality of the labels, beside the report


@dataclass(frozen=True)
class Labeler:
    """The work of the step: a row of ANNOTATED to one of LABELED.

    method : key of METHODS
    oracle : also search for the best program that the tools allow; without, its R_like is taken for 1, its program for ""
    side : longer side that larger images are reduced to for the search, px
    """

    method: str = DEFAULT
    oracle: bool = True
    side: int = SIDE

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            raise ValueError(f"method must be one of {', '.join(METHODS)}, got {self.method!r}")
        if self.side < 32:
            raise ValueError(f"side must be at least 32, got {self.side}")

    def __call__(self, item: Item) -> list[Row]:
        """Label one pair.

        Raises
        ------
        RejectedError : no_reference, equal_images, different_shapes, no_gain, start_ and a reason of ProgramError, or a
            reason of check_row or read_photograph
        """
        check_row(item, "ANNOTATED")
        original, reference = _images(item)
        found = match(original, reference, _start(item), METHODS[self.method], self.side)
        if found.rating["r_like"] <= 0:
            raise RejectedError("no_gain", f"{item['name']}: no program brings it closer to its reference")
        best = upper_bound(original, reference, found.program, self.side) if self.oracle else None
        row = {
            "reasoning": _rationale(item, original, reference, found.program),
            "label": found.program.to_json(),
            "r_like": found.rating["r_like"],
            "r_use": found.rating["r_use"],
            "evaluations": found.evaluations,
            "oracle": best.program.to_json() if best else "",
            "oracle_r_like": best.rating["r_like"] if best else 1.0,
        }
        return [item | row]


def label(
    annotated: Sequence[Item],
    out: Path,
    work: Labeler,
    *,
    workers: int = 0,
    address: str | None = None,
    quiet: bool = False,
) -> runner.Report:
    """Label rows of ANNOTATED in `out` and write the quality of the labels; see runner.run for the rest."""
    step = Step("label", LABELED, work, asdict(work), reads=("original", "reference"))
    with locked(out):
        report = runner.run(
            step, annotated, out, workers=workers, address=address, shard_items=SHARD_PAIRS, quiet=quiet
        )
        write_json(out / LABELS, quality(runner.read_rows(out)))
    return report


def quality(rows: Sequence[Row]) -> dict[str, dict[str, Any]]:
    """Return means and medians over the pairs, "all" and by source; "of oracle" is a ratio of mean R_like."""
    sources = sorted({row["source"] for row in rows})
    groups = {"all": rows} | {source: [row for row in rows if row["source"] == source] for source in sources}
    return {name: _quality(group) for name, group in groups.items() if group}


def _quality(rows: Sequence[Row]) -> dict[str, Any]:
    like, oracle = (np.array([row[column] for row in rows]) for column in ("r_like", "oracle_r_like"))
    means = {
        "R_like": like.mean(),
        "median R_like": np.median(like),
        "R_use": np.mean([row["r_use"] for row in rows]),
        "tools": np.mean([len(Program.from_json(row["label"])) for row in rows]),
        "evaluations": np.mean([row["evaluations"] for row in rows]),
        "oracle R_like": oracle.mean(),
        "median oracle R_like": np.median(oracle),
        "of oracle": like.mean() / oracle.mean(),
    }
    return {"pairs": len(rows)} | {name: round(float(value), 4) for name, value in means.items()}


def table(labels: dict[str, dict[str, Any]]) -> str:
    """Return the result of `quality` as a Markdown table."""
    rows = [[name, *(f"{value:g}" for value in group.values())] for name, group in labels.items()]
    return markdown_table(["source", *labels.get("all", {})], rows)


def _images(item: Item) -> tuple[Image, Image]:
    """Return the images of the pair, of one shape and dtype and not equal."""
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
        raise RejectedError("equal_images", f"{name}: original and reference must differ, got equal images")
    return original, reference


def _start(item: Item) -> Program:
    """Return the teacher's program; empty where it gave none."""
    try:
        return Program.from_json(item["start"]) if item["start"] else Program()
    except ProgramError as error:
        raise RejectedError(f"start_{error.reason}", f"{item['name']}: {error}") from None


def _rationale(item: Item, original: Image, reference: Image, program: Program) -> str:
    """Return the reasoning before the program. The offline teacher's names values that the search has changed, so it is
    written again for the label; a model's is kept."""
    teacher = Offline()
    if item["teacher"] != teacher.name:
        return str(item["reasoning"])
    used = without_zeros(program)
    operators = [tool for tool in item["operators"] if tool in used]
    return reasoning(reduced(original, teacher.side), reduced(reference, teacher.side), operators, used)


def summary(report: runner.Report, out: Path) -> str:
    """Describe a run and the quality of the labels in a few lines."""
    lines = [f"{report.rows} of {report.items} pairs in {out}, {report.reused_shards} shards found made"]
    lines += [f"  rejected: {count} {reason}" for reason, count in report.rejected.items()]
    return "\n".join([*lines, table(quality(runner.read_rows(out)))])
