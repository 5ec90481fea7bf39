"""Two servers on one folder of sessions: each knows what the other one did, and no step is lost."""

import io
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from PIL import Image as PillowImage
from starlette.testclient import TestClient

from iea.editor import Image, Program
from iea.recipe.agent.models import Answer
from iea.recipe.agent.models.offline import Offline
from iea.recipe.agent.web import store
from iea.recipe.agent.web.server import build_app
from iea.recipe.agent.web.settings import WebSettings

pytestmark = pytest.mark.slow
Pair = tuple[TestClient, TestClient]


class Pausing(Offline):
    """Waits with each answer until `go` is set."""

    def __init__(self) -> None:
        self.asked, self.go = threading.Event(), threading.Event()

    def refine(self, original: Image, request: str, first: str, previous: Program) -> Answer:
        self.asked.set()
        self.go.wait()
        return super().refine(original, request, first, previous)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("shared") / "sessions"


@pytest.fixture(scope="module")
def model() -> Pausing:
    """Return the model of the first server."""
    return Pausing()


@pytest.fixture(scope="module")
def pair(root: Path, model: Pausing) -> Iterator[Pair]:
    settings = WebSettings(root=root, uploads=100, decode_s=600)
    apps = (build_app(settings, one, workers=1) for one in (model, Offline()))
    one, other = (TestClient(app, base_url="http://127.0.0.1") for app in apps)
    with one, other:
        yield one, other


@pytest.fixture
def session(pair: Pair, cat: Image) -> str:
    """Return the path of a session that both servers have in memory."""
    buffer = io.BytesIO()
    PillowImage.fromarray(cat).save(buffer, "PNG")
    path = f"/s/{pair[0].post('/photographs', content=buffer.getvalue()).json()['session']}"
    assert [one.get(f"{path}/state").status_code for one in pair] == [200, 200]
    return path


def test_each_server_continues_from_the_last_step(pair: Pair, session: str) -> None:
    for value in range(1, 9):
        pair[value % 2].post(f"{session}/program", json={"program": {"exposure": value}})
        for one in pair:
            assert one.get(f"{session}/state").json()["program"] == {"exposure": value}
    state = pair[0].post(f"{session}/go", json={"length": 3}).json()
    assert len(state["turns"]) == 8
    assert pair[1].post(f"{session}/say", json={"request": "undo"}).json()["program"] == {"exposure": 2}


def test_steps_of_both_at_the_same_time_are_kept(pair: Pair, session: str) -> None:
    programs = [{"contrast": value} for value in range(1, 41)]

    def steps(number: int) -> None:
        for program in programs[number::2]:
            assert pair[number].post(f"{session}/program", json={"program": program}).status_code == 200

    threads = [threading.Thread(target=steps, args=(number,)) for number in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    turns = pair[0].get(f"{session}/state").json()["turns"]
    assert sorted(turn["changes"][-1]["to"] for turn in turns) == list(range(1, 41))


@pytest.mark.parametrize("change", ["program", "stop"])
def test_a_change_at_one_wins_over_an_answer_at_the_other(
    pair: Pair, session: str, model: Pausing, change: str
) -> None:
    answers: list[Any] = []
    model.asked.clear()
    model.go.clear()
    asking = threading.Thread(target=lambda: answers.append(pair[0].post(f"{session}/say", json={"request": "warmer"})))
    asking.start()
    model.asked.wait()
    if change == "program":
        pair[1].post(f"{session}/program", json={"program": {"exposure": 5}})
    else:
        pair[1].post(f"{session}/go", json={"length": 0})
    model.go.set()
    asking.join()
    assert (answers[0].status_code, answers[0].json()["error"]) == (409, "changed")
    expected = {"exposure": 5} if change == "program" else {}
    assert [one.get(f"{session}/state").json()["program"] for one in pair] == [expected] * 2


def test_a_session_that_one_removed_is_unknown_to_the_other(pair: Pair, session: str, root: Path) -> None:
    assert pair[0].delete(session).status_code == 200
    for path, body in (("program", {"program": {"exposure": 5}}), ("go", {"length": 0}), ("say", {"request": "undo"})):
        assert pair[1].post(f"{session}/{path}", json=body).status_code == 404
    assert not (root / session.rpartition("/")[2]).exists()


def test_a_session_that_is_held_for_long_is_busy(
    pair: Pair, session: str, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "LOCK_S", 0.1)
    with FileLock(root / session.rpartition("/")[2] / store.LOCK):
        answer = pair[1].post(f"{session}/program", json={"program": {"exposure": 5}})
    assert (answer.status_code, answer.json()["error"]) == (503, "busy")
    assert pair[1].post(f"{session}/program", json={"program": {"exposure": 5}}).status_code == 200


def test_a_second_server_leaves_an_upload_of_the_first_alone(root: Path, pair: Pair) -> None:
    fresh, left = (root / f"{store.NEW}{name}" for name in ("fresh", "left"))
    for folder in (fresh, left):
        folder.mkdir()
    os.utime(left, (0, 0))
    store.Store(WebSettings(root=root)).sweep()
    assert fresh.exists() and not left.exists()
    fresh.rmdir()


def test_a_session_in_use_elsewhere_is_not_swept(root: Path, pair: Pair, session: str) -> None:
    folder = root / session.rpartition("/")[2]
    for name in (store.TALK, store.ABOUT):
        os.utime(folder / name, (time.time() - 86400, time.time() - 86400))
    third = store.Store(WebSettings(root=root, days=0.5))
    with TestClient(build_app(WebSettings(root=root), Offline(), workers=1), base_url="http://127.0.0.1") as reader:
        reader.get(f"{session}/state")  # loads it, which marks it
    third.sweep()
    assert folder.exists()
    os.utime(folder / store.ABOUT, (0, 0))
    third.sweep()
    assert not folder.exists()


def test_health_tells_whether_sessions_can_be_written(tmp_path: Path) -> None:
    root = tmp_path / "sessions"
    with TestClient(build_app(WebSettings(root=root), Offline(), workers=1), base_url="http://127.0.0.1") as client:
        assert client.get("/health").status_code == 200
        root.rmdir()
        assert client.get("/health").status_code == 503
