"""Image-Look: the original and a request -> a first program -> its result -> the final program, for the original.

A row of this task has a given first program, for SFT of the second turn. In GRPO, `iea.recipe.hooks.two_turns` continues
an Image-Edit with the policy's own first program in the same form. The score is that of Image-Edit of the final program.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from iea.editor import Image, ProgramError, render
from iea.editor.io import read_image
from iea.reward_fns.example import Example
from iea.reward_fns.parse import parse_answer
from iea.reward_fns.prompts import IMAGE, Message, Style, editor_prompt, program_answer
from iea.reward_fns.tasks import edit
from iea.reward_fns.tasks.task import Task

LOOK = """Here is the result of your program. Give the final program, in the same format. It is applied to the original \
photograph, not to this image: keep what is right, and correct the rest."""
SHORT_LOOK = "look again"


def look_turn(short: bool) -> Message:
    """Return the turn that shows the result of the first program and asks for the final one."""
    return {"role": "user", "content": f"{IMAGE}{SHORT_LOOK}" if short else f"{IMAGE}\n{LOOK}"}


def is_short(prompt: Sequence[Mapping[str, object]]) -> bool:
    """Return True if the prompt of an edit has the short style: it alone has no system turn."""
    return prompt[0]["role"] != "system"


def render_answer(path: str, text: str) -> Image | None:
    """Return the result of an answer's program on the image at `path`; None if the answer has no program."""
    try:
        program = parse_answer(text)
    except ProgramError:
        return None
    return render(read_image(path), program)


def _turns(example: Example, style: Style) -> list[Message]:
    """Return the first program, without a rationale, and the turn that shows its result."""
    first = program_answer(_first(example), "short" if style == "short" else "direct")
    return [{"role": "assistant", "content": first}, look_turn(style == "short")]


def _first(example: Example) -> Example:
    return replace(example, program=example.previous_program)


def check(example: Example) -> None:
    """Raise ExampleError unless both programs are valid and change something."""
    for one in (_first(example), example):
        edit.check_program(one)


TASK = Task(
    name="look",
    sources=("iea/look",),
    images=("original", "previous"),
    system=editor_prompt(),
    request=edit.request,
    turns=_turns,
    answer=program_answer,
    check=check,
    score=edit.score_program,
    reported=edit.REPORTED,
)
