"""Image-Refine: the original, a previous result, its request and program, a new request -> a new program for the original.

The reward is that of Image-Edit, but R_like counts the gain over the previous result: D0 = D(previous, reference).
arXiv 2606.08016 trains this task by SFT only; the reward is our extension.
"""

from dataclasses import replace

from iea.reward_fns.example import Example, ExampleError
from iea.reward_fns.prompts import ANSWER_FORMS, SHORT_IMPROVE, Style, editor_prompt, program_answer
from iea.reward_fns.result import Score
from iea.reward_fns.tasks.edit import REPORTED, check_program, score_program
from iea.reward_fns.tasks.task import Call, Settings, Task

REFINE = """The first image is the original photograph, the second is the result of your previous edit.
First request: {first}
{previous}New request: {text}
Write a complete new program. It is applied to the original photograph, not to the second image: keep the parts of your \
previous edit that the new request does not change."""
NO_FIRST_REQUEST = "none, just improve the photograph"
PREVIOUS = "Your previous program: {program}\n"
SHORT_REFINE = "{previous}\nnow: {text}"


def request(example: Example, style: Style) -> str:
    """Return both requests, the previous program if it is known, and the form of the answer.

    The short style has the previous program in the place of the first request.
    """
    program = example.previous_program
    if style == "short":
        return SHORT_REFINE.format(previous=program or example.first_text or SHORT_IMPROVE, text=example.text)
    previous = PREVIOUS.format(program=program) if program else ""
    asked = REFINE.format(first=example.first_text or NO_FIRST_REQUEST, previous=previous, text=example.text)
    return f"{asked}\n\n{ANSWER_FORMS[style]}"


def check(example: Example) -> None:
    """Raise ExampleError unless there is a request, and each program is valid and changes something."""
    if not example.text.strip():
        raise ExampleError("empty_request", f"{example.name}: a refinement must have a request")
    for program in filter(None, (example.previous_program, example.program)):
        check_program(replace(example, program=program))


async def score(call: Call, settings: Settings) -> Score:
    """Score a program of the row's `original` by its gain over the `previous` result."""
    return await score_program(call, settings, "previous")


TASK = Task(
    name="refine",
    sources=("iea/refine",),
    images=("original", "previous"),
    system=editor_prompt(),
    request=request,
    answer=program_answer,
    check=check,
    score=score,
    reported=REPORTED,
)
