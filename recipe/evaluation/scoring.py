"""Score the answers to held-out rows with the training reward."""

import asyncio
import os
from collections.abc import Mapping, Sequence

import pandas as pd

from iea.reward_fns import compute_score
from iea.reward_fns.result import Score


def score_answers(
    rows: pd.DataFrame, answers: Sequence[str], *, terms: Mapping[str, float] | None = None, judge: object = None
) -> list[Score]:
    """Score one answer per row.

    Parameters
    ----------
    rows : rows of a verl RL parquet
    terms : weights of the reward's terms, see `iea.reward_fns.weights.read_weights`
    judge : of summaries, as `judge` of `iea.reward_fns.compute_score`; one that belongs to an event loop serves one call
    """
    return asyncio.run(_scores(rows, answers, terms, judge))


async def _scores(
    rows: pd.DataFrame, answers: Sequence[str], terms: Mapping[str, float] | None, judge: object
) -> list[Score]:
    workers = os.cpu_count() or 1
    calls = zip(rows.data_source, answers, rows.extra_info, strict=True)
    return await asyncio.gather(
        *(
            compute_score(source, answer, "", extra, terms=terms, judge=judge, workers=workers)
            for source, answer, extra in calls
        )
    )
