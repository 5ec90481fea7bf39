"""The judge of summaries, for evaluations.

A folder is answered from this process, on loopback, a batch at a time: vLLM's server, which GRPO uses, takes a minute to start. The
answers are the same (tests/recipe/lane/test_judge_training.py).
"""

import json
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Empty, Queue
from urllib.error import URLError
from urllib.request import urlopen

from iea.recipe.evaluation.judge.answers import answers

GATHER_S = 0.5  # a batch ends when no request comes for so long
TIMEOUT_S = 1200.0
CONCURRENCY = 512  # requests at once: an evaluation's rows are one batch
Asked = tuple[tuple[str, str], "Future[str]"]


def served_name(url: str) -> str:
    """Return the name of the only model, or the first one, that an endpoint serves.

    Raises
    ------
    ValueError : there is no such endpoint, or it names no model
    """
    try:
        with urlopen(f"{url.rstrip('/')}/models", timeout=10) as reply:
            return str(json.load(reply)["data"][0]["id"])
    except (URLError, OSError, ValueError, LookupError, TypeError) as error:
        raise ValueError(
            f"--judge must be a folder or an endpoint such as http://127.0.0.1:8000/v1, got {url!r}: {error}; start it first"
        ) from error


@contextmanager
def judge_endpoint(model: Path, *, reasoned: bool) -> Iterator[Mapping[str, object]]:
    """Answer with a judge until the end; yield the settings of the reward, `reward_kwargs.judge`.

    Parameters
    ----------
    model : folder of the judge
    reasoned : as `decode: reasoned` of JudgeSettings
    """
    asked: Queue[Asked | None] = Queue()
    server = _Server(asked)
    threads = [
        threading.Thread(target=server.serve_forever, args=(0.05,)),
        threading.Thread(target=_work, args=(asked, model, reasoned)),
    ]
    for thread in threads:
        thread.start()
    try:
        yield {
            "backend": "url",
            "url": f"http://127.0.0.1:{server.server_port}/v1",
            "model": str(model),
            "decode": "reasoned" if reasoned else "integer",
            "timeout_s": TIMEOUT_S,
            "concurrency": CONCURRENCY,
        }
    finally:
        server.shutdown()
        asked.put(None)
        for thread in threads:
            thread.join()
        server.server_close()


class _Server(ThreadingHTTPServer):
    request_queue_size = CONCURRENCY
    daemon_threads = True

    def __init__(self, asked: "Queue[Asked | None]") -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked = asked


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        reference, _, prediction = body["messages"][-1]["content"].partition("\nPrediction: ")
        answer: Future[str] = Future()
        self.server.asked.put(((reference.removeprefix("Reference: "), prediction), answer))
        message = {"role": "assistant", "content": answer.result(), "refusal": None}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        usage = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
        reply = {"id": "1", "object": "chat.completion", "created": 0, "model": body["model"], "usage": usage}
        data = json.dumps(reply | {"choices": [choice]}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        """Print nothing."""


def _work(asked: "Queue[Asked | None]", model: Path, reasoned: bool) -> None:
    while (first := asked.get()) is not None:
        batch, last = [first], False
        while not last:
            try:
                one = asked.get(timeout=GATHER_S)
            except Empty:
                break
            last = one is None
            batch += [one] if one is not None else []
        try:
            said = answers(model, [pair for pair, _ in batch], reasoned=reasoned)
        except Exception as error:  # noqa: BLE001  (of any kind: the requests must end)
            for _, answer in batch:
                answer.set_exception(error)
        else:
            for (_, answer), text in zip(batch, said, strict=True):
                answer.set_result(text)
        if last:
            return
