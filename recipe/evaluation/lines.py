"""Make the lines of results: score and measure the answers to some rows."""

import asyncio
import logging
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import nan
from typing import Any

import pandas as pd

from iea.data_prep.language.local_edits import asks_for_local_edit
from iea.editor import ProgramError
from iea.recipe.evaluation.edited import NEEDS_PROGRAM, compared_answer, measure_row, score_edited
from iea.recipe.evaluation.editors import OURS
from iea.recipe.evaluation.metrics.compared import Compared
from iea.recipe.evaluation.metrics.measure import ready
from iea.recipe.evaluation.metrics.metric import Metric, MetricSettings
from iea.recipe.evaluation.systems.system import Answer, Edited, Failed
from iea.reward_fns import compute_score
from iea.reward_fns.judge import JudgeError
from iea.reward_fns.parse import parse_answer
from iea.reward_fns.prompts import IMAGE
from iea.reward_fns.result import Score, failed_score
from iea.reward_fns.tasks import SOURCES
from iea.reward_fns.workers import WorkerDied, WorkerError, WorkerTimeout, shared_pool

FACTS = ("index", "photo", "kind", "original", "reference", "program")
OTHERS = ("name", "previous", "text")
"""Further texts of a row, "" where a file of an earlier version has none."""
_log = logging.getLogger(__name__)
LIMIT_S = 600.0  # of scoring or measuring one row


class NoJudge:
    """A judge for evaluations without one: the checks before it and ROUGE-L are computed, R_align is not."""

    async def score(self, reference: str, prediction: str) -> float:
        """Raise JudgeError: no judge was given."""
        raise JudgeError("no judge was given")


@dataclass(frozen=True)
class Scoring:
    """Settings of scoring, and the loaded metrics.

    terms : weights of the reward's terms; None = the default
    judge : of summaries, as `judge` of `iea.reward_fns.compute_score`
    light : names of the metrics that worker processes compute
    heavy : function of the others, which have weights in this process
    """

    terms: Mapping[str, float] | None = None
    judge: object = None
    light: tuple[str, ...] = ()
    heavy: Callable[[Compared | None], dict[str, float]] = field(default=lambda _: {})

    @classmethod
    def of(cls, metrics: Iterable[Metric], settings: MetricSettings, **others: Any) -> "Scoring":
        """Load the weights of metrics. Those of images without weights are computed in worker processes."""
        wanted = [metric for metric in metrics if metric.images or metric.texts]
        light = [metric for metric in wanted if metric.images and not metric.unavailable(MetricSettings())]
        heavy = ready([metric for metric in wanted if metric not in light], settings)
        return cls(light=tuple(metric.name for metric in light), heavy=heavy, **others)


async def lines_of(rows: pd.DataFrame, answers: Sequence[Answer], scoring: Scoring) -> list[dict[str, Any]]:
    """Return one line per row: FACTS, OTHERS, `data_source`, `instruction`, `answer`, and

    scope : "local" for a request for an edit of a part of the image, else "global"
    oracle_r_like : of the row, NaN where it has none
    failure, failure_text : reason why the row failed, "" = it did not
    editor : name of the editor that the answer was read for
    edited, resized : path of a finished image, and the change of its size as of `iea.recipe.evaluation.edited.fitted`
    the keys of `iea.reward_fns.result.RANGES`, and a value of every metric of `scoring`; NaN = does not apply
    """
    scopes = rows.get("scope", [""] * len(rows))
    columns = zip(rows.data_source, rows.prompt, rows.extra_info, scopes, answers, strict=True)
    return list(await asyncio.gather(*(_line(*row, scoring) for row in columns)))


async def _line(
    source: str,
    prompt: Sequence[Mapping[str, str]],
    extra: Mapping[str, Any],
    stated: str,
    answer: Answer,
    scoring: Scoring,
) -> dict[str, Any]:
    score, answer, change = await _scored(source, extra, answer, scoring)
    failure = answer if isinstance(answer, Failed) else _failure(source, answer, score)
    row = (source, extra, answer)
    values = scoring.heavy(None) | dict.fromkeys(scoring.light, nan)
    if not score["error"]:
        values |= await _in_worker(measure_row, scoring.light, *row) if scoring.light else {}
        values |= scoring.heavy(compared_answer(*row)) if scoring.heavy(None) else {}
    oracle = extra.get("oracle_r_like")
    return {
        **{key: extra[key] for key in FACTS},
        **{key: str(extra.get(key) or "") for key in OTHERS},
        "data_source": source,
        "instruction": prompt[-1]["content"].replace(IMAGE, ""),
        "answer": answer if isinstance(answer, str) else getattr(answer, "answer", ""),
        "scope": scope(extra, str(stated or "")),
        "oracle_r_like": float(oracle) if isinstance(oracle, int | float) else nan,
        "failure": failure.reason,
        "failure_text": failure.text,
        "editor": getattr(answer, "editor", "") or OURS,
        "edited": getattr(answer, "path", ""),
        "resized": change,
        **score,
        **values,
    }


async def _scored(source: str, extra: Mapping[str, Any], answer: Answer, scoring: Scoring) -> tuple[Score, Answer, str]:
    """Return the score of a row, its answer, which is Failed if its image cannot be read, and the change of the image's size."""
    if isinstance(answer, Edited):
        try:
            found: tuple[Score, str] | Failed = await _in_worker(score_edited, extra, answer, scoring.terms)
        except (WorkerError, WorkerTimeout, WorkerDied) as error:  # an image of the row itself, or the machine
            _log.error("a row of %s gets error = 1: %s", source, error)
            return failed_score(0), answer, ""
        if not isinstance(found, Failed):
            return found[0], answer, found[1]
        answer = found
    text = answer if isinstance(answer, str) else ""
    options: dict[str, Any] = {"timeout_s": LIMIT_S, "workers": _workers()}
    score = await compute_score(source, text, "", dict(extra), terms=scoring.terms, judge=scoring.judge, **options)
    if isinstance(scoring.judge, NoJudge) and score["fallback"]:
        score |= {"score": nan, "first_score": nan, "judge": nan}
    if isinstance(answer, Failed) and answer.image:
        score |= dict.fromkeys(NEEDS_PROGRAM, nan)
    return score, answer, ""


def _failure(source: str, answer: Answer, score: Score) -> Failed:
    """Return the fault of an answer; with the reason "" where there is none."""
    if score["parsable"] or not isinstance(answer, str):
        return Failed("")
    if "d_after" not in SOURCES[source].reported:
        return Failed("rejected", "not a sentence for the judge")
    try:
        parse_answer(answer)
    except ProgramError as error:
        return Failed(error.reason, str(error))
    return Failed("error", "the row could not be scored")


def scope(extra: Mapping[str, Any], stated: str = "") -> str:
    """Return "local" for a row that is for an edit of a part of the image, by its test set or by its request, else "global".

    Parameters
    ----------
    stated : scope that the test set states, "" = none

    >>> scope({"text": "make the sky darker"}), scope({"text": "make it darker"}), scope({}, "local")
    ('local', 'global', 'local')
    """
    return stated or ("local" if asks_for_local_edit(str(extra.get("text") or "")) else "global")


def _workers() -> int:
    return os.cpu_count() or 1


async def _in_worker(function: Callable[..., Any], *arguments: Any) -> Any:
    return await shared_pool(_workers()).run(LIMIT_S, function, *arguments)
