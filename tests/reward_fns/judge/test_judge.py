"""The judge with a faulty server: many calls at once, and bounded time.

Faults of an endpoint in general are tested in tests/reward_fns/chat.
"""

import asyncio
import json
from typing import Any

import pytest

from iea.reward_fns.chat import RequestRejectedError
from iea.reward_fns.judge import Judge, JudgeError, JudgeSettings, judge_messages, shared_judge
from iea.reward_fns.judge.judge import read_score
from iea.reward_fns.judge.prompt import REASONED, SCORES

GROUP = 16
PATIENT_S = 60.0  # never reached
SHORT_S = 0.4


def settings(address: str, **changes: Any) -> JudgeSettings:
    values = {"model": "tiny", "url": f"http://{address}/v1", "timeout_s": PATIENT_S, "backoff_s": 0.0}
    return JudgeSettings(**{"backend": "url", **values, **changes})


async def asked(judge: Judge, prediction: str = "warm it up") -> float | str:
    """Return the score, or the text of the error."""
    try:
        return await judge.score("make it warmer", prediction)
    except JudgeError as error:
        return str(error)


def meet(judge_server: Any, replies: list[Any], **changes: Any) -> tuple[list[float | str], int]:
    """Return the outcomes of GROUP calls at once, and the number of requests that the server received."""

    async def main() -> tuple[list[float | str], int]:
        async with judge_server(*replies) as server:
            judge = Judge(settings(server.address, **changes))
            return await asyncio.gather(*(asked(judge) for _ in range(GROUP))), server.requests

    return asyncio.run(main())


@pytest.mark.parametrize("score", SCORES)
def test_every_score_is_read(judge_server: Any, score: str) -> None:
    outcomes, requests = meet(judge_server, [score])
    assert (outcomes, requests) == ([float(score)] * GROUP, GROUP)


def test_a_transient_fault_costs_one_retry(judge_server: Any) -> None:
    nothing = ('{"choices": []}', '{"choices": null, "error": {"code": 502}}', '{"choices": [{}]}')
    replies = ["reset", "truncate", 503, (429, "later", {"Retry-After": "0"}), (200, "<html>", {}), None]
    replies += [*((200, body, {}) for body in nothing), "7"]
    outcomes, requests = meet(judge_server, replies, attempts=len(replies))
    assert (outcomes, requests) == ([7.0] * GROUP, GROUP + 9)


@pytest.mark.parametrize(("reply", "complaint"), [(500, "HTTP 500: busy"), ("truncate", "the connection failed")])
def test_a_lasting_fault_costs_all_attempts(judge_server: Any, reply: Any, complaint: str) -> None:
    outcomes, requests = meet(judge_server, [reply], attempts=3)
    assert all(complaint in str(outcome) for outcome in outcomes), outcomes[0]
    assert requests == 3 * GROUP


@pytest.mark.parametrize(
    "reply",
    [
        *("great", "11", "-11", "7.5", "7.01", "NaN", "-0", "07", "+-7", "7+", "10 out of 10", "７", "1_0"),
        *(
            "7/10",
            "Score: 7/10",
            "- 7",
            "\u22137",
            "\\frac{7}{10}",
            "<b>7</b> <b>8</b>",
            '```json\n{"score": 7, "points": 8}\n```',
            ".7",
            "7 8",
            "7, no: 8",
            "not 7",
            "<think>7</think>",
            "score",
            "*" * 10**6,
        ),
        *((status, "no such model", {}) for status in (400, 401, 403, 404, 422)),
    ],
)
def test_an_answer_without_a_score_is_not_retried(judge_server: Any, reply: Any) -> None:
    outcomes, requests = meet(judge_server, [reply])
    assert all(isinstance(outcome, str) for outcome in outcomes), outcomes[0]
    assert requests == GROUP


@pytest.mark.parametrize("content", ["7", '["7"]'])
def test_a_score_of_another_type_is_not_read(judge_server: Any, content: str) -> None:
    body = f'{{"choices": [{{"message": {{"content": {content}}}}}]}}'
    outcomes, _ = meet(judge_server, [(200, body, {})], attempts=1)
    assert all(isinstance(outcome, str) for outcome in outcomes)


@pytest.mark.parametrize(
    "reply",
    [
        *(" -3\n", "-3.", "**-3**", "`-3`", '"-3"', "(-3)", "Score: -3", "**Score:** -3.", "score -3", '{"score": -3}'),
        *("<think></think> -3", "<think>7? No.</think>\n\n-3", "7?</think>-3", "```\n-3\n```"),
        *("Final score: -3", "**Answer:** -3", "<answer>-3</answer>"),
        *("-3.0", "\u22123", "<score>-3</score>", "\\boxed{-3}", "$\\boxed{-3}$", "-3</s>", "-3<|im_end|>"),
        *('```json\n{"score": -3}\n```', "[THINK]7[/THINK]-3", "<|begin_of_box|>-3<|end_of_box|>", "score = -3"),
    ],
)
def test_marks_and_a_rationale_around_a_score_are_ignored(judge_server: Any, reply: str) -> None:
    assert meet(judge_server, [reply])[0] == [-3.0] * GROUP


@pytest.mark.parametrize(("answer", "score"), [("+7", 7.0), ("+10", 10.0), ("7.00", 7.0), ("0.0", 0.0)])
def test_a_number_equal_to_an_integer_is_read(answer: str, score: float) -> None:
    assert read_score(answer) == score


def said(content: str, finish: str = "stop", refusal: str | None = None) -> tuple[int, str, dict[str, str]]:
    choice = {"message": {"content": content, "refusal": refusal}, "finish_reason": finish}
    return 200, json.dumps({"choices": [choice]}), {}


@pytest.mark.parametrize(
    "reply",
    [said("-1", "length"), said("1", "max_tokens"), said("7", "content_filter"), said("7", refusal="I can't")],
    ids=["cut off", "cut off by another name", "filtered", "refused"],
)
def test_a_score_of_an_incomplete_answer_is_not_read(judge_server: Any, reply: Any) -> None:
    outcomes, requests = meet(judge_server, [reply])
    assert all("a complete answer" in str(outcome) for outcome in outcomes), outcomes[0]
    assert requests == GROUP


def test_an_aborted_answer_is_asked_for_again(judge_server: Any) -> None:
    outcomes, requests = meet(judge_server, [said("-1", "abort"), said("-10")])
    assert (outcomes, requests) == ([-10.0] * GROUP, GROUP + 1)


@pytest.mark.parametrize("awkward", [str, lambda key: "".join(f"\\u{ord(letter):04x}" for letter in key)])
def test_a_key_quoted_by_a_401_is_in_no_error_and_no_log(
    judge_server: Any, awkward: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("A_KEY", "sk-1234567890")
    outcomes, _ = meet(judge_server, [(401, f"bad key {awkward('sk-1234567890')}", {})], key_env="A_KEY")
    assert "bad key ***" in str(outcomes[0]) and "bad key ***" in caplog.text
    assert not any("1234567890" in text or "0031" in text for text in [str(outcomes), caplog.text])


def test_a_slow_judge_gets_two_requests_at_most(judge_server: Any) -> None:
    outcomes, requests = meet(judge_server, ["hang"], timeout_s=SHORT_S, attempts=9)
    assert all("no answer within" in str(outcome) for outcome in outcomes)
    assert requests <= 2 * GROUP


def test_a_judge_is_left_alone_after_eight_failures(judge_server: Any) -> None:
    outcomes, requests = meet(judge_server, [500], attempts=1, concurrency=1)
    assert ["8 requests in a row failed" in str(outcome) for outcome in outcomes] == [False] * 8 + [True] * 8
    assert requests == 8


def test_a_request_is_greedy_seeded_and_restricted_to_integers(judge_server: Any) -> None:
    async def main() -> list[dict[str, Any]]:
        async with judge_server("7") as server:
            await asked(Judge(settings(server.address)), "warm it")
            await asked(Judge(settings(server.address, decode="text")), "warm it")
            return list(server.bodies)

    body, plain = asyncio.run(main())
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


def test_a_reasoned_answer_is_restricted_to_its_pattern(judge_server: Any) -> None:
    async def main() -> tuple[float | str, dict[str, Any]]:
        async with judge_server("tint +25 ; tint +55 near : 8") as server:
            said = await asked(Judge(settings(server.address, decode="reasoned")), "warm it")
            return said, server.bodies[0]

    said, body = asyncio.run(main())
    assert said == 8.0
    assert body["structured_outputs"] == {"regex": REASONED}
    assert body["max_tokens"] == 392


def test_a_key_that_is_not_set_is_named(judge_server: Any) -> None:
    outcomes, requests = meet(judge_server, ["7"], key_env="NO_SUCH_VARIABLE_OF_OURS")
    assert "NO_SUCH_VARIABLE_OF_OURS" in str(outcomes[0])
    assert requests == 0


def test_a_loop_shares_one_judge_per_settings(judge_server: Any) -> None:
    seen: list[Judge] = []

    async def main() -> None:
        async with judge_server("7") as server:
            for _ in range(3):
                seen.append(shared_judge(settings(server.address)))
                assert await asked(seen[-1]) == 7.0
            assert shared_judge(settings(server.address, attempts=7)) is not seen[0]

    asyncio.run(main())
    assert seen[0] is seen[1] is seen[2]


def test_each_kind_of_failure_is_logged_once(judge_server: Any, caplog: pytest.LogCaptureFixture) -> None:
    meet(judge_server, [500, "great"], attempts=1, concurrency=1)
    assert [text.rpartition("logged): ")[2][:20] for text in caplog.messages] == [
        "HTTP 500: busy",
        "a score must be an i",
    ]


def test_a_reasoned_answer_ends_with_its_score() -> None:
    assert read_score("tint + 25 ; tint - 25 opposite : -10", reasoned=True) == -10.0
    assert read_score("tint + 25 ; vague : - 3", reasoned=True) == -3.0
    for cut_short in ("tint + 25 ; tint - 25", "7", "tint + 25 ; vague :", "tint + 25 ; vague : 70"):
        with pytest.raises(RequestRejectedError, match="integer from -10 to 10"):
            read_score(cut_short, reasoned=True)
    with pytest.raises(RequestRejectedError, match="integer from -10 to 10, got '12'"):
        read_score("12")
