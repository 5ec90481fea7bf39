"""Evaluate a system on held-out rows of any task with the training reward.

    iea evaluate --model work/seed-0/stage1/huggingface --data work/data/stage2/val.parquet --out sft.parquet

Summaries need a judge: a folder, `--judge-model work/judge/huggingface --judge-decode reasoned`, which answers in this
process, or an endpoint, `--judge-url http://127.0.0.1:8000/v1 --judge-model judge`. Without one their `error` is 1.
`--system gray` hides the photographs from the policy, `--system shuffled` shows it other pairs.
"""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

import pandas as pd
import pyarrow as pa

from iea.data_prep.check import read_checked
from iea.data_prep.files import write_parquet
from iea.data_prep.runner.tables import arrow_batches
from iea.editor.plugins import PluginError
from iea.recipe.evaluation.judge.local_judge import LocalJudge
from iea.recipe.evaluation.scoring import score_answers
from iea.recipe.evaluation.systems import Settings, System
from iea.reward_fns.prompts import IMAGE
from iea.reward_fns.tasks import SOURCES
from iea.reward_fns.terms import TERMS

FACTS = ("index", "photo", "kind", "original", "reference", "program")
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


def evaluate(
    system: System, rows: Path, settings: Settings, *, judge: Mapping[str, object] | None = None
) -> pd.DataFrame:
    """Collect the answers of a system to the rows of its tasks, and score them.

    Parameters
    ----------
    system : one of SYSTEMS
    rows : verl RL parquet
    settings : options of the system; its `terms` are the weights of the reward
    judge : judge of summaries, as in `iea.reward_fns.judge.JudgeSettings`, or with the backend "local": `model` is a folder,
        and the judge answers in this process; `decode` as there

    Returns
    -------
    one line per row: FACTS, the `data_source`, the `instruction`, the `answer` and the keys of `iea.reward_fns.result.RANGES`

    Raises
    ------
    ValueError : the file has no rows, other columns, or a row that cannot be used; no row can be scored; the system needs a setting that is
        missing, or does not answer every row with a text (PluginError)
    """
    table = _rows_of(system, read_checked(rows, "EVALUATED"), rows)
    _refuse_missing_images(table, rows)
    answers = _answers(system, table, settings)
    scores = score_answers(table, answers, terms=settings.terms, judge=_judge(judge))
    if all(score["error"] for score in scores):
        raise ValueError(f"an evaluation must score rows, got {len(scores)} errors for {len(scores)} rows; see the log")
    lines = zip(table.data_source, table.prompt, table.extra_info, answers, scores, strict=True)
    return pd.DataFrame(
        [
            {key: extra[key] for key in FACTS}
            | {"data_source": source, "instruction": prompt[-1]["content"].replace(IMAGE, ""), "answer": answer}
            | score
            for source, prompt, extra, answer, score in lines
        ]
    )


def _rows_of(system: System, table: pd.DataFrame, path: Path) -> pd.DataFrame:
    """Return the rows of the tasks that a system answers. Raises ValueError if there are none."""
    if system.tasks is None:
        return table
    kept = table[table.data_source.isin([name for name, task in SOURCES.items() if task.name in system.tasks])]
    if kept.empty:
        raise ValueError(f"{str(path)!r} must hold rows of {', '.join(system.tasks)} for {system.name}, got none")
    return kept.reset_index(drop=True)


def _judge(judge: Mapping[str, object] | None) -> object:
    """Return the judge as compute_score takes it."""
    if judge is None or judge.get("backend") != "local":
        return judge
    return LocalJudge(Path(str(judge["model"])), reasoned=judge.get("decode") == "reasoned")


def _refuse_missing_images(table: pd.DataFrame, rows: Path) -> None:
    """Raise ValueError if a row names an image that does not exist: its score would be that of an error, for good."""
    named = {extra[key] for extra in table.extra_info for key in IMAGES if extra.get(key)}
    if missing := sorted(path for path in named if not os.path.isfile(path)):
        raise ValueError(
            f"the images of {str(rows)!r} must exist, but {len(missing)} of {len(named)} do not, such as {missing[0]!r}; "
            "mount or restore their folder, or make the rows again"
        )


def _answers(system: System, table: pd.DataFrame, settings: Settings) -> list[str]:
    """Return the answers of a system. Raises PluginError unless they are one text per row."""
    answers = system.answers(table, settings)
    if isinstance(answers, str) or not isinstance(answers, Iterable):
        raise PluginError(
            f"the system {system.name} must return a list of texts, got {answers!r:.60}; correct its answers"
        )
    listed = list(answers)
    if wrong := [answer for answer in listed if not isinstance(answer, str)]:
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
