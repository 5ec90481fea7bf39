"""Image-Edit: the original and a request -> a program, whose result is compared with the reference.

An edit without a request, or with one that does not say what to change, has the data source `iea/auto`. The check, the
score and the reported keys serve every task whose answer is a program.
"""

from iea.editor import Program, ProgramError
from iea.reward_fns.example import Example, ExampleError
from iea.reward_fns.prompts import ANSWER_FORMS, SHORT_IMPROVE, Style, editor_prompt, program_answer
from iea.reward_fns.result import Score
from iea.reward_fns.score import score_files
from iea.reward_fns.tasks.task import Call, Settings, Task
from iea.reward_fns.terms import TERMS
from iea.reward_fns.workers import shared_pool

EDIT = "Here is the photograph.\nRequest: {text}"
IMPROVE = "Here is the photograph. There is no specific request: improve it, and keep it natural."
WITHOUT_REQUEST = ("vague", "none")
"""Personas whose words do not say what to change."""
REPORTED = ("score", *TERMS, "d_before", "d_after", "n_tools", "parsable", "error", "reward_ms")


def request(example: Example, style: Style) -> str:
    """Return the request, and the form of the answer."""
    if style == "short":
        return example.text or SHORT_IMPROVE
    asked = EDIT.format(text=example.text) if example.text else IMPROVE
    return f"{asked}\n\n{ANSWER_FORMS[style]}"


def source_of(example: Example) -> str:
    """Return "iea/auto" where the request does not say what to change, else "iea/edit"."""
    return "iea/edit" if example.text and example.persona not in WITHOUT_REQUEST else "iea/auto"


def check_program(example: Example) -> None:
    """Raise ExampleError unless the example's program is valid and changes something."""
    try:
        program = Program.from_json(example.program)
    except ProgramError as error:
        raise ExampleError(f"program_{error.reason}", f"{example.name}: {error}") from None
    if not any(program.values()):
        raise ExampleError("no_edit", f"{example.name}: the program {example.program} changes nothing")


async def score_program(call: Call, settings: Settings, *previous: str) -> Score:
    """Score a program of the row's `original` against its `reference` as `score_text` does, in a worker process.

    previous : the key of `extra_info` with the path of the image that the edit must beat; none = the original
    """
    original, reference, *before = map(call.path, ("original", "reference", *previous))
    arguments = (original, reference, call.text, settings.weights, *before)
    images = (original, reference, *before)
    return await shared_pool(settings.workers).run(settings.timeout_s, score_files, *arguments, about=images)


TASK = Task(
    name="edit",
    sources=("iea/edit", "iea/auto"),
    source_of=source_of,
    images=("original",),
    system=editor_prompt(),
    request=request,
    answer=program_answer,
    check=check_program,
    score=score_program,
    reported=(*REPORTED, "first_score"),
)
