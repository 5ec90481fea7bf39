"""Evaluate the stages: the results of every system on every set of rows, HOME/evaluation/SET/SYSTEM.parquet."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from iea.data_prep.files import write_parquet
from iea.recipe.evaluation.evaluate import evaluate, write_results
from iea.recipe.evaluation.systems import SYSTEMS, Settings
from iea.recipe.pipeline.judge_endpoint import judge_endpoint, served_name
from iea.recipe.pipeline.lane import LABEL_NOISE
from iea.recipe.pipeline.run import Run, is_url

PROGRAMS = ("iea/edit", "iea/auto", "iea/refine")  # sources of rows whose answer is a program
SUMMARIES = ("iea/summary",)
GPU_TOKENS, LANE_TOKENS = 512, 96  # of the longest answer


@dataclass(frozen=True)
class Evaluation:
    """One system to evaluate.

    name : of its results
    system : one of SYSTEMS
    sources : data sources of its rows; none = all
    """

    name: str
    system: str = "checkpoint"
    sources: Sequence[str] = field(default=())


BEFORE = (Evaluation("true_programs", "true_programs", PROGRAMS), Evaluation("noisy_labels", "noisy_labels", PROGRAMS))
"""Without a policy, on the lane: what the labels allow."""
CONTROLS: Mapping[str, Sequence[Evaluation]] = {
    "stage1": (Evaluation("stage1_shrunk", "shrunk", PROGRAMS),),
    "stage3": (Evaluation("stage3_gray", "gray", PROGRAMS), Evaluation("stage3_shuffled", "shuffled", SUMMARIES)),
}
"""Stage -> the controls of its policy."""


def evaluate_policy(run: Run, name: str, model: Path) -> None:
    """Evaluate a policy and its controls on every set, unless that is done."""
    wanted = [Evaluation(name), *(one for one in CONTROLS.get(name, ()) if one.system in SYSTEMS)]
    evaluate_all(run, wanted, model)


def evaluate_all(run: Run, wanted: Sequence[Evaluation], model: Path | None = None) -> None:
    """Write the missing results of these systems. Summaries are scored by the judge, and left out where there is none.

    Raises
    ------
    RuntimeError : rows could not be scored
    """
    missing = [(rows, one) for rows in run.sets() for one in wanted if not _is_done(run, rows, one.name)]
    if not missing:
        return
    tokens = LANE_TOKENS if run.lane else GPU_TOKENS
    settings = Settings(model=model, max_new_tokens=tokens, noise=LABEL_NOISE, seed=run.seed)
    with judge_of(run, run.has_judge and any(one.sources != PROGRAMS for _, one in missing)) as judge:
        for rows, one in missing:
            sources = one.sources or (() if run.has_judge else PROGRAMS)
            with _chosen(run.data / f"{rows}.parquet", sources) as path:
                results = evaluate(SYSTEMS[one.system], path, settings, judge=judge)
            if errors := int(results.error.sum() + results.fallback.sum()):  # of the machine: written, they would stay
                raise RuntimeError(
                    f"cannot score {errors} of {len(results)} rows of {rows} by {one.name}; see the log, and start again"
                )
            write_results(results, run.evaluation(rows, one.name))
            print(
                f"evaluated {one.name} on {len(results)} rows of {rows}: reward {results.score.mean():.3f}", flush=True
            )


@contextmanager
def judge_of(run: Run, needed: bool) -> Iterator[Mapping[str, object] | None]:
    """Serve the judge of summaries; yield the settings of the reward, None where it is not needed."""
    if not needed:
        yield None
    elif run.judge and is_url(run.judge):
        yield {"backend": "url", "url": run.judge, "model": served_name(run.judge)}
    else:
        with judge_endpoint(Path(run.judge) if run.judge else run.own_judge, reasoned=run.lane) as judge:
            yield judge


def _is_done(run: Run, rows: str, name: str) -> bool:
    """Return True if there are results, and newer ones than the rows."""
    out, source = run.evaluation(rows, name), run.data / f"{rows}.parquet"
    return out.exists() and out.stat().st_mtime >= source.stat().st_mtime


@contextmanager
def _chosen(rows: Path, sources: Sequence[str]) -> Iterator[Path]:
    """Yield a file of the rows of these sources; the file itself for all."""
    if not sources:
        yield rows
        return
    table: Any = pq.read_table(rows)
    part = rows.with_name(f".{rows.stem}-part.parquet")
    write_parquet(part, table.filter(pc.is_in(table["data_source"], pa.array(list(sources)))))
    try:
        yield part
    finally:
        part.unlink()
