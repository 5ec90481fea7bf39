"""Any parquet file of data preparation, row by row, as what a person wants to see of it.

Which table a file is of is told by its columns: the rows of a mix (RL, SFT, JUDGE), EXAMPLES, JUDGED, or PAIRS
and what is made of them (ANNOTATED, LABELED). Files without the newer columns are read as far as they go.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from iea.data_prep.example import Example
from iea.data_prep.runner.tables import read_batches, read_columns, table_files
from iea.data_prep.schema import table_name
from iea.editor import Program, ProgramError

Row: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True)
class Glimpse:
    """What there is to see of a row; "" for what it does not have.

    `kind` as in `iea.data_prep.example`, "pair" for a row of PAIRS, the rubric's line for judged sentences. `asked` and
    `answered` are what a person would say; `prompt_chars` and `answer_chars` count what a model reads and writes.
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
    first: str = ""
    asked: str = ""
    thought: str = ""
    answered: str = ""
    program: Program | None = None
    score: int | None = None
    prompt_chars: int = 0
    answer_chars: int = 0


def glimpses(path: Path) -> tuple[str, Iterator[Glimpse]]:
    """The name of the table in a parquet file or a finished folder of shards, and its rows.

    Raises
    ------
    ValueError : neither, or no table of ours
    """
    files = table_files(path)
    name = table_name(read_columns(files[0]))
    return name, (_READERS[name](row) for file in files for batch in read_batches(file) for row in batch)


def _of_rl(row: Row) -> Glimpse:
    return _of_conversation(row, row["prompt"], row["reward_model"]["ground_truth"])


def _of_sft(row: Row) -> Glimpse:
    *prompt, last = row["messages"]
    return _of_conversation(row, prompt, last["content"])


def _of_conversation(row: Row, prompt: Sequence[Row], answer: str) -> Glimpse:
    """A row of RL or SFT; of files without `extra_info` the texts and pictures themselves are read."""
    info = row.get("extra_info") or {}
    pictures = [image["image"] for image in row.get("images") or []]
    thought = answer.partition("<think>")[2].partition("</think>")[0].strip()
    program = _program(info.get("program") or answer)
    return Glimpse(
        kind=str(info.get("kind") or row.get("data_source") or "edit").removeprefix("iea/"),
        origin=info.get("origin") or "",
        persona=info.get("persona") or "",
        split=info.get("split") or "",
        name=info.get("name") or "",
        photo=info.get("photo") or "",
        original=info.get("original") or (pictures[0] if pictures else ""),
        previous=info.get("previous") or "",
        reference=info.get("reference") or "",
        first=info.get("first_text") or "",
        asked=info["text"] if "text" in info else prompt[-1]["content"].replace("<image>", "").strip(),
        thought=thought,
        answered="" if program else answer,
        program=program,
        prompt_chars=sum(len(message["content"]) for message in prompt),
        answer_chars=len(answer),
    )


def _of_judge(row: Row) -> Glimpse:
    *prompt, last = row["messages"]
    chars = sum(len(message["content"]) for message in prompt), len(last["content"])
    return _of_judged(row["extra_info"], *chars)


def _of_judged(row: Row, prompt_chars: int = 0, answer_chars: int = 0) -> Glimpse:
    return Glimpse(
        kind=row["kind"],
        persona=row["persona"],
        split=row["split"],
        name=row["name"],
        asked=row["reference"],
        answered=row["prediction"],
        score=row["score"],
        prompt_chars=prompt_chars or len(row["reference"]) + len(row["prediction"]),
        answer_chars=answer_chars or len(str(row["score"])),
    )


def _of_example(row: Row) -> Glimpse:
    kind = Example(row["task"], text=row["text"], persona=row["persona"]).kind
    return Glimpse(
        kind=kind,
        **{key: row[key] for key in ("origin", "persona", "split", "name", "photo")},
        **{key: row[key] for key in ("original", "previous", "reference")},
        first=row["first_text"],
        asked=row["text"],
        thought=row["reasoning"],
        answered=row["summary"],
        program=_program(row["program"]),
        prompt_chars=len(row["first_text"]) + len(row["text"]),
        answer_chars=len(row["reasoning"]) + len(row["program"]) + len(row["summary"]),
    )


def _of_pair(row: Row) -> Glimpse:
    """A row of PAIRS, ANNOTATED or LABELED, by the best program there is of it."""
    said = [*row["expert"], *row["amateur"]]
    program = row.get("label") or row.get("start") or row["program"]
    return Glimpse(
        kind="pair",
        origin=row["source"],
        persona="expert" if row["expert"] else "amateur" if row["amateur"] else "none",
        **{key: row[key] for key in ("split", "name", "photo", "original", "reference")},
        asked=said[0] if said else "",
        thought=row.get("reasoning") or "",
        program=_program(program),
        prompt_chars=len(said[0]) if said else 0,
        answer_chars=len(program),
    )


def _program(text: str) -> Program | None:
    """The program in bare JSON; None for any other text, which `stats` counts as rows without one."""
    try:
        return Program.from_json(text)
    except (ProgramError, json.JSONDecodeError):
        return None


_READERS: dict[str, Callable[[Row], Glimpse]] = {
    "RL": _of_rl,
    "SFT": _of_sft,
    "JUDGE": _of_judge,
    "JUDGED": _of_judged,
    "EXAMPLES": _of_example,
    "LABELED": _of_pair,
    "ANNOTATED": _of_pair,
    "PAIRS": _of_pair,
}
