"""Image-Edit: the original and a request -> a program, whose result is held against the reference."""

from iea.reward_fns.result import Score
from iea.reward_fns.score import score_files
from iea.reward_fns.tasks.task import Call, Settings, Task
from iea.reward_fns.workers import shared_pool

PROGRAM_KEYS = (
    *("score", "r_like", "r_use", "d_before", "d_after", "n_tools", "parsable"),
    *("error", "reward_ms"),
)
"""What is reported of every task that answers with a program."""


async def score(call: Call, settings: Settings) -> Score:
    """`score.score_text` of the row's `original` and `reference`, in a worker."""
    paths = call.path("original"), call.path("reference")
    pool = shared_pool(settings.workers)
    return (await pool.run(settings.timeout_s, score_files, *paths, [call.text], settings.w))[0]


TASK = Task(("iea/edit", "iea/auto"), PROGRAM_KEYS, score)
