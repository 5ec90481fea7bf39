"""Define a compared system: a source of answers, or of edited images, for held-out rows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

import pandas as pd

from iea.editor import Image
from iea.editor.io import read_image
from iea.recipe.evaluation.editors import EDITORS, OURS, editor_of
from iea.reward_fns.tasks import SOURCES

PROGRAMS = ("edit", "refine")
"""The tasks whose answer is a program."""


@dataclass(frozen=True)
class Failed:
    """A row that a system did not answer. It counts as no edit, and results show its reason.

    reason : short name to count by, such as "declined"
    text : details
    image : True if an image is missing, not an answer: R_use and the reward have no value then either
    """

    reason: str
    text: str = ""
    image: bool = False


@dataclass(frozen=True)
class Edited:
    """A finished image in place of an answer with a program of our editor.

    image : `extra_info` of the row -> (H, W, 3) sRGB of any size, uint8 or uint16; runs in a worker process, so it is picklable.
        Raises OSError or ValueError where there is none, and the row fails
    answer : text shown in the results
    path : file of the image, "" where there is none
    editor : name of the editor that `answer` is a program for, so that its tools can be scored; "" = the image alone is known
    """

    image: Callable[[Mapping[str, Any]], Image]
    answer: str = ""
    path: str = ""
    editor: str = ""


Answer: TypeAlias = str | Failed | Edited
Session: TypeAlias = Callable[[pd.DataFrame], Sequence[Answer]]
"""Rows of a verl RL parquet -> one answer per row, in their order."""


def by_editor(name: str, source: str, text: str) -> Answer:
    """Return an answer that was written for the editor of that name; that of a task without programs is a text for any editor.

    >>> by_editor("released", "iea/summary", "Make it brighter.")
    'Make it brighter.'
    """
    if name == OURS or "d_after" not in SOURCES[source].reported:
        return text
    return Edited(partial(_rendered, name, text), text, editor=name)


def for_editor(name: str, session: Callable[[pd.DataFrame], Sequence[str]]) -> Session:
    """Return a session with the answers of another one, as of `by_editor`."""
    return lambda rows: [
        by_editor(name, source, text) for source, text in zip(rows.data_source, session(rows), strict=True)
    ]


def _rendered(name: str, text: str, extra: Mapping[str, Any]) -> Image:
    return EDITORS[name].edit(read_image(extra["original"]), text)


@dataclass(frozen=True)
class Settings:
    """Options of the systems; each system reads the ones it needs.

    model : Hugging Face folder of a policy with its processor
    batch_size : rows per batch of generation
    max_new_tokens : longest answer
    noise : size of the errors of the noisy labels, in [0, 1]
    seed : seed of the noise
    results : results of another system on the same rows
    terms : weights of the reward's terms; None = the default
    editor : name of the editor that a policy writes programs for, a key of `iea.recipe.evaluation.editors.EDITORS`
    """

    model: Path | None = None
    batch_size: int = 64
    max_new_tokens: int = 512
    noise: float = 1.0
    seed: int = 0
    results: Path | None = None
    terms: Mapping[str, float] | None = None
    editor: str = OURS

    def __post_init__(self) -> None:
        editor_of(self.editor)


@dataclass(frozen=True)
class System:
    """A source of answers.

    name : key in SYSTEMS
    answers : rows of a verl RL parquet, options -> one answer per row, in their order
    tasks : the tasks that it answers, None = all
    start : options -> the function that answers rows; loads once for all chunks of an evaluation. None = `answers`
    options : dataclass of its options
    value : the option that VALUE of NAME=VALUE gives, "" = it takes none
    whole : the answer to a row depends on the other rows, so they are answered at once, not in chunks
    """

    name: str
    answers: Callable[[pd.DataFrame, Any], Sequence[Answer]]
    tasks: tuple[str, ...] | None = None
    start: Callable[[Any], Session] | None = None
    options: type = Settings
    value: str = ""
    whole: bool = False

    def session(self, options: Any) -> Session:
        """Return the function that answers the chunks of one evaluation."""
        return self.start(options) if self.start else lambda rows: self.answers(rows, options)


def session_system(
    name: str, start: Callable[[Any], Session], tasks: tuple[str, ...] | None = None, **others: Any
) -> System:
    """Return a system that loads something once, by `start`, for all chunks; the arguments are those of System."""
    return System(name, lambda rows, options: start(options)(rows), tasks, start=start, **others)
