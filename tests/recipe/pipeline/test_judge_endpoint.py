"""The judge in this process, asked as a server."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from iea.recipe.evaluation.judge.answers import answers, score_of
from iea.recipe.pipeline.judge_endpoint import judge_endpoint, served_name
from iea.reward_fns.judge import JudgeSettings, shared_judge

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]  # transformers' own

PAIRS = [
    ("make it warmer", "make it warmer"),
    ("brighter, less green", "much darker"),
    ("fade it\nslightly", "Prediction: 7"),
]


def test_scores_are_those_of_the_judge(judge: Path) -> None:
    async def ask(settings: Any) -> list[float]:
        asked = shared_judge(JudgeSettings.read(settings, None))
        return await asyncio.gather(*(asked.score(*pair) for pair in PAIRS))

    with judge_endpoint(judge, reasoned=True) as settings:
        scores = asyncio.run(ask(settings))
        again = asyncio.run(ask(settings))
    assert scores == again == [float(score_of(answer)) for answer in answers(judge, PAIRS, reasoned=True)]


def test_an_endpoint_names_its_model(server: Any) -> None:
    with pytest.raises(ValueError, match="--judge must be a folder or an endpoint"):
        served_name(server.url)  # the test's server answers POST alone
    with pytest.raises(ValueError, match="start it first"):
        served_name("http://127.0.0.1:9/v1")
