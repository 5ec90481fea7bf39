"""Image-Edit: the original and a request -> a program, whose result is compared with the reference.

An edit without a request, or with one that does not say what to change, has the data source `iea/auto`.
"""

from iea.reward_fns.example import Example
from iea.reward_fns.prompts import ANSWER_FORMS, SHORT_IMPROVE, Style, editor_prompt, program_answer
from iea.reward_fns.result import Score
from iea.reward_fns.tasks.program import REPORTED, check_program, score_program
from iea.reward_fns.tasks.task import Call, Settings, Task

EDIT = "This is the photograph.\nRequest: {text}"
IMPROVE = "This is the photograph. Nothing in particular is asked for: bring out the best in it, and keep it natural."
WITHOUT_REQUEST = ("vague", "none")
"""Personas whose words do not say what to change."""


def request(example: Example, style: Style) -> str:
    """Return the request, and the form of the answer."""
    if style == "short":
        return example.text or SHORT_IMPROVE
    asked = EDIT.format(text=example.text) if example.text else IMPROVE
    return f"{asked}\n\n{ANSWER_FORMS[style]}"


def source_of(example: Example) -> str:
    """Return "iea/auto" where the request does not say what to change, else "iea/edit"."""
    told = example.text and example.persona not in WITHOUT_REQUEST
    return "iea/edit" if told else "iea/auto"


async def score(call: Call, settings: Settings) -> Score:
    """Score a program of the row's `original` against its `reference`."""
    return await score_program(call, settings, "original", "reference")


TASK = Task(
    name="edit",
    sources=("iea/edit", "iea/auto"),
    source_of=source_of,
    images=("original",),
    system=editor_prompt(),
    request=request,
    answer=program_answer,
    check=check_program,
    score=score,
    reported=REPORTED,
)
