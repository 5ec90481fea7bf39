"""Pairs of images, and a teacher behind an endpoint that fails quickly."""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from iea.data_prep.annotate import AnnotationRequest
from iea.data_prep.annotate.online import OnlineTeacher, Outcomes, annotate_all
from iea.data_prep.annotate.online_config import OnlineConfig
from iea.editor import render
from iea.editor.io import read_image, write_image

GOOD = {
    "reasoning": "The image is dark. First exposure, then a little warmth.",
    "program": [{"tool": "exposure", "value": 30}, {"tool": "temperature", "value": 15}],
    "expert": ["Raise the exposure and warm the white balance."],
    "amateur": ["It is too dark and cold."],
}


@pytest.fixture
def server(server: Any) -> Any:
    """A server with GOOD replies."""
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
def make_pair(make_photo: Callable[..., Any]) -> Callable[..., AnnotationRequest]:
    """make_pair(folder, seed) saves an image of 120 x 90 and a brighter, warmer one, different for each seed."""

    def make(folder: Path, seed: int = 0, **known: Any) -> AnnotationRequest:
        original, reference = folder / f"{seed}_before.png", folder / f"{seed}_after.png"
        make_photo(original, seed)
        write_image(reference, render(read_image(original), {"exposure": 40, "temperature": 30}))
        return AnnotationRequest(f"test/{seed}", original, reference, **known)

    return make


@pytest.fixture
def pair(tmp_path: Path, make_pair: Callable[..., AnnotationRequest]) -> AnnotationRequest:
    return make_pair(tmp_path / "images", operators=("exposure",), requests=("make it brighter",))


KEY = "sk-1234567890-secret"


def _put(config: OnlineConfig, cache: Path, requests: Sequence[AnnotationRequest]) -> tuple[Outcomes, OnlineTeacher]:
    async def asked() -> tuple[Outcomes, OnlineTeacher]:
        teacher = OnlineTeacher(config, cache)
        return await annotate_all(teacher, requests, quiet=True), teacher

    return asyncio.run(asked())


def _put_one(config: OnlineConfig, cache: Path, pair: AnnotationRequest) -> tuple[Any, OnlineTeacher]:
    outcomes, teacher = _put(config, cache, [pair])
    (outcome,) = outcomes.values()
    return outcome, teacher


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def put() -> Callable[..., tuple[Outcomes, OnlineTeacher]]:
    """put(config, cache, pairs) annotates every pair once, as the command does."""
    return _put


@pytest.fixture
def put_one() -> Callable[..., tuple[Any, OnlineTeacher]]:
    """put_one(config, cache, pair) returns the annotation, or the error in its place."""
    return _put_one


@pytest.fixture
def key() -> str:
    """Return the key of the endpoint."""
    return KEY
