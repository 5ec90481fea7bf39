"""Read any parquet file of data preparation, row by row, for display.

The columns identify the table: the rows of a mix (RL, SFT, JUDGE), EXAMPLES, JUDGED, or PAIRS and the tables made of them
(ANNOTATED, LABELED). Files without the newer columns are read as far as possible.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from iea.data_prep.runner.tables import read_batches, read_columns, table_files
from iea.data_prep.schema import table_name
from iea.editor import Program, ProgramError
from iea.reward_fns.example import Example, ExampleError
from iea.reward_fns.prompts import IMAGE
from iea.reward_fns.tasks import TASKS

Row: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True)
class RowView:
    """The displayed parts of a row; "" for a missing one.

    `kind` is that of the task, "pair" for a row of PAIRS, the rubric's line for judged sentences. `request` has the short
    style; `answer` is one other than a program; `prompt_chars` and `answer_chars` count the characters that a model reads
    and writes.
    """

    kind: str
    origin: str = ""
    persona: str = ""
    split: str = ""
    name: str = ""
    photo: str = ""
    original: str = ""
    previous: str = ""
    reference: str = ""
    request: str = ""
    rationale: str = ""
    answer: str = ""
    program: Program | None = None
    score: int | None = None
    prompt_chars: int = 0
    answer_chars: int = 0


def row_views(path: Path) -> tuple[str, Iterator[RowView]]:
    """Return the name of the table in a parquet file or a finished folder of shards, and its rows.

    Raises
    ------
    ValueError : `path` is neither, or not a table of data preparation
    """
    files = table_files(path)
    name = table_name(read_columns(files[0]))
    return name, (_READERS[name](row) for file in files for batch in read_batches(file) for row in batch)


def _of_conversation(row: Row, prompt: Sequence[Row], answer: str) -> RowView:
    """View a row of RL or SFT; without `extra_info`, from its texts and images."""
    info = row.get("extra_info") or {}
    copied = ("origin", "persona", "split", "name", "photo", "previous", "reference")
    text: dict[str, Any] = {key: info.get(key) or "" for key in copied}
    words = prompt[-1]["content"].replace(IMAGE, "").strip()
    images = [image["image"] for image in row.get("images") or []]
    program = _program(info.get("program") or answer)
    return RowView(
        kind=str(info.get("kind") or row.get("data_source") or "edit").removeprefix("iea/"),
        **text,
        original=info.get("original") or (images[0] if images else ""),
        request=_kind_and_request(info)[1] if info.get("task") in TASKS else words,
        rationale=answer.partition("<think>")[2].partition("</think>")[0].strip(),
        answer="" if program else answer,
        program=program,
        prompt_chars=sum(len(message["content"]) for message in prompt),
        answer_chars=len(answer),
    )


def _of_judge(row: Row) -> RowView:
    *prompt, last = row["messages"]
    return _of_judged(row["extra_info"], sum(len(message["content"]) for message in prompt), len(last["content"]))


def _of_judged(row: Row, prompt_chars: int = 0, answer_chars: int = 0) -> RowView:
    return RowView(
        **{key: row[key] for key in ("kind", "persona", "split", "name", "score")},
        request=row["reference"],
        answer=row["prediction"],
        prompt_chars=prompt_chars or len(row["reference"]) + len(row["prediction"]),
        answer_chars=answer_chars or len(str(row["score"])),
    )


def _of_example(row: Row) -> RowView:
    kind, request = _kind_and_request(row)
    copied = ("origin", "persona", "split", "name", "photo", "original", "previous", "reference")
    return RowView(
        kind=kind,
        **{key: row[key] for key in copied},
        request=request,
        rationale=row["reasoning"],
        answer=row["summary"],
        program=_program(row["program"]),
        prompt_chars=len(row["first_text"]) + len(row["text"]),
        answer_chars=len(row["reasoning"]) + len(row["program"]) + len(row["summary"]),
    )


def _kind_and_request(row: Row) -> tuple[str, str]:
    """Return kind and request of a row with columns of EXAMPLES; name and text of a task that is not installed."""
    columns = {name: row[name] for name in Example.__dataclass_fields__ if row.get(name) is not None}
    try:
        example, task = Example(**columns), TASKS[row["task"]]
    except (ExampleError, KeyError):
        return row["task"], row["text"]
    return task.kind(example), task.request(example, "short")


def _of_pair(row: Row) -> RowView:
    """View a row of PAIRS, ANNOTATED or LABELED, with its best program."""
    request = next(iter([*row["expert"], *row["amateur"]]), "")
    program = row.get("label") or row.get("start") or row["program"]
    return RowView(
        kind="pair",
        origin=row["source"],
        persona="expert" if row["expert"] else "amateur" if row["amateur"] else "none",
        **{key: row[key] for key in ("split", "name", "photo", "original", "reference")},
        request=request,
        rationale=row.get("reasoning") or "",
        program=_program(program),
        prompt_chars=len(request),
        answer_chars=len(program),
    )


def _program(text: str) -> Program | None:
    """Return the program in bare JSON; None for any other text, which `stats` counts as a row without a program."""
    try:
        return Program.from_json(text)
    except (ProgramError, json.JSONDecodeError):
        return None


_READERS: dict[str, Callable[[Row], RowView]] = {
    "RL": lambda row: _of_conversation(row, row["prompt"], row["reward_model"]["ground_truth"]),
    "SFT": lambda row: _of_conversation(row, row["messages"][:-1], row["messages"][-1]["content"]),
    "JUDGE": _of_judge,
    "JUDGED": _of_judged,
    "EXAMPLES": _of_example,
    "LABELED": _of_pair,
    "ANNOTATED": _of_pair,
    "PAIRS": _of_pair,
}
