"""Evaluate the stages: the results of every system on every set of rows, HOME/evaluation/SET/SYSTEM.parquet."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from iea.recipe.evaluation.report import report
from iea.recipe.evaluation.served import served_name
from iea.recipe.evaluation.sets import evaluate_sets, row_files
from iea.recipe.evaluation.systems import Settings
from iea.recipe.pipeline.lane import LABEL_NOISE
from iea.recipe.pipeline.run import Run, is_url

LABELS = ("true_programs", "noisy_labels")
"""Results without a policy, on the lane: the bounds that the labels set."""
CONTROLS: Mapping[str, Sequence[str]] = {
    "stage1": ("stage1_shrunk", "stage1_shrunk_paper"),
    "stage3": ("stage3_gray", "stage3_shuffled"),
}
"""Stage -> the results of its controls."""
GPU_TOKENS, LANE_TOKENS = 512, 96  # of the longest answer


def evaluate_policy(run: Run, name: str, model: Path) -> None:
    """Evaluate a policy and its controls on every set, unless that is done."""
    evaluate_all(run, (name, *CONTROLS.get(name, ())), model)


def evaluate_all(run: Run, names: Sequence[str], model: Path | None = None) -> None:
    """Write the missing results of these names, see `evaluate_sets`, in this order; without a judge, of no summaries.

    Raises
    ------
    RuntimeError : rows could not be scored
    """
    tokens = LANE_TOKENS if run.lane else GPU_TOKENS
    settings = Settings(model=model, max_new_tokens=tokens, noise=LABEL_NOISE, seed=run.seed)
    for name in names if row_files(run.home) else ():
        for part, results in evaluate_sets(run.home, name, settings, judge=judge_settings(run)).items():
            reward = f"reward {results.score.mean():.3f}"
            print(f"evaluated {name} on {len(results)} rows of {part}: {reward}", flush=True)


def judge_settings(run: Run) -> Mapping[str, object] | None:
    """Return the judge of summaries for evaluations: an endpoint, or a folder that answers in this process; None = none."""
    if not run.has_judge:
        return None
    if run.judge and is_url(run.judge):
        return {"backend": "url", "url": run.judge, "model": served_name(run.judge)}
    decode = "reasoned" if run.lane else "integer"
    return {"backend": "local", "model": str(run.judge or run.own_judge), "decode": decode}


def write_report(run: Run) -> str:
    """Write the tables and the plots of a run to its home; return the tables, and the names of the files."""
    return report([run.home], run.home) if row_files(run.home) else f"no rows to evaluate in {run.data}"
