"""Evaluate a system on held-out rows of any task with the training reward.

    iea evaluate --model work/sft/global_step_200/huggingface --data work/data/stage2/val.parquet --out sft.parquet

Summaries need a judge, for example `--judge-url http://127.0.0.1:8000/v1 --judge-model judge`; without one their `error`
is 1 and their `rouge_l` 0. `--system gray` hides the photographs from the policy.
"""

import asyncio
import os
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from iea.editor.io import replacing
from iea.recipe.evaluation.systems import Settings, System
from iea.reward_fns import compute_score
from iea.reward_fns.prompts import IMAGE

FACTS = ("index", "photo", "kind", "original", "reference", "program")


def evaluate(
    system: System, rows: Path, settings: Settings, *, judge: Mapping[str, object] | None = None
) -> pd.DataFrame:
    """Collect the answers of a system and score them.

    Parameters
    ----------
    system : one of SYSTEMS
    rows : verl RL parquet
    settings : options of the system
    judge : judge of summaries, as in `iea.reward_fns.judge.JudgeSettings`

    Returns
    -------
    one line per row: FACTS, the `data_source`, the `instruction`, the `answer` and the keys of `iea.reward_fns.result.RANGES`

    Raises
    ------
    ValueError : the system needs a setting that is missing, or does not answer every row
    """
    table = pd.read_parquet(rows)
    answers = list(system.answers(table, settings))
    if len(answers) != len(table):
        raise ValueError(f"the system {system.name} must give {len(table)} answers, one per row, got {len(answers)}")
    scores = asyncio.run(_scores(table, answers, judge))
    lines = zip(table.data_source, table.prompt, table.extra_info, answers, scores, strict=True)
    return pd.DataFrame(
        [
            {key: extra[key] for key in FACTS}
            | {"data_source": source, "instruction": prompt[-1]["content"].replace(IMAGE, ""), "answer": answer}
            | score
            for source, prompt, extra, answer, score in lines
        ]
    )


async def _scores(
    table: pd.DataFrame, answers: list[str], judge: Mapping[str, object] | None
) -> list[dict[str, float]]:
    workers = os.cpu_count() or 1
    calls = zip(table.data_source, answers, table.extra_info, strict=True)
    return await asyncio.gather(
        *(compute_score(source, answer, "", extra, judge=judge, workers=workers) for source, answer, extra in calls)
    )


def write_results(results: pd.DataFrame, out: Path) -> None:
    """Write a parquet file atomically, and its folder if there is none."""
    out.parent.mkdir(parents=True, exist_ok=True)
    with replacing(out) as partial:
        results.to_parquet(partial)
