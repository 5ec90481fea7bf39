"""Image-Refine: the original, a previous result, the first and a new request -> a new program for the original.

The reward of Image-Edit, but what the edit must beat is the previous result: R_like = max(-1, (D0 - D) / D0) with
D0 = D(previous, reference). R_use as before: each tool is left out of the new program.

arXiv 2606.08016 trains this task by SFT only; the reward is our extension.
"""

from iea.reward_fns.result import Score
from iea.reward_fns.score import score_files
from iea.reward_fns.tasks.edit import PROGRAM_KEYS
from iea.reward_fns.tasks.task import Call, Settings, Task
from iea.reward_fns.workers import shared_pool


async def score(call: Call, settings: Settings) -> Score:
    """As in `edit`, with the row's `previous` picture."""
    original, reference, previous = map(call.path, ("original", "reference", "previous"))
    pool, arguments = shared_pool(settings.workers), (original, reference, [call.text], settings.w, previous)
    return (await pool.run(settings.timeout_s, score_files, *arguments))[0]


TASK = Task(("iea/refine",), PROGRAM_KEYS, score)
