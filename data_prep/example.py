"""One row of EXAMPLES as an object, and what makes such a row unusable.

Of a conversation that is only served, `task`, `text`, `first_text` and the pictures are known: the rest has defaults.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias, get_args

from iea.data_prep.runner.shard import RejectedError
from iea.editor import Program, ProgramError

Task: TypeAlias = Literal["edit", "summary", "refine"]
TASKS: tuple[Task, ...] = get_args(Task)

PICTURES: Mapping[str, tuple[str, ...]] = {
    "edit": ("original",),
    "summary": ("original", "reference"),
    "refine": ("original", "previous"),
}
"""Columns of the pictures that the model is shown, in the order of their placeholders."""

RESERVED = re.compile(r"<(image|video|audio)>|<\|[^<>]*\|>|</?(think|answer)>", re.IGNORECASE)
"""What trainers, chat templates and the answer's form give a meaning of its own: never part of anybody's words."""

_WORDS = ("text", "first_text", "reasoning", "summary")
_WITHOUT_REQUEST = ("vague", "none")  # personas that say nothing of what to change


@dataclass(frozen=True)
class Example:
    """A row of EXAMPLES; the fields are its columns, see iea.data_prep.schema.

    Raises
    ------
    ValueError : an unknown task, or words that mean something to trainers and chat templates
    """

    task: Task
    origin: str = ""
    name: str = ""
    photo: str = ""
    group: str = ""
    split: str = ""
    persona: str = ""
    original: str = ""
    reference: str = ""
    previous: str = ""
    first_text: str = ""
    text: str = ""
    previous_program: str = ""
    program: str = ""
    reasoning: str = ""
    summary: str = ""
    d_before: float = 0.0
    oracle_r_like: float = 1.0

    def __post_init__(self) -> None:
        if self.task not in TASKS:
            raise ValueError(f"task must be one of {', '.join(TASKS)}, got {self.task!r}")
        for name in _WORDS:
            if found := reserved(getattr(self, name)):
                raise ValueError(f"{name} must be plain words, got {found!r} among them; take it out")

    @property
    def kind(self) -> str:
        """The task, or "auto": an edit that is not told what to change."""
        without = not self.text or self.persona in _WITHOUT_REQUEST
        return "auto" if self.task == "edit" and without else self.task

    @property
    def pictures(self) -> tuple[str, ...]:
        """Paths of the pictures that the model is shown, in order."""
        return tuple(getattr(self, column) for column in PICTURES[self.task])

    @property
    def solution(self) -> str:
        """The right answer, bare: a sentence or a program's JSON."""
        return self.summary if self.task == "summary" else self.program


def reserved(text: str) -> str:
    """The first reserved word in `text`, or ""."""
    found = RESERVED.search(text)
    return found.group() if found else ""


def checked_example(row: Mapping[str, Any]) -> Example:
    """The example in a row of EXAMPLES.

    Raises
    ------
    RejectedError : missing_value, unknown_task, reserved_words, empty_answer, empty_request, no_edit, missing_picture, or
        program_ and the editor's reason
    """
    name = row.get("name")
    empty = [column for column, value in row.items() if value is None]
    if empty:
        raise RejectedError("missing_value", f"{name}: {empty[0]} must not be null")
    if row["task"] not in TASKS:
        raise RejectedError(
            "unknown_task", f"{name}: task must be one of {', '.join(TASKS)}, got {row['task']!r}"
        )
    for column in _WORDS:
        if found := reserved(row[column]):
            raise RejectedError("reserved_words", f"{name}: {column} holds {found!r}")
    example = Example(**row)
    _check_words(example)
    _check_pictures(example)
    return example


def _check_words(example: Example) -> None:
    if not example.solution.strip():
        raise RejectedError("empty_answer", f"{example.name}: there is no answer to learn")
    if example.task == "summary":
        return
    if example.task == "refine" and not example.text.strip():
        raise RejectedError("empty_request", f"{example.name}: a refinement must be asked for")
    try:
        program = Program.from_json(example.program)
    except ProgramError as error:
        raise RejectedError(f"program_{error.reason}", f"{example.name}: {error}") from None
    if not any(program.values()):
        raise RejectedError("no_edit", f"{example.name}: the program {example.program} changes nothing")


def _check_pictures(example: Example) -> None:
    """Both the pictures that are shown and the one that answers are compared with."""
    for path in dict.fromkeys((*example.pictures, example.reference)):
        if not path or not Path(path).is_file():
            raise RejectedError("missing_picture", f"{example.name}: there is no file {path!r}")
