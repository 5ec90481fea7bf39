"""Send requests to a hostile endpoint: the outcome is a completion or a named error, without the key, and the run goes on."""

import asyncio
import base64
import json
import random
import time
from collections import Counter
from itertools import count
from pathlib import Path
from urllib.parse import unquote

import pytest
from endpoint import KEY, Endpoint, response

from iea.data_prep.annotate import Annotation
from iea.data_prep.annotate.reply import ReplyError, read_reply
from iea.reward_fns.chat import Breaker, ChatClient, ChatError, ChatSettings, Completion, CompletionCache
from iea.reward_fns.chat.usage import Usage
from iea.reward_fns.judge.judge import read_score

CONCURRENCY = 4


def outcome_of(answer: Completion | ChatError) -> str:
    """Return the name of an outcome, after the teacher and the judge have read it. Raises what breaks a promise."""
    shown = f"{answer!r} {answer}"
    assert KEY not in shown and KEY not in unquote(shown) and base64.b64encode(KEY.encode()).decode() not in shown
    assert not any(letter in f"{answer}" for letter in "\n\x1b\x00") or isinstance(answer, Completion)
    if isinstance(answer, ChatError):
        return answer.reason
    assert 0 <= answer.tokens_in <= 10**9 and 0 <= answer.tokens_out <= 10**9
    answer.text.encode()
    try:
        assert isinstance(read_reply(answer), Annotation)
        return "annotation"
    except ReplyError as error:
        json.dumps([error.reason, error.text])
    try:
        return f"score {read_score(answer.answer)}"
    except ChatError as error:
        return f"completion, {error.reason}"


async def ask(seed: int, folder: Path, seconds: float) -> Counter[str]:
    """Send requests for some seconds; return the number of each outcome."""
    outcomes: Counter[str] = Counter()
    server = await asyncio.start_server(Endpoint(seed).serve, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    settings = ChatSettings(
        url=url, model="m", key_env="A_KEY", attempts=1, attempt_timeout_s=0.3, concurrency=CONCURRENCY
    )
    usage = Usage()
    client = ChatClient(settings, cache=CompletionCache(folder), usage=usage, breaker=Breaker(10**9, 0.0))
    numbers, end = count(), time.monotonic() + seconds

    async def work() -> None:
        while time.monotonic() < end:
            number = next(numbers)
            request = {"messages": [{"role": "user", "content": str(number)}], "max_tokens": 9}
            try:
                answer: Completion | ChatError = await client.complete(request)
            except ChatError as error:
                answer = error
            outcomes[outcome_of(answer)] += 1

    await asyncio.gather(*(work() for _ in range(CONCURRENCY)))
    server.close()
    assert usage.cost == 0 and usage.tokens_in >= 0 and usage.requests == outcomes.total()
    return outcomes


@pytest.mark.slow
def test_hostile_responses_breaks_no_promise(
    seed: int, seconds: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    print(f"seed {seed}")
    monkeypatch.setenv("A_KEY", KEY)
    outcomes = asyncio.run(ask(seed, tmp_path, seconds))
    print(outcomes)
    assert {"annotation", "broken_response", "connection", "timeout", "http_429", "http_307"} <= set(outcomes)
    kept = [path.read_text(encoding="utf-8") for path in tmp_path.rglob("*.json")]
    assert kept and not any(KEY in text or KEY in unquote(text) for text in kept)


def test_a_seed_gives_the_same_responses() -> None:
    first, again, other = ([response(random.Random(seed)) for _ in range(1)] for seed in (3, 3, 4))
    assert first == again != other
