"""Image-Edit: the original and a request -> a program, whose result is held against the reference."""

from iea.reward_fns.batch import shared_batcher
from iea.reward_fns.result import Score
from iea.reward_fns.tasks.task import Call, Settings, Task

PROGRAM_KEYS = (
    *("score", "r_like", "r_use", "d_before", "d_after", "n_tools", "parsable"),
    *("error", "reward_ms"),
)
"""What is reported of every task that answers with a program."""


async def score(call: Call, settings: Settings) -> Score:
    """`score.score_text` of the row's `original` and `reference`, in a worker, together with the prompt's others."""
    paths = call.path("original"), call.path("reference")
    return await shared_batcher(settings.cpu_procs).score(paths, call.text, settings.w, settings.deadline_s)


TASK = Task(("iea/edit", "iea/auto"), PROGRAM_KEYS, score)
