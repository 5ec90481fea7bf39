"""Settings of a client that gives up quickly, and requests made with it."""

import asyncio
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from iea.reward_fns.chat import ChatClient, ChatError, ChatSettings, Completion

sys.path.insert(0, str(Path(__file__).parent))  # makes asked.py importable from the tests of this folder

KEY = "sk-1234567890-secret"


@pytest.fixture
def key() -> str:
    """The API key of the settings."""
    return KEY


@pytest.fixture
def settings(server: Any, monkeypatch: pytest.MonkeyPatch) -> ChatSettings:
    monkeypatch.setenv("A_KEY", KEY)
    return ChatSettings(
        url=server.url, model="m", key_env="A_KEY", attempts=4, backoff_s=0.001, max_backoff_s=0.002, concurrency=1
    )


def _complete(
    settings: ChatSettings, requests: Sequence[Mapping[str, Any]], **parts: Any
) -> list[Completion | ChatError]:
    async def outcomes() -> list[Any]:
        client = ChatClient(settings, **parts)
        return await asyncio.gather(*map(client.complete, requests), return_exceptions=True)

    return asyncio.run(outcomes())


@pytest.fixture
def complete() -> Callable[..., list[Completion | ChatError]]:
    """complete(settings, requests, **parts of ChatClient) gives completions, or errors in their places."""
    return _complete
