"""The judge under faults: a real server that misbehaves, many calls at once, and nobody waits for ever."""

import asyncio
import gc
from collections.abc import Callable
from typing import Any

import pytest

from iea.reward_fns.judge.breaker import Breaker
from iea.reward_fns.judge.client import Judge, shared_judge
from iea.reward_fns.judge.failures import JudgeError
from iea.reward_fns.judge.http import HttpJudge
from iea.reward_fns.judge.prompt import REASONED, SCORES, judge_messages
from iea.reward_fns.judge.settings import JudgeSettings

AT_ONCE = 16
PATIENT_S = 60.0  # never reached
SHORT_S = 0.4
HTML = "<html><body>Bad gateway</body></html>"


def settings(address: str, **changes: Any) -> JudgeSettings:
    values = {"model": "tiny", "url": f"http://{address}/v1", "deadline_s": PATIENT_S, "backoff_s": 0.0}
    return JudgeSettings(**{"backend": "url", **values, **changes})


async def asked(judge: Judge, prediction: str = "warm it up") -> float | str:
    """The score, or the text of the failure."""
    try:
        return await judge.score("make it warmer", prediction)
    except JudgeError as error:
        return str(error)


def meet(judge_server: Any, replies: list[Any], **changes: Any) -> tuple[list[float | str], int]:
    """What AT_ONCE calls at once come to, and how many requests the server saw."""

    async def main() -> tuple[list[float | str], int]:
        async with judge_server(*replies) as server:
            judge = Judge(settings(server.address, **changes))
            return await asyncio.gather(*(asked(judge) for _ in range(AT_ONCE))), server.requests

    return asyncio.run(main())


@pytest.mark.parametrize("score", SCORES)
def test_every_score_is_read(judge_server: Any, score: str) -> None:
    outcomes, requests = meet(judge_server, [score])
    assert (outcomes, requests) == ([float(score)] * AT_ONCE, AT_ONCE)


@pytest.mark.parametrize(
    ("fault", "replies", "more"),
    [
        ("restarting", ["reset", 503, "7"], 2),
        ("truncated", ["truncate", "7"], 1),
        ("overloaded", [(429, "later", {"Retry-After": "0"}), "7"], 1),
        ("failing now and then", [500, 502, 504, "7"], 3),
    ],
)
def test_faults_that_pass_cost_a_retry_each(
    judge_server: Any, fault: str, replies: list[Any], more: int
) -> None:
    outcomes, requests = meet(judge_server, replies, retries=4)
    assert (outcomes, requests) == ([7.0] * AT_ONCE, AT_ONCE + more)


@pytest.mark.parametrize(
    ("reply", "complaint"),
    [
        (500, "HTTP 500: busy"),
        (429, "HTTP 429"),
        ("reset", "ServerDisconnected"),
        ("truncate", "ContentLength"),
    ],
)
def test_faults_that_stay_are_tried_as_often_as_configured(
    judge_server: Any, reply: Any, complaint: str
) -> None:
    outcomes, requests = meet(judge_server, [reply], retries=2)
    assert all(complaint in str(outcome) for outcome in outcomes), outcomes[0]
    assert requests == 3 * AT_ONCE


@pytest.mark.parametrize(
    "reply",
    [
        *("great", "", "11", "-11", "7.5", "NaN", "+7", "-0", "07", "10 out of 10", "７", "1_0", None, ["7"]),
        *(
            (200, body, {})
            for body in (HTML, "", "null", "[]", '{"choices": []}', '{"choices": [{}]}', "[" * 10**5)
        ),
        (200, '{"choices": [{"message": {"content": 7}}]}', {}),
        *((status, "no such model", {}) for status in (400, 401, 404, 422)),
    ],
)
def test_nonsense_is_no_score_and_is_not_asked_for_again(judge_server: Any, reply: Any) -> None:
    outcomes, requests = meet(judge_server, [reply])
    assert all(isinstance(outcome, str) for outcome in outcomes), outcomes[0]
    assert requests == AT_ONCE


def test_white_space_around_a_score_is_none_of_our_business(judge_server: Any) -> None:
    assert meet(judge_server, [" -3\n"])[0] == [-3.0] * AT_ONCE


def test_a_judge_that_is_down_is_no_judge(judge_server: Any) -> None:
    async def main() -> list[float | str]:
        async with judge_server("7") as server:
            address = server.address
        judge = Judge(settings(address, retries=1))
        return await asyncio.gather(*(asked(judge) for _ in range(AT_ONCE)))

    assert all("ClientConnectorError" in str(outcome) for outcome in asyncio.run(main()))


def test_a_judge_slower_than_the_deadline_is_asked_twice_at_most(judge_server: Any) -> None:
    outcomes, requests = meet(judge_server, ["hang"], deadline_s=SHORT_S, retries=9)
    assert all("no answer within" in str(outcome) for outcome in outcomes)
    assert requests <= 2 * AT_ONCE


def test_a_request_that_got_lost_is_made_once_more(judge_server: Any) -> None:
    async def main() -> tuple[float | str, int]:
        async with judge_server("hang", "7") as server:
            return await asked(Judge(settings(server.address, deadline_s=3.0))), server.requests

    assert asyncio.run(main()) == (7.0, 2)


def test_a_retry_later_than_the_deadline_is_not_waited_for(judge_server: Any) -> None:
    outcomes, requests = meet(
        judge_server, [(429, "much later", {"Retry-After": "3600"}), "7"], concurrency=1
    )
    assert "HTTP 429" in str(outcomes[0])
    assert outcomes[1:] == [7.0] * (AT_ONCE - 1)
    assert requests == AT_ONCE


def test_no_more_requests_run_at_once_than_configured(judge_server: Any) -> None:
    running: list[int] = []

    async def main() -> list[float | str]:
        async with judge_server("7") as server:
            judge = Judge(settings(server.address, concurrency=3))
            ask, now = judge._backend.ask, 0

            async def counted(*pair: str) -> float:
                nonlocal now
                now += 1
                running.append(now)
                try:
                    return await ask(*pair)
                finally:
                    now -= 1

            judge._backend.ask = counted  # type: ignore[method-assign]
            return await asyncio.gather(*(asked(judge) for _ in range(AT_ONCE)))

    assert asyncio.run(main()) == [7.0] * AT_ONCE
    assert max(running) == 3


def test_a_judge_that_failed_again_and_again_is_left_alone_and_then_tried(judge_server: Any) -> None:
    now = [0.0]

    async def main() -> None:
        async with judge_server(500, 500, 500, "7") as server:
            breaker = Breaker(limit=2, pause_s=30.0, clock=lambda: now[0])
            judge = Judge(settings(server.address, retries=0), breaker)
            outcomes = [await asked(judge) for _ in range(5)]
            assert ["left alone" in str(outcome) for outcome in outcomes] == [False] * 2 + [True] * 3
            assert server.requests == 2
            now[0] = 31.0
            assert "HTTP 500" in str(await asked(judge))
            assert "left alone" in str(await asked(judge))
            now[0] = 62.0
            assert [await asked(judge) for _ in range(3)] == [7.0] * 3

    asyncio.run(main())


def test_a_cancelled_call_leaves_its_slot_to_others(judge_server: Any) -> None:
    async def main() -> float | str:
        async with judge_server("hang", "7") as server:
            judge = Judge(settings(server.address, concurrency=1))
            first = asyncio.create_task(asked(judge))
            while not server.requests:
                await asyncio.sleep(0)
            first.cancel()
            return await asked(judge)

    assert asyncio.run(main()) == 7.0


def test_a_request_is_greedy_seeded_and_held_to_the_integers(
    judge_server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUDGE_KEY", "secret")

    async def main() -> tuple[dict[str, Any], dict[str, str], dict[str, Any]]:
        async with judge_server("7") as server:
            await asked(Judge(settings(server.address, key_env="JUDGE_KEY")), "warm it")
            await asked(Judge(settings(server.address, decode="text")), "warm it")
            return server.bodies[0], server.headers[0], server.bodies[1]

    body, headers, plain = asyncio.run(main())
    assert headers["Authorization"] == "Bearer secret"
    assert body.pop("structured_outputs") == {"choice": [str(score) for score in range(-10, 11)]}
    assert body.pop("chat_template_kwargs") == {"enable_thinking": False}
    assert body == plain
    assert body == {
        "model": "tiny",
        "messages": judge_messages("make it warmer", "warm it"),
        "temperature": 0,
        "seed": 0,
        "max_tokens": 8,
    }


def test_a_reasoned_answer_is_held_to_its_pattern_and_has_room(judge_server: Any) -> None:
    async def main() -> tuple[float | str, dict[str, Any]]:
        async with judge_server("tint +25 ; tint +55 near : 8") as server:
            said = await asked(Judge(settings(server.address, decode="reasoned")), "warm it")
            return said, server.bodies[0]

    said, body = asyncio.run(main())
    assert said == 8.0
    assert body["structured_outputs"] == {"regex": REASONED}
    assert body["max_tokens"] == 392


def test_a_key_that_is_not_in_the_environment_is_named(judge_server: Any) -> None:
    outcomes, requests = meet(judge_server, ["7"], key_env="NO_SUCH_VARIABLE_OF_OURS")
    assert "NO_SUCH_VARIABLE_OF_OURS" in str(outcomes[0])
    assert requests == 0


def test_a_loop_has_one_judge_and_one_session_and_they_end_together(judge_server: Any) -> None:
    seen: list[Judge] = []

    async def main() -> None:
        async with judge_server("7") as server:
            for _ in range(3):
                seen.append(shared_judge(settings(server.address)))
                assert await asked(seen[-1]) == 7.0
            assert len(server.connections) == 1
            assert shared_judge(settings(server.address, retries=7)) is not seen[0]

    asyncio.run(main())
    gc.collect()  # an unclosed session would warn now, and warnings are errors
    assert seen[0] is seen[1] is seen[2]
    assert isinstance(seen[0]._backend, HttpJudge)
    assert seen[0]._backend._session is not None and seen[0]._backend._session.closed


def test_each_kind_of_failure_is_logged_once(judge_server: Any, caplog: pytest.LogCaptureFixture) -> None:
    meet(judge_server, [500, "great"], retries=0, concurrency=1)
    assert [text.split(": ", 1)[1][:20] for text in caplog.messages] == [
        "HTTP 500: busy",
        "a score must be an i",
    ]


@pytest.mark.parametrize(
    ("header", "seconds"), [(None, 0), ("7", 7), ("0.5", 0.5), ("-3", 0), ("soon", 0), ("nan", 0)]
)
def test_a_wait_is_read_from_seconds(header: str | None, seconds: float) -> None:
    from iea.reward_fns.judge.http import retry_after_s

    assert retry_after_s(header) == seconds


def test_a_wait_is_read_from_a_date(monkeypatch: pytest.MonkeyPatch) -> None:
    from iea.reward_fns.judge import http

    monkeypatch.setattr(http.time, "time", lambda: 1_000_000_000.0)
    assert http.retry_after_s("Sun, 09 Sep 2001 01:46:50 GMT") == 10.0
    assert http.retry_after_s("Sun, 09 Sep 2001 01:46:30 GMT") == 0.0


def test_a_body_is_read_as_the_server_wrote_it(completion: Callable[[Any], str]) -> None:
    from iea.reward_fns.judge.http import read_score

    assert read_score(completion("-10")) == -10.0
    assert read_score(completion("tint + 25 ; tint - 25 opposite : -10"), reasoned=True) == -10.0
    assert read_score(completion("tint + 25 ; vague : - 3"), reasoned=True) == -3.0
    for cut_short in ("tint + 25 ; tint - 25", "7", "tint + 25 ; vague :", "tint + 25 ; vague : 70"):
        with pytest.raises(JudgeError, match="integer from -10 to 10"):
            read_score(completion(cut_short), reasoned=True)
    with pytest.raises(JudgeError, match="integer from -10 to 10, got '12'"):
        read_score(completion("12"))
