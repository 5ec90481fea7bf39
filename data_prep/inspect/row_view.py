"""Read any parquet file of data preparation, row by row, for display.

The columns identify the table: the rows of a mix (RL, SFT, JUDGE), EXAMPLES, JUDGED, or PAIRS and the tables made of them
(ANNOTATED, LABELED). Files of other versions or other projects are shown as far as possible: a column that is missing, null or of
another type has an empty place. A file without any known column, but with a conversation or images, is a table OTHER.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias

from iea.data_prep.inspect.conversation import images_of, mapping_of, messages_of, shown_in, split_answer, text_of
from iea.data_prep.runner.tables import read_batches, read_schema, table_files
from iea.data_prep.schema import table_name
from iea.editor import Program, ProgramError
from iea.reward_fns.example import Example
from iea.reward_fns.prompts import IMAGE
from iea.reward_fns.tasks import TASKS

Row: TypeAlias = Mapping[str, Any]

OTHER = "OTHER"
CONVERSATIONS = ("prompt", "messages", "conversations", "conversation", "instruction", "question", "problem", "query")
ANSWERS = ("answer", "response", "output", "solution", "completion", "chosen")
IMAGES = ("images", "image")
"""Columns of other projects, the first that is set."""


@dataclass(frozen=True)
class RowView:
    """The displayed parts of a row; "" for a missing one.

    `kind` is that of the task, "pair" for a row of PAIRS, the rubric's line for judged sentences. `request` has the short
    style; `answer` is one other than a program; `prompt_chars` and `answer_chars` count the characters that a model reads
    and writes. `original` may be the bytes of an image file.
    """

    kind: str
    origin: str = ""
    persona: str = ""
    split: str = ""
    name: str = ""
    photo: str = ""
    original: str | bytes = ""
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
    ValueError : `path` is neither, is damaged, or holds neither a table of data preparation nor a conversation or images
    """
    files = table_files(path)
    columns = read_schema(files[0])
    try:
        name = table_name(columns)
    except ValueError as error:
        if not {*CONVERSATIONS, *IMAGES} & set(columns.names):
            raise ValueError(f"{str(path)!r}: {error}") from None
        name = OTHER
    rows = (row for file in files for batch in read_batches(file) for row in batch)
    return name, (_placed(_READERS[name](row), path.parent) for row in rows)


def _placed(row: RowView, folder: Path) -> RowView:
    """Return the row with an image that lies beside its file, as other projects name it, at its place."""
    path = row.original
    if isinstance(path, str) and path and os.path.isfile(beside := os.path.join(folder, path)):
        return replace(row, original=beside)
    return row


def _texts(row: Row, *columns: str) -> dict[str, Any]:
    """Return some columns of a row as texts."""
    return {column: text_of(row.get(column)) for column in columns}


def _first(row: Row, columns: tuple[str, ...]) -> Any:
    """Return the value of the first of some columns that is set."""
    return next((value for column in columns if (value := row.get(column))), None)


def _of_conversation(row: Row) -> RowView:
    """View a row of RL or SFT, or of another project; without `extra_info`, from its texts and images."""
    info = mapping_of(row.get("extra_info"))
    turns = _first(row, CONVERSATIONS)
    prompt, answer = split_answer(messages_of(turns))
    answer = answer or text_of(mapping_of(row.get("reward_model")).get("ground_truth")) or text_of(_first(row, ANSWERS))
    words = prompt[-1].text.replace(IMAGE, "").strip() if prompt else ""
    images = [*images_of(_first(row, IMAGES)), *shown_in(turns)]
    program = _program(text_of(info.get("program")) or answer)
    task = text_of(info.get("task"))
    return RowView(
        kind=(text_of(info.get("kind")) or text_of(row.get("data_source")) or "edit").removeprefix("iea/"),
        **_texts(info, "origin", "persona", "split", "name", "photo", "previous", "reference"),
        original=text_of(info.get("original")) or (images[0] if images else ""),
        request=_kind_and_request(info)[1] if task in TASKS else words,
        rationale=answer.partition("<think>")[2].partition("</think>")[0].strip(),
        answer="" if program is not None else answer,
        program=program,
        prompt_chars=sum(len(message.text) for message in prompt),
        answer_chars=len(answer),
    )


def _of_judge(row: Row) -> RowView:
    info = mapping_of(row.get("extra_info"))
    if not {"reference", "prediction"} <= set(info):  # text rows of another project
        return _of_conversation(row)
    prompt, answer = split_answer(messages_of(row.get("messages")))
    return _of_judged(info, sum(len(message.text) for message in prompt), len(answer))


def _of_judged(row: Row, prompt_chars: int = 0, answer_chars: int = 0) -> RowView:
    score, texts = row.get("score"), _texts(row, "reference", "prediction")
    return RowView(
        **_texts(row, "kind", "persona", "split", "name"),
        score=score if isinstance(score, int) else None,
        request=texts["reference"],
        answer=texts["prediction"],
        prompt_chars=prompt_chars or sum(map(len, texts.values())),
        answer_chars=answer_chars or len(text_of(score)),
    )


def _of_example(row: Row) -> RowView:
    kind, request = _kind_and_request(row)
    text = _texts(row, "first_text", "text", "reasoning", "program", "summary")
    return RowView(
        kind=kind,
        **_texts(row, "origin", "persona", "split", "name", "photo", "original", "previous", "reference"),
        request=request,
        rationale=text["reasoning"],
        answer=text["summary"],
        program=_program(text["program"]),
        prompt_chars=len(text["first_text"]) + len(text["text"]),
        answer_chars=len(text["reasoning"]) + len(text["program"]) + len(text["summary"]),
    )


def _kind_and_request(row: Row) -> tuple[str, str]:
    """Return kind and request of a row with columns of EXAMPLES; name and text of a task that is not installed."""
    columns = _texts(row, *(name for name, field in Example.__dataclass_fields__.items() if field.type in (str, "str")))
    try:
        example, task = Example(**columns), TASKS[columns["task"]]
        return task.kind(example), task.request(example, "short")
    except (KeyError, ValueError):
        return columns["task"], columns["text"]


def _of_pair(row: Row) -> RowView:
    """View a row of PAIRS, ANNOTATED or LABELED, with its best program."""
    requests = {persona: [text_of(one) for one in _listed(row.get(persona))] for persona in ("expert", "amateur")}
    persona = next((persona for persona, texts in requests.items() if texts), "none")
    request = next(iter(requests.get(persona, [])), "")
    program = text_of(_first(row, ("label", "start", "program")))
    return RowView(
        kind="pair",
        origin=text_of(row.get("source")),
        persona=persona,
        **_texts(row, "split", "name", "photo", "original", "reference"),
        request=request,
        rationale=text_of(row.get("reasoning")),
        program=_program(program),
        prompt_chars=len(request),
        answer_chars=len(program),
    )


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else [value] if value else []


def _program(text: str) -> Program | None:
    """Return the program in bare JSON; None for any other text, which `stats` counts as a row without a program."""
    try:
        return Program.from_json(text)
    except ProgramError:
        return None


_READERS: dict[str, Callable[[Row], RowView]] = {
    "RL": _of_conversation,
    "SFT": _of_conversation,
    OTHER: _of_conversation,
    "JUDGE": _of_judge,
    "JUDGED": _of_judged,
    "EXAMPLES": _of_example,
    "LABELED": _of_pair,
    "ANNOTATED": _of_pair,
    "PAIRS": _of_pair,
}
