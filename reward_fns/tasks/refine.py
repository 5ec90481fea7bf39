"""Image-Refine: the original, an earlier result, the first and a new request -> a new program for the original.

The reward of Image-Edit, but what the edit must beat is the earlier result: R_like = max(-1, (D0 - D) / D0) with
D0 = D(earlier, reference). R_use as before: each tool is left out of the new program.

arXiv 2606.08016 trains this task by SFT only; the reward is our extension.
"""

from iea.reward_fns.batch import shared_batcher
from iea.reward_fns.result import Score
from iea.reward_fns.tasks.edit import PROGRAM_KEYS
from iea.reward_fns.tasks.task import Call, Settings, Task


async def score(call: Call, settings: Settings) -> Score:
    """As in `edit`, with the row's `earlier` picture."""
    paths = call.path("original"), call.path("reference"), call.path("earlier")
    return await shared_batcher(settings.cpu_procs).score(paths, call.text, settings.w, settings.deadline_s)


TASK = Task(("iea/refine",), PROGRAM_KEYS, score)
