"""Time of a training step, and the share of the rewards in it."""

from collections.abc import Iterator, Sequence

from iea.recipe.evaluation.logs import logged, read_log, reward_cost, stage_seconds
from iea.recipe.evaluation.results import RunResults
from iea.recipe.evaluation.tables.table import Line, Table


def lines(runs: Sequence[RunResults]) -> Iterator[Line]:
    """Yield a line of every run that has logs."""
    for run in runs:
        if {"sft", "grpo"} <= set(run.logs):
            sft, grpo = run.logs["sft"], run.logs["grpo"]
            reward_ms, share = reward_cost(grpo, run.evaluations["grpo"].kind)
            yield {
                "run": run.name,
                "SFT, s per step": f"{stage_seconds(sft) / len(read_log(sft)):.2f}",
                "GRPO, s per step": f"{logged(read_log(grpo), 'timing_s/step').median():.2f}",
                "reward, ms per answer": f"{reward_ms:.1f}",
                "rewards, share of a GRPO step": f"{100 * share:.1f} %",
            }


TABLE = Table(
    "times",
    "**Times**: wall-clock, SFT the mean and GRPO the median of its steps; the share of the rewards assumes that nothing "
    "else ran meanwhile. Compare runs only if nothing ran beside them.",
    lines,
    rank=60,
)
