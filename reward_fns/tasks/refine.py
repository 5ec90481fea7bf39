"""Image-Refine: the original, a previous result, the first and a new request -> a new program for the original.

The reward is that of Image-Edit, but R_like counts the gain over the previous result: D0 = D(previous, reference).
arXiv 2606.08016 trains this task by SFT only; the reward is our extension.
"""

from iea.reward_fns.example import Example, ExampleError
from iea.reward_fns.prompts import ANSWER_FORMS, SHORT_IMPROVE, Style, editor_prompt, program_answer
from iea.reward_fns.result import Score
from iea.reward_fns.tasks.edit import REPORTED, check_program, score_program
from iea.reward_fns.tasks.task import Call, Settings, Task

REFINE = """The first image is the original photograph, the second is the result of your previous edit.
First request: {first}
New request: {text}
Write a complete new program. It is applied to the original photograph, not to the second image: keep the parts of your \
previous edit that the new request does not change."""
NO_FIRST_REQUEST = "none, just improve the photograph"
SHORT_REFINE = "{first}\nnow: {text}"


def request(example: Example, style: Style) -> str:
    """Return both requests, and the form of the answer."""
    if style == "short":
        return SHORT_REFINE.format(first=example.first_text or SHORT_IMPROVE, text=example.text)
    asked = REFINE.format(first=example.first_text or NO_FIRST_REQUEST, text=example.text)
    return f"{asked}\n\n{ANSWER_FORMS[style]}"


def check(example: Example) -> None:
    """Raise ExampleError unless there is a request and a program that changes something."""
    if not example.text.strip():
        raise ExampleError("empty_request", f"{example.name}: a refinement must have a request")
    check_program(example)


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
