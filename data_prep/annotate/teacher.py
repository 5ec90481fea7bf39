"""Question and answer of a teacher, the same for a model and for the offline one."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from iea.data_prep.runner import RejectedError
from iea.editor import Program, ProgramError


@dataclass(frozen=True)
class Question:
    """One pair to explain.

    name : of the pair, unique; it seeds the draws of the offline teacher
    original, reference : pictures of one size
    operators : names of our tools that are known to have been used, () = unknown
    requests : sentences in which people requested the edit
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

    reasoning : step by step, as if the reference were wanted rather than seen
    program : to start a search from; imperfect
    summaries_expert, summaries_amateur : requests for the edit, one sentence each, in photographers' and in everyday words
    tokens_in, tokens_out : price of the answer, with its reprompts; 0 offline
    """

    reasoning: str
    program: Program
    summaries_expert: tuple[str, ...]
    summaries_amateur: tuple[str, ...]
    tokens_in: int = 0
    tokens_out: int = 0


def question_of(item: dict[str, Any]) -> Question:
    """Return the question for a row of PAIRS.

    Raises
    ------
    RejectedError : "no_reference", or a reason of ProgramError
    """
    name = f"{item['source']}/{item['name']}"
    if not item["reference"]:
        raise RejectedError("no_reference", f"{name} must have a reference to be explained, got a single picture")
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
    """Return the row of ANNOTATED for a row of PAIRS and its answer."""
    return item | {
        "teacher": teacher,
        "reasoning": answer.reasoning,
        "start": answer.program.to_json() if answer.program else "",
        "summaries_expert": list(answer.summaries_expert),
        "summaries_amateur": list(answer.summaries_amateur),
    }
