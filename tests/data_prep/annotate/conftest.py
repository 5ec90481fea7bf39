"""Pairs of images, and a teacher behind an endpoint that gives up quickly."""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from iea.data_prep.annotate import Question
from iea.data_prep.annotate.online import OnlineConfig, OnlineTeacher, Outcomes, ask
from iea.editor import render
from iea.editor.io import read_image, write_image

GOOD = {
    "reasoning": "The picture is dark. First exposure, then a little warmth.",
    "program": [{"tool": "exposure", "value": 30}, {"tool": "temperature", "value": 15}],
    "expert": ["Raise the exposure and warm the white balance."],
    "amateur": ["It is too dark and cold."],
}


@pytest.fixture
def server(server: Any) -> Any:
    """A server that gives GOOD answers."""
    server.good = GOOD
    server.script = [server.completion()]
    return server


@pytest.fixture
def config(server: Any, key: str, monkeypatch: pytest.MonkeyPatch) -> OnlineConfig:
    monkeypatch.setenv("A_KEY", key)
    return OnlineConfig(
        url=server.url,
        model="m",
        key_env="A_KEY",
        image_side=64,
        attempts=4,
        backoff_s=0.001,
        max_backoff_s=0.002,
        concurrency=1,
        requests_per_minute=1e9,
    )


@pytest.fixture(scope="session")
def make_question(make_photo: Callable[..., Any]) -> Callable[..., Question]:
    """make_question(folder, seed) saves a picture of 120 x 90 and a brighter, warmer one, another for each seed."""

    def make(folder: Path, seed: int = 0, **known: Any) -> Question:
        original, reference = folder / f"{seed}_before.png", folder / f"{seed}_after.png"
        make_photo(original, seed)
        write_image(reference, render(read_image(original), {"exposure": 40, "temperature": 30}))
        return Question(f"test/{seed}", original, reference, **known)

    return make


@pytest.fixture
def question(tmp_path: Path, make_question: Callable[..., Question]) -> Question:
    return make_question(tmp_path / "pictures", operators=("exposure",), requests=("make it brighter",))


KEY = "sk-1234567890-secret"


def _put(config: OnlineConfig, cache: Path, questions: Sequence[Question]) -> tuple[Outcomes, OnlineTeacher]:
    async def asked() -> tuple[Outcomes, OnlineTeacher]:
        teacher = OnlineTeacher(config, cache)
        return await ask(teacher, questions, quiet=True), teacher

    return asyncio.run(asked())


def _put_one(config: OnlineConfig, cache: Path, question: Question) -> tuple[Any, OnlineTeacher]:
    outcomes, teacher = _put(config, cache, [question])
    (outcome,) = [*outcomes.answers.values(), *outcomes.rejected.values(), *outcomes.unanswered.values()]
    return outcome, teacher


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def put() -> Callable[..., tuple[Outcomes, OnlineTeacher]]:
    """put(config, cache, questions) has every question answered once, as the command does."""
    return _put


@pytest.fixture
def put_one() -> Callable[..., tuple[Any, OnlineTeacher]]:
    """put_one(config, cache, question) gives the answer, or the error in its place."""
    return _put_one


@pytest.fixture
def key() -> str:
    """The endpoint's."""
    return KEY
