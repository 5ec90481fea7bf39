"""Evaluate a stage of a run on every set of held-out rows: the results that `iea.recipe.evaluation.report` reads."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pandas as pd

from iea.recipe.evaluation.evaluate import evaluate, write_results
from iea.recipe.evaluation.results import SETS
from iea.recipe.evaluation.systems import SYSTEMS, Settings, System
from iea.reward_fns.tasks import TASKS


def row_files(home: Path) -> dict[str, Path]:
    """Return set -> file of its rows, of the sets that a run has."""
    return {part: path for part in SETS if (path := home / "data" / f"{part}.parquet").exists()}


def results_path(home: Path, part: str, name: str) -> Path:
    """Return the place of the results of a stage or a compared system on a set."""
    return home / "evaluation" / part / f"{name}.parquet"


def evaluate_sets(
    home: Path, name: str, settings: Settings, *, judge: Mapping[str, object] | None = None
) -> dict[str, pd.DataFrame]:
    """Evaluate a stage or a compared system on every set, `home/data/SET.parquet`, without results newer than its rows.

    Parameters
    ----------
    name : of the results: STAGE, STAGE_SYSTEM or SYSTEM, such as "stage1", "stage3_gray" and "noisy_labels";
        "stage1_shrunk" shrinks the results "stage1". A name without a system is one of a checkpoint
    settings : options of the system, such as the folder of the policy
    judge : of summaries, as `evaluate` takes it; None = their rows are left out

    Returns
    -------
    set -> results, of the sets that were evaluated now

    Raises
    ------
    FileNotFoundError : there are no rows of any set
    RuntimeError : a row could not be scored, through no fault of the answer
    """
    rows = row_files(home)
    if not rows:
        raise FileNotFoundError(f"{home / 'data'} must hold one of {', '.join(f'{part}.parquet' for part in SETS)}")
    stage, system = _system_of(name)
    if judge is None:
        system = replace(system, tasks=tuple(task for task in system.tasks or TASKS if task != "summary"))
    evaluated = {}
    for part, path in rows.items() if system.tasks != () else ():
        out = results_path(home, part, name)
        if not out.exists() or out.stat().st_mtime < path.stat().st_mtime:
            results = evaluate(system, path, replace(settings, results=results_path(home, part, stage)), judge=judge)
            if missing := int((results.error + results.fallback).sum()):  # written, they would stay
                raise RuntimeError(
                    f"every row of {name} must be scored, got {missing} of {len(results)} without a score; see the log, "
                    "and start again"
                )
            write_results(results, out)
            evaluated[part] = results
    return evaluated


def _system_of(name: str) -> tuple[str, System]:
    """Return the stage and the system in the name of results.

    >>> stage, system = _system_of("stage1_shrunk_paper")
    >>> stage, system.name
    ('stage1', 'shrunk_paper')
    """
    for system in sorted(SYSTEMS.values(), key=lambda one: -len(one.name)):  # true_programs before programs
        stage, found, rest = name.rpartition(system.name)
        if found and not rest and (not stage or stage.endswith("_")):
            return stage.removesuffix("_"), system
    return name, SYSTEMS["checkpoint"]
