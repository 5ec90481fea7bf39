"""What is asked is paid once, within the limits and the budget, and the key stays secret."""

import asyncio
import logging
import threading
from dataclasses import replace
from typing import Any

import pytest

from iea.data_prep.annotate.answers import Answers
from iea.data_prep.annotate.endpoint import Endpoint
from iea.data_prep.annotate.ledger import Budget, Ledger


def test_nothing_is_paid_twice(server, config, answers, tmp_path, make_question, put):
    questions = [make_question(tmp_path / "first", seed) for seed in range(3)]
    first, _ = put(config, answers, questions)
    assert len(server.seen) == 3
    moved = [make_question(tmp_path / "second", seed) for seed in range(3)]
    again, ledger = put(replace(config, url="http://127.0.0.1:9/v1"), answers, moved)
    assert again.answers == first.answers, "the same pictures in another folder are the same question"
    assert len(server.seen) == 3
    assert (ledger.requests, ledger.cache_hits, ledger.cost) == (0, 3, 0)


@pytest.mark.parametrize(
    "change", [{"model": "other"}, {"side": 32}, {"form": "none"}, {"max_tokens": 9}, {"temperature": 0.5}]
)
def test_whatever_decides_the_answer_makes_another_question(
    change, server, config, answers, question, put_one
):
    put_one(config, answers, question)
    put_one(replace(config, **change), answers, question)
    assert len(server.seen) == 2


def test_another_picture_or_request_makes_another_question(
    server, config, answers, question, tmp_path, make_question, put_one
):
    put_one(config, answers, question)
    put_one(config, answers, replace(question, requests=("darker",)))
    put_one(config, answers, replace(question, original=make_question(tmp_path, 7).original))
    put_one(config, answers, replace(question, name="another/name"))
    assert len(server.seen) == 3, "the name is not sent, so it does not count"


def test_two_questions_alike_are_paid_once_though_asked_at_once(server, config, answers, question, put):
    same = [replace(question, name=f"{number}") for number in range(4)]
    outcomes, ledger = put(config, answers, same, at_once=4)
    assert len(outcomes.answers) == 4 and len(server.seen) == 1 and ledger.cache_hits == 3


def test_as_many_questions_are_under_way_as_allowed_and_no_more(
    server, config, answers, tmp_path, make_question, put
):
    met, under_way, most = threading.Barrier(2, timeout=20), 0, 0

    def together(handler: Any) -> None:
        nonlocal under_way, most
        with server.lock:
            under_way += 1
            most = max(most, under_way)
        met.wait()  # breaks, and the test with it, unless two are under way
        with server.lock:
            under_way -= 1
        server.completion()(handler)

    server.script = [together]
    outcomes, _ = put(config, answers, [make_question(tmp_path, seed) for seed in range(6)], at_once=2)
    assert len(outcomes.answers) == 6 == len(server.seen) and most == 2


def test_tries_wait_for_the_rate_limit_like_all_requests(server, config, answers, question, key):
    server.script = [server.status(500), server.completion()]
    slow = replace(config, requests_per_minute=0.001)

    async def asked() -> bool:
        async with slow.connected(key) as client:
            ledger = Ledger()
            asking = asyncio.ensure_future(Endpoint(slow, client, Answers(answers), ledger).answer(question))
            while not ledger.retries:
                await asyncio.sleep(0)
            done, _ = await asyncio.wait({asking}, timeout=0.3)
            asking.cancel()
            return bool(done)

    assert not asyncio.run(asked())
    assert len(server.seen) == 1, "the second try's turn is in sixteen hours"


def test_the_budget_ends_the_asking_and_what_is_done_stays_done(
    server, config, answers, tmp_path, make_question, put
):
    questions = [make_question(tmp_path, seed) for seed in range(5)]
    dear = Budget(price_in=1000, price_out=10000, money=4.5)  # 1 + 1 an answer
    outcomes, ledger = put(config, answers, questions, budget=dear)
    assert len(server.seen) == 2 == len(outcomes.answers) and ledger.cost == 4
    assert [one.reason for one in outcomes.unanswered.values()] == ["budget"] * 3
    outcomes, ledger = put(config, answers, questions, budget=dear)
    assert len(server.seen) == 4 == len(outcomes.answers) and ledger.cache_hits == 2
    outcomes, ledger = put(config, answers, questions[::-1], budget=Budget(tokens=1200))
    assert len(outcomes.answers) == 5 == len(server.seen), "a spent budget is no hindrance to what is known"
    assert ledger.tokens_in + ledger.tokens_out == 1100


def test_questions_under_way_count_against_the_budget(server, config, answers, tmp_path, make_question, put):
    questions = [make_question(tmp_path, seed) for seed in range(12)]
    put(config, answers, questions[:1])
    outcomes, ledger = put(config, answers, questions[1:], at_once=4, budget=Budget(tokens=6600))
    assert ledger.tokens_in + ledger.tokens_out <= 6600 and len(outcomes.answers) >= 4


def test_the_key_is_in_no_log_no_file_and_no_error_even_if_the_server_quotes_it(
    server, config, answers, tmp_path, make_question, caplog, put, key
):
    caplog.set_level(logging.DEBUG)
    server.script = [
        server.completion(server.good | {"reasoning": f"Your key is {key}."}),
        server.status(400, f"Incorrect API key provided: {key}"),
        server.completion(f"not JSON but {key}"),
        server.completion(None, rejection=f"not with {key}"),
        server.status(401, f"Incorrect API key provided: {key}"),
    ]
    outcomes, _ = put(config, answers, [make_question(tmp_path / "p", seed) for seed in range(4)])
    assert len(server.seen) == 5 and server.keys == [f"Bearer {key}"] * 5
    texts = [one.reasoning for one in outcomes.answers.values()]
    texts += [f"{one.text} {one!r}" for one in [*outcomes.rejected.values(), *outcomes.unanswered.values()]]
    assert len(texts) == 4 and "Your key is ***." in texts
    assert caplog.records and not any(key in text for text in [*texts, caplog.text])
    files = [path for path in answers.rglob("*") if path.is_file()]
    assert len(files) == 3 and not any(key.encode() in path.read_bytes() for path in files)
