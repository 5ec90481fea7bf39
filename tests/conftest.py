"""Fixtures for all tests: the command `iea`, programs of tests/scripts, published annotations, a chat server on loopback."""

import json
import os
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

SCRIPTS = Path(__file__).with_name("scripts")
Iea = Callable[..., Result]
RunScript = Callable[..., "subprocess.CompletedProcess[str]"]
Reaction = Callable[["Handler"], None]


@pytest.fixture(scope="session")
def iea() -> Iea:
    """Run the command `iea` in this process: iea("data", "stats", path).output."""
    from iea.recipe.cli import app

    return lambda *arguments: CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture(scope="session")
def script() -> RunScript:
    """Run a program of tests/scripts in a process of its own, without warnings, to its end."""

    def run(
        name: str, *arguments: object, check: bool = True, cwd: Path | None = None, **environment: str
    ) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-W", "ignore", str(SCRIPTS / f"{name}.py"), *map(str, arguments)]
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, cwd=cwd, env={**os.environ, **environment}
        )
        assert not check or done.returncode == 0, done.stderr[-3000:]
        return done

    return run


@pytest.fixture(scope="session")
def annotations() -> Path:
    """Return the folder with gier/ and fivek/, the published annotation files."""
    given = os.environ.get("IEA_ANNOTATIONS")
    if not given:
        pytest.skip("set IEA_ANNOTATIONS to a folder with gier/ and fivek/, the published annotation files")
    return Path(given)


class Handler(BaseHTTPRequestHandler):
    server: "Server"
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.react(self, body)

    def do_CONNECT(self) -> None:
        """Decline to be a proxy."""
        self.server.proxied.append(self.path)
        self.reply(503, b"")

    def reply(self, status: int, data: bytes, **headers: str) -> None:
        self.send_response(status)
        headers = {"Content-Type": "application/json", "Content-Length": str(len(data))} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)
        self.close_connection = int(headers["Content-Length"]) != len(data)

    def log_message(self, format: str, *args: Any) -> None:
        pass


class Server(ThreadingHTTPServer):
    """An endpoint with one reaction of `script` for each request, the last one for all further requests.

    `seen` has the bodies of all requests, `keys` their Authorization headers, `connections` the clients' addresses,
    `proxied` the hosts of requests to a proxy. `good` is the default content of a completion.
    """

    good: Any = "hello"
    request_queue_size = 64

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.script: list[Reaction] = [self.completion()]
        self.seen: list[dict[str, Any]] = []
        self.keys: list[str] = []
        self.connections: set[Any] = set()
        self.proxied: list[str] = []
        self.lock = threading.Lock()
        self.over = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"

    def react(self, handler: Handler, body: dict[str, Any]) -> None:
        with self.lock:
            reaction = self.script[min(len(self.seen), len(self.script) - 1)]
            self.seen.append(body)
            self.keys.append(handler.headers["Authorization"])
            self.connections.add(handler.client_address)
        reaction(handler)

    def completion(
        self, content: Any = ..., finish: str = "stop", refusal: str | None = None, choices: list[Any] | None = None
    ) -> Reaction:
        """Complete with 1000 tokens in and 100 out; `content` is sent as JSON unless it is a text; ... = `good`."""
        content = self.good if content is ... else content
        text = content if isinstance(content, str) or content is None else json.dumps(content)
        message = {"role": "assistant", "content": text, "refusal": refusal}
        choice = {"index": 0, "message": message, "finish_reason": finish}
        usage = {"prompt_tokens": 1000, "completion_tokens": 100, "total_tokens": 1100}
        body = {"id": "1", "object": "chat.completion", "created": 0, "model": "m", "usage": usage}
        return self.body(body | {"choices": [choice] if choices is None else choices})

    @staticmethod
    def body(content: Any, code: int = 200, **headers: str) -> Reaction:
        """Answer with bytes, or with any other value as JSON."""
        data = content if isinstance(content, bytes) else json.dumps(content).encode()
        return lambda handler: handler.reply(code, data, **headers)

    @staticmethod
    def status(code: int, text: str = "no", error: str | None = None, **headers: str) -> Reaction:
        """Answer with an error in OpenAI's form; `error` is its code."""
        return Server.body({"error": {"message": text, "type": "x", "code": error}}, code, **headers)

    @staticmethod
    def reset(handler: Handler) -> None:
        """Close the connection without an answer."""
        handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        handler.connection.close()
        handler.close_connection = True

    def hang(self, handler: Handler) -> None:
        """Send no answer until the test ends."""
        self.over.wait()
        handler.close_connection = True


@contextmanager
def running_server() -> Iterator[Server]:
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server
        finally:
            server.over.set()
            server.shutdown()
            thread.join()


@pytest.fixture
def server() -> Iterator[Server]:
    with running_server() as server:
        yield server


@pytest.fixture
def make_server() -> Callable[[], Any]:
    """`with make_server() as server`, for tests that need several or end one."""
    return running_server
