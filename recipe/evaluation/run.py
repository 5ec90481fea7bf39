"""Evaluate a system on held-out rows of any task with the training reward.

    iea evaluate --model work/sft/global_step_200/huggingface --data work/data/stage2/val.parquet --out sft.parquet

Summaries need a judge, for example `--judge-url http://127.0.0.1:8000/v1 --judge-model judge`; without one their `error`
is 1 and their `rouge_l` 0. `--system grey` hides the photographs from the policy.
"""

import asyncio
import os
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from iea.recipe.evaluation.systems import Settings, System
from iea.recipe.evaluation.systems.checkpoint import without_placeholder
from iea.reward_fns import compute_score

FACTS = ("index", "photo", "kind", "original", "reference", "program")


def evaluate(
    system: System,
    rows: Path,
    settings: Settings,
    *,
    terms: Mapping[str, float] | None = None,
    judge: Mapping[str, object] | None = None,
) -> pd.DataFrame:
    """Collect the answers of a system and score them.

    Parameters
    ----------
    system : one of SYSTEMS
    rows : verl RL parquet
    settings : options of the system
    terms : weights of the reward's terms, as in `iea.terms`; None = those of the paper
    judge : judge of summaries, as in `iea.reward_fns.judge.JudgeSettings`

    Returns
    -------
    one line per row: FACTS, the `data_source`, the `instruction`, the `answer` and the keys of `iea.reward_fns.result.RANGES`

    Raises
    ------
    ValueError : the system needs a setting that is missing
    """
    table = pd.read_parquet(rows)
    answers = system.answers(table, settings)
    scores = asyncio.run(_scores(table, answers, terms, judge))
    facts = [
        {key: extra[key] for key in FACTS}
        | {"data_source": source, "instruction": without_placeholder(prompt[-1]["content"]), "answer": answer}
        for source, prompt, extra, answer in zip(
            table.data_source, table.prompt, table.extra_info, answers, strict=True
        )
    ]
    return pd.DataFrame([fact | score for fact, score in zip(facts, scores, strict=True)])


async def _scores(
    table: pd.DataFrame, answers: list[str], terms: Mapping[str, float] | None, judge: Mapping[str, object] | None
) -> list[dict[str, float]]:
    """Score every answer with the training reward."""
    procs = os.cpu_count() or 1
    calls = zip(table.data_source, answers, table.extra_info, strict=True)
    return await asyncio.gather(
        *(
            compute_score(source, answer, "", extra, terms=terms, judge=judge, cpu_procs=procs)
            for source, answer, extra in calls
        )
    )


def write_results(results: pd.DataFrame, out: Path) -> None:
    """Write a parquet file atomically."""
    out.parent.mkdir(parents=True, exist_ok=True)
    partial = out.with_name(out.name + ".partial")
    results.to_parquet(partial)
    partial.replace(out)
