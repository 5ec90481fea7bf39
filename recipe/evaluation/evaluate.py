"""Evaluate a system on held-out rows of any task with the training reward.

    iea evaluate checkpoint=work/seed-0/stage1/huggingface untouched --rows work/data/stage2/val.parquet --out work/compared

Summaries need a judge: a folder, `--judge-model work/judge/huggingface --judge-decode reasoned`, which answers in this
process, or an endpoint, `--judge-url http://127.0.0.1:8000/v1 --judge-model judge`.
"""

import asyncio
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from iea.data_prep.check import read_checked
from iea.data_prep.files import write_parquet
from iea.data_prep.runner.tables import arrow_batches
from iea.editor.plugins import PluginError
from iea.recipe.evaluation.judge.local_judge import LocalJudge
from iea.recipe.evaluation.lines import Scoring, lines_of
from iea.recipe.evaluation.systems import System
from iea.recipe.evaluation.systems.system import Answer, Edited, Failed, Session
from iea.reward_fns.tasks import SOURCES
from iea.reward_fns.terms import TERMS

IMAGES = ("original", "reference", "previous")  # keys of extra_info
RESULTS = pa.schema(
    [
        ("index", pa.int64()),
        ("photo", pa.string()),
        ("kind", pa.string()),
        ("data_source", pa.string()),
        *(
            (name, pa.float64())
            for name in ("score", "parsable", "d_after", "n_tools", "rouge_l", "fallback", "error", *TERMS)
        ),
    ]
)
"""The columns that every table of results needs."""


def evaluate(system: System, rows: Path, settings: Any, *, judge: Mapping[str, object] | None = None) -> pd.DataFrame:
    """Collect the answers of a system to the rows of its tasks, and score them, all at once.

    Parameters
    ----------
    system : one of SYSTEMS
    rows : verl RL parquet
    settings : options of the system, of its type; their `terms`, if any, are the weights of the reward
    judge : judge of summaries, as in `iea.reward_fns.judge.JudgeSettings`, or with the backend "local": `model` is a folder,
        and the judge answers in this process; `decode` as there

    Returns
    -------
    one line per row, as of `iea.recipe.evaluation.lines.lines_of`

    Raises
    ------
    ValueError : the file has no rows, other columns, or a row that cannot be used; no row can be scored; the system needs a setting that is
        missing, or does not answer every row with a text (PluginError)
    """
    table = rows_for(system, read_rows(rows), rows)
    answers = checked_answers(system, system.session(settings), table)
    lines = asyncio.run(lines_of(table, answers, Scoring(getattr(settings, "terms", None), judge_for(judge))))
    if all(line["error"] for line in lines):
        raise ValueError(f"an evaluation must score rows, got {len(lines)} errors for {len(lines)} rows; see the log")
    return pd.DataFrame(lines)


def read_rows(path: Path) -> pd.DataFrame:
    """Read rows, checked.

    Raises
    ------
    ValueError : there are none, a row cannot be used, or an image of one does not exist: its score would be that of an error
    """
    table = read_checked(path, "EVALUATED")
    named = {extra[key] for extra in table.extra_info for key in IMAGES if extra.get(key)}
    if missing := sorted(image for image in named if not os.path.isfile(image)):
        raise ValueError(
            f"the images of {str(path)!r} must exist, but {len(missing)} of {len(named)} do not, such as {missing[0]!r}; "
            "mount or restore their folder, or make the rows again"
        )
    return table


def rows_for(system: System, table: pd.DataFrame, path: Path) -> pd.DataFrame:
    """Return the rows of the tasks that a system answers. Raises ValueError if there are none; `path` is their file."""
    if system.tasks is None:
        return table
    kept = table[table.data_source.isin([name for name, task in SOURCES.items() if task.name in system.tasks])]
    if kept.empty:
        raise ValueError(f"{str(path)!r} must hold rows of {', '.join(system.tasks)} for {system.name}, got none")
    return kept.reset_index(drop=True)


def judge_for(judge: Mapping[str, object] | None) -> object:
    """Return the judge as compute_score takes it."""
    if judge is None or judge.get("backend") != "local":
        return judge
    return LocalJudge(Path(str(judge["model"])), reasoned=judge.get("decode") == "reasoned")


def checked_answers(system: System, session: Session, table: pd.DataFrame) -> list[Answer]:
    """Return the answers to some rows. Raises PluginError unless they are one per row, of the type Answer."""
    answers = session(table)
    if isinstance(answers, str) or not isinstance(answers, Iterable):
        raise PluginError(
            f"the system {system.name} must return a list of texts, got {answers!r:.60}; correct its answers"
        )
    listed: list[Answer] = list(answers)
    if wrong := [answer for answer in listed if not isinstance(answer, str | Failed | Edited)]:
        raise PluginError(f"the system {system.name} must return texts, got {wrong[0]!r:.60}; correct its answers")
    if len(listed) != len(table):
        raise PluginError(f"the system {system.name} must give {len(table)} answers, one per row, got {len(listed)}")
    return listed


def write_results(results: pd.DataFrame, out: Path) -> None:
    """Write a sealed parquet file atomically, and its folder if there is none."""
    out.parent.mkdir(parents=True, exist_ok=True)
    write_parquet(out, pa.Table.from_pandas(results))


def read_results(path: Path) -> pd.DataFrame:
    """Read the results of an evaluation.

    Raises
    ------
    ValueError : the file has no rows, lacks a column of the tables, or a value of one
    """
    batches = list(arrow_batches(path, RESULTS, others=True))
    columns = [column for batch in batches for column in batch.select(RESULTS.names).columns]
    if not any(map(len, batches)) or any(column.null_count for column in columns):
        raise ValueError(f"{str(path)!r} must hold results without missing values; remove it to evaluate again")
    results: pd.DataFrame = pa.concat_tables(batches).to_pandas()
    return results
