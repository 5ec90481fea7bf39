"""What a teacher is asked and what it answers: the same for a model and for the offline one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from iea.data_prep.runner import RejectedError
from iea.editor import Program, ProgramError


class UnansweredError(Exception):
    """Nobody answered, but might another time: `reason` is a short name to count by. Not a rejection, which is final."""

    def __init__(self, reason: str, text: str) -> None:
        super().__init__(reason, text)
        self.reason, self.text = reason, text


class NoMoreError(UnansweredError):
    """Nor would any other question be answered."""


@dataclass(frozen=True)
class Question:
    """One pair to explain.

    name : of the pair, unique; what the offline teacher draws is drawn by it
    original, reference : pictures of one size
    operators : names of our tools that are known to have been used, () = unknown
    requests : what people asked for, in their words
    program : the true program, where it is known
    """

    name: str
    original: Path
    reference: Path
    operators: tuple[str, ...] = ()
    requests: tuple[str, ...] = ()
    program: Program | None = None


@dataclass(frozen=True)
class Answer:
    """How to get from the original to the reference.

    reasoning : step by step, as if the reference were not seen but wanted
    program : to start a search from; imperfect
    summaries_expert, summaries_amateur : what is wanted, one sentence each, in photographers' and in everybody's words
    tokens_in, tokens_out : what the answer cost, asking again included; 0 offline
    """

    reasoning: str
    program: Program
    summaries_expert: tuple[str, ...]
    summaries_amateur: tuple[str, ...]
    tokens_in: int = 0
    tokens_out: int = 0


class Teacher(Protocol):
    """Whoever answers questions; `name` goes into every row."""

    @property
    def name(self) -> str: ...

    async def answer(self, question: Question) -> Answer:
        """Explain one pair.

        Raises
        ------
        RejectedError : there is no usable answer to this question, and asking again would not help
        UnansweredError : there was none this time
        """
        ...


def question_of(item: dict[str, Any]) -> Question:
    """The question that a row of PAIRS poses.

    Raises
    ------
    RejectedError : "no_reference", so there is nothing to explain, or a reason of ProgramError
    """
    name = f"{item['source']}/{item['name']}"
    if not item["reference"]:
        raise RejectedError(
            "no_reference", f"{name} must have a reference to be explained, got a single picture"
        )
    try:
        program = Program.from_json(item["program"]) if item["program"] else None
    except ProgramError as error:
        raise RejectedError(error.reason, f"{name}: {error}") from None
    return Question(
        name,
        Path(item["original"]),
        Path(item["reference"]),
        tuple(item["operators"]),
        (*item["expert"], *item["amateur"]),
        program,
    )


def annotated_row(item: dict[str, Any], teacher: str, answer: Answer) -> dict[str, Any]:
    """The row of ANNOTATED that an answer makes of a row of PAIRS."""
    return item | {
        "teacher": teacher,
        "reasoning": answer.reasoning,
        "start": answer.program.to_json() if answer.program else "",
        "summaries_expert": list(answer.summaries_expert),
        "summaries_amateur": list(answer.summaries_amateur),
    }
