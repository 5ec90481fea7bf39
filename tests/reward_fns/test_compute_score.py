import asyncio
import fcntl
import inspect
import math
import os
import pickle
import shutil
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from iea.editor import Image
from iea.editor.io import write_image
from iea.reward_fns import compute, compute_score, score_text, workers
from iea.reward_fns.result import failed_score
from iea.reward_fns.workers import shared_pool

TRUTH = '{"exposure": 25, "tint": -40, "sharpness": -60}'
SHORT_S = 0.3


def score(extra_info: Any, text: Any = TRUTH, **reward_kwargs: Any) -> dict[str, float]:
    return asyncio.run(compute_score("iea/edit", text, "", extra_info, **reward_kwargs))


@contextmanager
def hanging(path: Path) -> Iterator[None]:
    """Let every other process that opens the file wait until the end of the block, by a lease on it (Linux)."""
    before = signal.signal(
        signal.SIGIO, signal.SIG_IGN
    )  # sent to the holder of a lease when another process opens the file
    holder = os.open(path, os.O_RDWR | os.O_CREAT)
    try:
        fcntl.fcntl(holder, fcntl.F_SETLEASE, fcntl.F_WRLCK)
        yield
    finally:
        os.close(holder)
        signal.signal(signal.SIGIO, before)


def worker() -> int:
    """Return the process id of the worker that scores."""
    return asyncio.run(shared_pool(1).run(60.0, os.getpid))


def timeless(result: dict[str, float]) -> dict[str, float]:
    return result | {"reward_ms": 0.0}


@pytest.mark.parametrize("text", [TRUTH, '{"exposure": 9}', "{}", '{"hue": 1}', "prose", "\udc80", "", "[" * 10**6])
@pytest.mark.parametrize("w", [0.7, 0.2])
def test_it_equals_score_text_in_another_process(
    original: Image, reference: Image, pair: dict[str, str], text: str, w: float
) -> None:
    assert timeless(score(pair, text, w=w)) == timeless(score_text(original, reference, text, w=w))


def test_it_accepts_verls_further_arguments(pair: dict[str, str]) -> None:
    extra_info = {**pair, "num_turns": 2, "rollout_reward_scores": {}, "index": 3}
    added = {"reward_router_address": "127.0.0.1:1", "reward_model_tokenizer": None}
    assert score(extra_info, **added)["score"] == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("broken", "arguments"),
    [
        ("no extra_info", {"extra_info": None}),
        ("no paths", {"extra_info": {}}),
        ("a path that is not text", {"reference": 7}),
        ("no such file", {"reference": "/no/such.png"}),
        ("a file that is not an image", {"reference": __file__}),
        ("another size", {"reference": "other"}),
        ("an answer that is not text", {"text": None}),
        ("a weight above 1", {"w": 1.5}),
        ("a weight that is not a number", {"w": "heavy"}),
        ("a timeout of 0", {"timeout_s": 0}),
        ("a timeout that is not a number", {"timeout_s": None}),
        ("no workers", {"workers": 0}),
        ("a list of workers", {"workers": [1]}),
    ],
)
def test_broken_inputs_are_counted_and_never_raise(
    pair: dict[str, str], tmp_path: Path, original: Image, broken: str, arguments: dict[str, Any]
) -> None:
    write_image(tmp_path / "other.png", original[:-1])
    arguments = {"text": TRUTH, "extra_info": dict(pair), **arguments}
    if (reference := arguments.pop("reference", None)) is not None:
        arguments["extra_info"]["reference"] = str(tmp_path / "other.png") if reference == "other" else reference
    result = score(arguments.pop("extra_info"), **arguments)
    assert timeless(result) == failed_score(0.0), broken
    assert list(result) == list(score(pair))
    assert 0 < result["reward_ms"] < math.inf


def test_a_hung_worker_affects_its_own_answer_alone(pair: dict[str, str]) -> None:
    stopped = worker()
    os.kill(stopped, signal.SIGSTOP)
    assert timeless(score(pair, timeout_s=SHORT_S)) == failed_score(0.0)
    assert score(pair)["error"] == 0
    assert worker() != stopped


def test_the_answers_to_a_prompt_whose_image_hangs_share_two_timeouts(pair: dict[str, str], tmp_path: Path) -> None:
    """One pool would need 16 timeouts."""
    slow = tmp_path / "original.png"
    taken: list[bytes] = []
    ask = workers._Worker.ask

    def counted(self: Any, message: bytes, timeout_s: float) -> Any:
        taken.append(message)
        return ask(self, message, timeout_s)

    async def main() -> list[dict[str, float]]:
        row = {**pair, "original": str(slow)}
        return await asyncio.gather(*(compute_score("iea/edit", TRUTH, "", row, timeout_s=SHORT_S) for _ in range(16)))

    with pytest.MonkeyPatch.context() as patch, hanging(slow):
        patch.setattr(workers._Worker, "ask", counted)
        results = asyncio.run(main())
    assert [timeless(result) for result in results] == [failed_score(0.0)] * 16
    assert sum(str(slow).encode() in message for message in taken) == 2
    assert score(pair)["error"] == 0


def test_a_killed_worker_affects_no_answer(pair: dict[str, str]) -> None:
    os.kill(worker(), signal.SIGKILL)
    assert score(pair)["error"] == 0


def test_scoring_does_not_block_the_event_loop(pair: dict[str, str], tmp_path: Path) -> None:
    """The original hangs until the loop has made 100 turns; a blocked loop would reach the timeout."""
    slow = Path(shutil.copy(pair["original"], tmp_path / "original.png"))

    async def main() -> dict[str, float]:
        with hanging(slow):
            scoring = asyncio.create_task(compute_score("iea/edit", TRUTH, "", {**pair, "original": str(slow)}))
            for _ in range(100):
                await asyncio.sleep(0)
            assert not scoring.done()
        return await scoring

    assert asyncio.run(main())["score"] == pytest.approx(1.0)


def test_a_cancellation_is_raised(pair: dict[str, str], tmp_path: Path) -> None:
    slow = tmp_path / "original.png"

    async def main() -> None:
        extra_info = {**pair, "original": str(slow)}
        scoring = asyncio.create_task(compute_score("iea/edit", TRUTH, "", extra_info, timeout_s=SHORT_S))
        await asyncio.sleep(0)
        scoring.cancel()
        await scoring

    with pytest.raises(asyncio.CancelledError), hanging(slow):
        asyncio.run(main())
    assert score(pair)["error"] == 0


def test_answers_scored_together_score_as_alone(pair: dict[str, str]) -> None:
    """Pairs and weights differ, and one row is broken."""
    swapped = {"original": pair["reference"], "reference": pair["original"]}
    rows = [(pair, 0.7), (swapped, 0.7), (pair, 0.2), ({}, 0.7)]

    async def main() -> list[dict[str, float]]:
        return await asyncio.gather(*(compute_score("iea/edit", '{"exposure": 9}', "", r, w=w) for r, w in rows))

    at_once = [timeless(result) for result in asyncio.run(main())]
    assert at_once == [timeless(score(row, '{"exposure": 9}', w=w)) for row, w in rows]
    assert [result["error"] for result in at_once] == [0, 0, 0, 1]
    assert len({result["score"] for result in at_once}) == 4


def test_it_works_in_the_event_loop_of_another_thread(pair: dict[str, str]) -> None:
    """As in a Ray actor, whose loop is not the main thread's."""
    results: list[dict[str, float]] = []
    thread = threading.Thread(target=lambda: results.append(score(pair)))
    thread.start()
    thread.join()
    assert results[0]["score"] == pytest.approx(1.0)


def test_each_cause_is_logged_once(
    pair: dict[str, str], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(compute, "_causes_logged", set())
    for _ in range(3):
        score({**pair, "original": "/no/such.png"})
        score(None)
    missing, none = caplog.messages
    assert "/no/such.png" in missing
    assert "extra_info['original'] must be an image's absolute path, got None" in none


def test_it_is_a_coroutine_function_and_can_be_pickled() -> None:
    assert inspect.iscoroutinefunction(compute_score)
    assert pickle.loads(pickle.dumps(compute_score)) is compute_score
