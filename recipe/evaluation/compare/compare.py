"""Ask a grader about the edits of all systems; write the tables and every single answer.

    iea compare ours=out/ours other=out/other --data rows.parquet --out compared \\
        --url http://127.0.0.1:8000/v1 --model MODEL

OUT gets `comparison.md`, `comparison.json`, `grades.csv` and `verdicts.csv`. The answers are kept in OUT.cache: the same
command resumes, and pays no answer twice.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any, Literal, TypeAlias

import pandas as pd

from iea.data_prep.annotate.online import UnfinishedError
from iea.data_prep.annotate.online_config import VisionConfig
from iea.data_prep.files import write_json, write_text
from iea.data_prep.lock import locked
from iea.editor.errors import NamedError
from iea.recipe.evaluation.compare.grader import Grader, Outcome, Question, ask_all, unanswered
from iea.recipe.evaluation.compare.grades import grade, grade_questions
from iea.recipe.evaluation.compare.items import ORIGINAL, REFERENCE, Edits
from iea.recipe.evaluation.compare.tables import comparison_tables, records
from iea.recipe.evaluation.compare.verdicts import pair_questions, verdict
from iea.recipe.evaluation.tables.table import print_frames
from iea.reward_fns.chat import Usage

Part: TypeAlias = Literal["both", "grades", "verdicts"]
"""The part of a comparison that is asked for."""
READ: Mapping[str, Callable[..., Mapping[str, object]]] = {"grades": grade, "verdicts": verdict}
"""Table -> the function that reads the outcomes of a line."""


@dataclass(frozen=True)
class Line:
    """A line of a table before it is asked for: its facts, and the questions whose outcomes it needs."""

    table: str
    facts: Mapping[str, object]
    questions: tuple[Question, ...]


def compare(
    edits: Edits,
    out: Path,
    config: VisionConfig,
    *,
    part: Part = "both",
    cache: Path | None = None,
    quiet: bool = False,
) -> str:
    """Compare systems, write all files to `out` and return the tables.

    Parameters
    ----------
    cache : folder of completions, None = `out` with .cache appended

    Raises
    ------
    LockedError : another run writes to `out`
    UnfinishedError : questions are unanswered; the files are written without them
    OSError : a file or the cache cannot be read or written
    """
    with locked(out):
        lines = [line for line in _lines(edits) if part in ("both", line.table)]
        outcomes, usage = asyncio.run(_ask(lines, config, cache or out.with_name(f"{out.name}.cache"), quiet))
        read = _read(lines, outcomes)
        tables = comparison_tables(edits, read["grades"], read["verdicts"], _counts(lines, outcomes))
        text = print_frames(tables.values())
        for name, frame in read.items():
            write_text(out / f"{name}.csv", frame.to_csv(index=False))
        found = {name: records(frame) for name, (_, frame) in tables.items()}
        about = {"grader": config.described(), "systems": edits.systems, "items": len(edits.items)}
        write_json(out / "comparison.json", about | {"tables": found, "this_run": usage.as_dict()})
        write_text(out / "comparison.md", text + "\n")
    _refuse_unanswered([outcome for outcome in outcomes if unanswered(outcome, usage)], len(outcomes), out)
    return text


def _lines(edits: Edits) -> Iterator[Line]:
    """Yield the lines of every item in turn, so that a run that ends early has whole items."""
    controls = (ORIGINAL, REFERENCE)[: 1 + edits.referenced]
    pairs = [(a, b, False) for a, b in combinations(edits.systems, 2)]
    if edits.referenced and not {ORIGINAL, REFERENCE} <= set(edits.systems):
        pairs.append((ORIGINAL, REFERENCE, True))
    pairs.append((edits.systems[0], edits.systems[0], True))
    for item in edits.items:
        about = {"name": item.name, "photo": item.photo}
        for system in dict.fromkeys((*edits.systems, *controls)):
            facts = about | {"system": system, "failed": edits.failed(system, item)}
            yield Line("grades", facts, grade_questions(edits, system, item))
        for a, b, control in pairs:
            yield Line("verdicts", about | {"a": a, "b": b, "control": control}, pair_questions(edits, a, b, item))


async def _ask(lines: Sequence[Line], config: VisionConfig, cache: Path, quiet: bool) -> tuple[list[Outcome], Usage]:
    grader = Grader(config, cache)
    questions = [question for line in lines for question in line.questions]
    return await ask_all(grader, questions, quiet=quiet), grader.usage


def _read(lines: Sequence[Line], outcomes: Sequence[Outcome]) -> dict[str, pd.DataFrame]:
    """Return the tables of lines, with the reasons of answers that cannot be used."""
    rows: dict[str, list[dict[str, Any]]] = {table: [] for table in READ}
    following = iter(outcomes)
    for line in lines:
        own = [next(following) for _ in line.questions]
        unusable = "; ".join(one.reason for one in own if isinstance(one, NamedError))
        rows[line.table].append({**line.facts, **READ[line.table](*own), "unusable": unusable})
    return {table: pd.DataFrame(found) for table, found in rows.items()}


def _counts(lines: Sequence[Line], outcomes: Sequence[Outcome]) -> Counter[tuple[str, str]]:
    """Count the outcomes by prompt and reason, "" = answered."""
    prompts = (question.prompt.name for line in lines for question in line.questions)
    reasons = (one.reason if isinstance(one, NamedError) else "" for one in outcomes)
    return Counter(zip(prompts, reasons, strict=True))


def _refuse_unanswered(missing: Sequence[Outcome], asked: int, out: Path) -> None:
    if missing:
        causes = "; ".join(sorted({str(one) for one in missing})[:3])
        raise UnfinishedError(
            f"{len(missing)} of {asked} questions are unanswered ({causes}); {out} has the tables without them; start again "
            "to continue"
        )
