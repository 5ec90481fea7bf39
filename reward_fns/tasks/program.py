"""What tasks share whose answer is an edit program: its check, its score, the keys that are reported."""

from iea.editor import Program, ProgramError
from iea.reward_fns.example import Example, ExampleError
from iea.reward_fns.result import Score
from iea.reward_fns.score import score_files
from iea.reward_fns.tasks.task import Call, Settings
from iea.reward_fns.terms import TERMS
from iea.reward_fns.workers import shared_pool

REPORTED = ("score", *TERMS, "d_before", "d_after", "n_tools", "parsable", "error", "reward_ms")


def check_program(example: Example) -> None:
    """Raise ExampleError unless the example's program is valid and changes something."""
    try:
        program = Program.from_json(example.program)
    except ProgramError as error:
        raise ExampleError(f"program_{error.reason}", f"{example.name}: {error}") from None
    if not any(program.values()):
        raise ExampleError("no_edit", f"{example.name}: the program {example.program} changes nothing")


async def score_program(call: Call, settings: Settings, *columns: str) -> Score:
    """Score an answer as `score_text` does, in a worker process.

    Parameters
    ----------
    columns : keys of `extra_info` with the paths of the original, the reference and, to refine, the previous image
    """
    original, reference, *previous = map(call.path, columns)
    arguments = (original, reference, [call.text], settings.weights, *previous)
    (scored,) = await shared_pool(settings.workers).run(settings.timeout_s, score_files, *arguments)
    return scored
