"""Time of every stage and of its steps, and the share of the rewards in GRPO's."""

from collections.abc import Iterator, Sequence

import pandas as pd

from iea.recipe.evaluation.logs import logged, read_log, reward_cost, stage_seconds
from iea.recipe.evaluation.results import GRPO, STAGES, RunResults
from iea.recipe.evaluation.tables.table import Line, Table


def lines(runs: Sequence[RunResults]) -> Iterator[Line]:
    """Yield a line of every run and stage that has logs."""
    for run in runs:
        for stage, title in STAGES.items():
            if stage in run.logs:
                log, seconds = read_log(run.logs[stage]), stage_seconds(run.logs[stage])
                per_step = logged(log, "timing_s/step").median() if stage == GRPO else seconds / len(log)
                yield {
                    "run": run.name,
                    "stage": title,
                    "steps": len(log),
                    "minutes": f"{seconds / 60:.1f}",
                    "s per step": f"{per_step:.2f}",
                } | _reward_cost(run, stage)


def _reward_cost(run: RunResults, stage: str) -> dict[str, object]:
    if stage != GRPO:
        return {"reward, ms per answer": "", "rewards, share of a step": ""}
    results = next((of[GRPO] for of in run.evaluations.values() if GRPO in of), pd.DataFrame())
    reward_ms, share = reward_cost(run.logs[stage], results.get("kind"))
    return {"reward, ms per answer": f"{reward_ms:.1f}", "rewards, share of a step": f"{100 * share:.1f} %"}


TABLE = Table(
    "times",
    "**Times**: wall-clock, start-up included; seconds per step are the mean of SFT, and GRPO's median without start-up. "
    "The share of the rewards assumes that nothing else ran meanwhile. Compare runs only if nothing ran beside them.",
    lines,
    rank=90,
)
