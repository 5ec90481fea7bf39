"""The request to a teacher and its annotation, the same for a model and for the offline teacher."""

from dataclasses import dataclass
from pathlib import Path

from iea.data_prep.check import check_row
from iea.data_prep.runner import Item, RejectedError, Row
from iea.editor import TOOLS, Program, ProgramError

READS = ("original", "reference")  # columns of the files that an annotation depends on


@dataclass(frozen=True)
class AnnotationRequest:
    """One pair to annotate.

    name : of the pair, unique; it seeds the draws of the offline teacher
    original, reference : images of one size
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
class Annotation:
    """Description of the edit that leads from the original to the reference.

    reasoning : step by step, as if the reference were wanted rather than seen
    program : start of a search; imperfect
    summaries_expert, summaries_amateur : requests for the edit, one sentence each, in photographers' and in everyday words
    tokens_in, tokens_out : tokens paid for, including reprompts; 0 offline
    """

    reasoning: str
    program: Program
    summaries_expert: tuple[str, ...]
    summaries_amateur: tuple[str, ...]
    tokens_in: int = 0
    tokens_out: int = 0


def request_of(item: Item) -> AnnotationRequest:
    """Return the request for a row of PAIRS.

    Raises
    ------
    RejectedError : "no_reference", "unknown_tool", or a reason of `check_row` or of ProgramError
    """
    check_row(item, "PAIRS")
    name = f"{item['source']}/{item['name']}"
    if not item["reference"]:
        raise RejectedError("no_reference", f"{name} must have a reference to be annotated, got a single image")
    try:
        program = Program.from_json(item["program"]) if item["program"] else None
    except ProgramError as error:
        raise RejectedError(error.reason, f"{name}: {error}") from None
    if unknown := set(item["operators"]) - set(TOOLS):
        raise RejectedError("unknown_tool", f"{name}: operators must be tools, got {min(unknown)!a}")
    paths, requests = (Path(item["original"]), Path(item["reference"])), (*item["expert"], *item["amateur"])
    return AnnotationRequest(name, *paths, tuple(item["operators"]), requests, program)


def annotated_row(item: Item, teacher: str, annotation: Annotation) -> Row:
    """Return the row of ANNOTATED for a row of PAIRS."""
    return item | {
        "teacher": teacher,
        "reasoning": annotation.reasoning,
        "start": annotation.program.to_json() if annotation.program else "",
        "summaries_expert": list(annotation.summaries_expert),
        "summaries_amateur": list(annotation.summaries_amateur),
    }
