"""A real HTTP server that answers as a test tells it to, pairs of pictures, and an endpoint that is quick to give up."""

import asyncio
import json
import socket
import struct
import threading
from collections.abc import Callable, Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from iea.data_prep.annotate import Question
from iea.data_prep.annotate.answers import Answers
from iea.data_prep.annotate.asking import Outcomes, ask
from iea.data_prep.annotate.endpoint import Endpoint, EndpointConfig
from iea.data_prep.annotate.ledger import Budget, Ledger
from iea.editor import render
from iea.editor.io import read_image, write_image

GOOD = {
    "reasoning": "The picture is dark. First exposure, then a little warmth.",
    "program": [{"tool": "exposure", "value": 30}, {"tool": "temperature", "value": 15}],
    "expert": ["Raise the exposure and warm the white balance."],
    "amateur": ["It is too dark and cold."],
}

Reaction = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    server: "Server"

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.react(self, body)

    def reply(self, status: int, data: bytes, **headers: str) -> None:
        self.send_response(status)
        headers = {"Content-Type": "application/json", "Content-Length": str(len(data))} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:
        pass


class Server(ThreadingHTTPServer):
    """`script` holds a reaction for each request in turn; the last one is for all that follow.

    `seen` holds the bodies of all requests, `keys` their Authorization headers. `good` is an answer without fault.
    """

    good = GOOD

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.script: list[Reaction] = [self.completion()]
        self.seen: list[dict[str, Any]] = []
        self.keys: list[str] = []
        self.lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"

    def react(self, handler: Handler, body: dict[str, Any]) -> None:
        with self.lock:
            reaction = self.script[min(len(self.seen), len(self.script) - 1)]
            self.seen.append(body)
            self.keys.append(handler.headers["Authorization"])
        reaction(handler)

    @staticmethod
    def completion(
        content: Any = GOOD,
        finish: str = "stop",
        rejection: str | None = None,
        choices: list[Any] | None = None,
    ) -> Reaction:
        """A completion of 1000 tokens in and 100 out; `content` is sent as JSON unless it is a text."""
        text = content if isinstance(content, str) or content is None else json.dumps(content)
        message = {"role": "assistant", "content": text, "rejection": rejection}
        choice = {"index": 0, "message": message, "finish_reason": finish}
        usage = {"prompt_tokens": 1000, "completion_tokens": 100, "total_tokens": 1100}
        body = {"id": "1", "object": "chat.completion", "created": 0, "model": "m", "usage": usage}
        return Server.body(body | {"choices": [choice] if choices is None else choices})

    @staticmethod
    def body(content: Any, code: int = 200, **headers: str) -> Reaction:
        """Any bytes, or anything else as JSON."""
        data = content if isinstance(content, bytes) else json.dumps(content).encode()
        return lambda handler: handler.reply(code, data, **headers)

    @staticmethod
    def status(code: int, text: str = "no", error: str | None = None, **headers: str) -> Reaction:
        """An error as OpenAI words them; `error` is its code."""
        return Server.body({"error": {"message": text, "type": "x", "code": error}}, code, **headers)

    @staticmethod
    def reset(handler: Handler) -> None:
        """Close the connection at once, without a farewell."""
        handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        handler.connection.close()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with Server() as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.01,))
        thread.start()
        yield running
        running.shutdown()
        thread.join()


@pytest.fixture
def config(server: Server) -> EndpointConfig:
    return EndpointConfig(
        server.url, "m", side=64, tries=4, backoff=0.001, longest_wait=0.002, requests_per_minute=1e9
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


def _put(
    config: EndpointConfig,
    answers: Path,
    questions: Sequence[Question],
    at_once: int = 1,
    budget: Budget | None = None,
) -> tuple[Outcomes, Ledger]:
    """Ask everything once, as the command does."""

    async def asked() -> tuple[Outcomes, Ledger]:
        ledger = Ledger(budget or Budget())
        async with config.connected(KEY) as client:
            teacher = Endpoint(config, client, Answers(answers), ledger)
            return await ask(teacher, questions, at_once=at_once, quiet=True), ledger

    return asyncio.run(asked())


def _put_one(config: EndpointConfig, answers: Path, question: Question) -> tuple[Any, Ledger]:
    """The answer, or the error that took its place."""
    outcomes, ledger = _put(config, answers, [question])
    (outcome,) = [*outcomes.answers.values(), *outcomes.rejected.values(), *outcomes.unanswered.values()]
    return outcome, ledger


@pytest.fixture
def answers(tmp_path: Path) -> Path:
    return tmp_path / "answers"


@pytest.fixture
def put() -> Callable[..., tuple[Outcomes, Ledger]]:
    return _put


@pytest.fixture
def put_one() -> Callable[..., tuple[Any, Ledger]]:
    return _put_one


@pytest.fixture
def key() -> str:
    """The endpoint's."""
    return KEY
