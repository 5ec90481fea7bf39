"""One example of a task: the images, the words and the right answer."""

import re
from dataclasses import dataclass

from iea.editor.errors import NamedError

RESERVED = re.compile(r"<(image|video|audio)>|<\|[^<>]*\|>|</?(think|answer)>", re.IGNORECASE)
"""Strings with a meaning for trainers, chat templates and the form of the answer: a text of an example must not hold them."""

WORDS = ("text", "first_text", "reasoning", "summary")
"""Columns that hold words."""


class ExampleError(NamedError, ValueError):
    """An example cannot be used."""


@dataclass(frozen=True)
class Example:
    """An example; the fields are the columns of the table EXAMPLES of data preparation, "" where one does not apply.

    In evaluation and serving, only `task`, `text`, `first_text` and the images are set.

    task : name of the task, see `iea.reward_fns.tasks`
    origin : name of the source, or "synthetic"
    name : unique within the table
    photo : the photograph; its rows share a split
    group : shared by near-duplicate photographs
    split : train, val or test
    persona : expert, amateur, template, vague or none: the speaker of `text` (or of `summary`)
    original, reference : paths of the image to edit and of the image that it should become
    previous : refine, look: path of the image after `previous_program`
    first_text : refine: the previous request
    text : edit, refine, look: the request; "" = make it better
    previous_program : refine, look: JSON
    program : edit, refine, look: the answer, JSON
    reasoning : edit, refine: the rationale before it, where a teacher gave one
    summary : summary: the answer
    d_before : D(original, reference); refine: D(previous, reference)
    oracle_r_like : upper bound of R_like; 1 where the pair was rendered by the program

    Raises
    ------
    ExampleError : reserved_words
    """

    task: str
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
        for column in WORDS:
            if found := reserved(getattr(self, column)):
                text = f"{self.name}: {column} must be plain words, got {found!r} among them"
                raise ExampleError("reserved_words", text)


def reserved(text: str) -> str:
    """Return the first reserved word in `text`, or ""."""
    found = RESERVED.search(text)
    return found.group() if found else ""
