"""All reasons for which an item is rejected: the table in docs/data.md is made from this one.

    iea data reasons --page docs/data.md

A reason is final if only another input changes it. The others are caused by the environment: a drive that is not mounted, a
package that is not installed, an endpoint that is down. Their items are tried again by the next run.
"""

from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from iea.data_prep.files import write_text
from iea.editor.io import regular
from iea.editor.markdown import markdown_table

ANNOTATIONS, IMAGES, ANNOTATE, LABEL, SYNTHESIZE, MIX = (
    *("ingest, annotations", "ingest, images", "annotate", "label", "synthesize", "mix"),
)


@dataclass(frozen=True)
class Reason:
    """One reason: its name, where `*` stands for any text, the steps that reject by it, and its meaning in one line."""

    name: str
    steps: tuple[str, ...]
    meaning: str
    passing: bool = False


def _of(*steps: str, passing: bool = False, **meanings: str) -> list[Reason]:
    return [Reason(name, steps, meaning, passing) for name, meaning in meanings.items()]


_LISTED = [
    *_of(
        ANNOTATIONS,
        malformed_json="a file of annotations must hold JSON of the source's form",
        malformed_row="a record must have the keys and types of the source",
        malformed_name="a file must be named as the source names its files",
        malformed_xmp="a side-car must be XMP with Camera Raw settings",
        duplicate_file="another file under the root is the same photograph of the source",
        augmented_copy="a file repeats a photograph, cropped or turned by the source's authors",
        odd_text="a request must be valid Unicode",
        no_operator="the record names no operator",
        local_operator="an operator acts on a part of the image",
        global_operators="all operators act on the whole image, in a source of the others",
        unknown_operator="an operator is not one of the source's",
        no_original="a retouched file has no original",
    ),
    Reason("no_tool_for_*", (ANNOTATIONS,), "none of our tools expresses the operator"),
    *_of(ANNOTATIONS, passing=True, unreadable_annotations="a file of annotations cannot be opened"),
    *_of(
        IMAGES,
        not_an_image="no known image format",
        broken_image="the file is cut off or damaged",
        broken_raw="the raw file is cut off or damaged",
        decompression_bomb="the file claims more pixels than memory should be given for",
        unsupported_image="the mode, depth or color profile is not supported",
        misaligned="original and reference show the same scene in no common area",
    ),
    *_of(
        *(IMAGES, LABEL, SYNTHESIZE), not_a_file="a folder, a pipe, a socket or a device stands in the place of a file"
    ),
    *_of(IMAGES, MIX, too_narrow="the aspect ratio is one that verl's loader of images refuses"),
    *_of(ANNOTATIONS, MIX, duplicate_row="an earlier row is equal, or lists the same pair"),
    *_of(
        *(IMAGES, LABEL, SYNTHESIZE),
        passing=True,
        missing="the file does not exist, or its drive is not mounted",
        raw_needs_rawpy="a raw file needs the package rawpy",
        out_of_memory="this machine has too little memory for the image",
        heic_needs_pillow_heif="a HEIC file needs the package pillow-heif",
    ),
    *_of(IMAGES, ANNOTATE, LABEL, SYNTHESIZE, passing=True, unreadable="the file or folder cannot be opened"),
    *_of(IMAGES, SYNTHESIZE, too_small="a side is too short"),
    *_of(IMAGES, ANNOTATE, no_change="original and reference are the same image"),
    *_of(ANNOTATIONS, ANNOTATE, LABEL, no_reference="a single image, where a pair is needed"),
    *_of(
        ANNOTATE,
        other_size="original and reference must have the same size",
        no_program="no tool brings the original closer to the reference",
        declined="the model refuses to answer",
        cut_off="the answer ends at the limit of its length",
        several_answers="the answer holds JSON objects that differ",
        wrong_schema="the answer's JSON object is not as described",
        empty_program="the answer's program uses no tool",
        no_reasoning="the answer has no reasoning",
        no_summary="the answer has no summary of one persona",
    ),
    *_of(
        ANNOTATE,
        unparsable="a program or an answer is not valid JSON",
        not_object="a program is not a JSON object",
        unknown_tool="a program names a tool that does not exist",
        not_integer="a program's value is not an integer",
        out_of_range="a program's value is out of its tool's range",
        duplicate_key="a program uses a tool twice",
    ),
    *_of(ANNOTATE, passing=True, unanswered="the endpoint gave no answer; only with `--partial`"),
    Reason("http_*", (ANNOTATE,), "the endpoint refuses the request with this status", passing=True),
    *_of(
        LABEL,
        different_shapes="original and reference must have the same size and depth",
        equal_images="original and reference are the same image",
        no_gain="no program brings the original closer to the reference",
    ),
    Reason("start_*", (LABEL,), "the teacher's program has this fault"),
    *_of(
        SYNTHESIZE,
        no_usable_crop="the photograph is flat, black or blown nearly everywhere",
        no_pair="no crop shows the effect of a program",
    ),
    *_of(
        MIX,
        missing_value="a value must not be null",
        unknown_task="the task is not one of reward_fns/tasks",
        unknown_split="the split must be train, val or test",
        reserved_words="a text holds words that mark an image or a turn",
        empty_request="a request must not be empty",
        no_edit="the program changes nothing",
        bad_score="the score is out of its range",
    ),
    *_of(ANNOTATE, MIX, empty_answer="the answer is empty"),
    *_of(MIX, passing=True, missing_image="an image of the row does not exist"),
    Reason("program_*", (MIX,), "the row's program has this fault"),
    *_of("any", not_utf8="a text or a file's name cannot be written as UTF-8"),
]
REASONS = {reason.name: reason for reason in _LISTED}


def reason_named(name: str) -> Reason | None:
    """Return the reason of this name, or the one whose pattern fits; None for a reason of somebody's own."""
    return REASONS.get(name) or next((one for one in _LISTED if fnmatchcase(name, one.name)), None)


def is_passing(name: str) -> bool:
    """Return True if the next run may not reject the item.

    >>> is_passing("missing"), is_passing("http_400"), is_passing("broken_image")
    (True, True, False)
    """
    found = reason_named(name)
    return found is not None and found.passing


def reasons_table() -> str:
    """Return the Markdown table of all reasons."""
    rows = [
        (f"`{reason.name}`", "; ".join(reason.steps), reason.meaning, "yes" if reason.passing else "")
        for reason in _LISTED
    ]
    return markdown_table(("reason", "step", "meaning", "tried again"), rows)


START, END = "<!-- reasons: made by `iea data reasons --page docs/data.md` -->", "<!-- end of the reasons -->"


def with_table(page: str) -> str:
    """Return a page with the present table between the two marks.

    Raises
    ------
    ValueError : the page lacks a mark
    """
    head, start, rest = page.partition(START)
    _, end, tail = rest.partition(END)
    if not start or not end:
        raise ValueError(f"the page must hold the lines {START!r} and {END!r}; add them where the table belongs")
    return f"{head}{START}\n{reasons_table()}\n{END}{tail}"


def update_page(page: Path) -> None:
    """Replace the table in a page; errors as of with_table."""
    write_text(page, with_table(regular(page).read_text(encoding="utf-8")))
