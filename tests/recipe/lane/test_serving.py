"""The page and a tiny policy on Ray Serve, with two replicas of the page: photographs edited through HTTP."""

import io
import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import numpy as np
import psutil
import pytest
import yaml
from PIL import Image as PillowImage
from tenacity import retry, retry_if_exception_type, stop_after_delay, wait_fixed

from iea.data_prep.label.match import reduced
from iea.editor import Image, Program, render
from iea.recipe.agent.models.endpoint import TINY_SIDE
from iea.reward_fns.example import Example
from iea.reward_fns.tasks import TASKS

pytestmark = [pytest.mark.lane, pytest.mark.filterwarnings("ignore")]  # torch's and transformers' own
pytest.importorskip("ray.serve", reason="needs pip install 'ray[serve]'", exc_type=ImportError)

REQUEST, ANSWER = "make it warmer", '{"temperature": 45}'
STEPS = 60
SERVING = {
    "RAY_ADDRESS": "local",
    "RAY_OVERRIDE_RESOURCES": '{"CPU": 4}',
    "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",
    "VLLM_CPU_KVCACHE_SPACE": "1",  # GiB
    "VLLM_CPU_OMP_THREADS_BIND": "nobind",
    "HF_HUB_OFFLINE": "1",
}


@pytest.fixture(scope="module")
def photo() -> Image:
    skimage = pytest.importorskip("skimage.data")
    return np.asarray(skimage.chelsea())


@pytest.fixture(scope="module")
def policy(tmp_path_factory: pytest.TempPathFactory, photo: Image) -> Path:
    """Train a tiny policy to answer one request about one photograph."""
    import torch
    from transformers import AutoProcessor, Qwen2_5_VLForConditionalGeneration

    from iea.recipe.tiny.policy import build_tiny_model

    folder = tmp_path_factory.mktemp("policy") / "huggingface"
    (turn,) = TASKS["edit"].messages(Example("edit", text=REQUEST), "short")
    build_tiny_model(folder, iter([REQUEST, ANSWER] * 10))
    processor = AutoProcessor.from_pretrained(folder)
    model = Qwen2_5_VLForConditionalGeneration.from_pretrained(folder, dtype=torch.float32)
    parts = [{"type": "image"}, {"type": "text", "text": turn["content"].replace("<image>", "")}]
    asked = processor.apply_chat_template([{"role": "user", "content": parts}], add_generation_prompt=True)
    inputs = processor(text=[f"{asked}{ANSWER}<|im_end|>"], images=[reduced(photo, TINY_SIDE)], return_tensors="pt")
    answer = len(processor.tokenizer(f"{ANSWER}<|im_end|>").input_ids)
    labels = inputs.input_ids.clone()
    labels[:, :-answer] = -100
    optimizer = torch.optim.Adam(model.parameters(), 1e-3)
    for _ in range(STEPS):
        loss = model(**inputs, labels=labels).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    model.save_pretrained(folder)
    return folder


class Client:
    """Requests to the page."""

    def __init__(self, url: str) -> None:
        self.url = url

    def sent(self, path: str, body: Any = None, **headers: str) -> Any:
        """Return the status and the answer, read as JSON where it is that."""
        data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        try:
            with urlopen(Request(self.url + path, data, headers), timeout=600) as reply:
                answer, status = reply.read(), reply.status
        except HTTPError as error:
            with error:
                answer, status = error.read(), error.code
        return status, json.loads(answer) if answer[:1] == b"{" else answer

    def upload(self, photo: Image) -> str:
        """Return the path of a new session."""
        buffer = io.BytesIO()
        PillowImage.fromarray(photo).save(buffer, "PNG")
        status, answer = self.sent("/photographs", buffer.getvalue(), **{"X-Name": "cat.png"})
        assert status == 201, answer
        return f"/s/{answer['session']}"


@pytest.fixture(scope="module")
def served(policy: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Client, Path]]:
    """Run the application on a free port; yield a client of the page, and the file of its output."""
    folder = tmp_path_factory.mktemp("serving")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    args = {"root": str(folder / "sessions"), "checkpoint": str(policy), "gpus": 0, "style": "short"}
    args |= {"pages": 2, "page_cpus": 1, "vllm": "--enforce-eager", "timeout_s": 600}  # vLLM starts meanwhile
    app = {"name": "page", "import_path": "iea.recipe.serving:application", "args": args}
    config, log = folder / "config.yaml", folder / "output"
    config.write_text(yaml.safe_dump({"http_options": {"port": port}, "applications": [app]}))
    command = [sys.executable, "-m", "ray.serve.scripts", "run", str(config)]
    with log.open("wb") as output:
        process = subprocess.Popen(command, env={**os.environ, **SERVING}, stdout=output, stderr=subprocess.STDOUT)
    client = Client(f"http://127.0.0.1:{port}")

    @retry(retry=retry_if_exception_type(OSError), wait=wait_fixed(1), stop=stop_after_delay(600))
    def wait_until_ready() -> None:
        assert process.poll() is None, log.read_text()[-6000:]
        if client.sent("/health")[0] != 200:
            raise OSError("not deployed")

    try:
        wait_until_ready()
        yield client, log
    finally:
        family = psutil.Process(process.pid).children(recursive=True)
        process.terminate()
        process.wait()
        _, left = psutil.wait_procs(family, timeout=60)
        for one in left:
            one.kill()


def test_a_request_becomes_a_photograph(served: tuple[Client, Path], photo: Image) -> None:
    client, _ = served
    session = client.upload(photo)
    status, answer = client.sent(f"{session}/say", {"request": REQUEST})
    assert status == 200, answer
    assert answer["program"] == json.loads(ANSWER)
    assert client.sent(f"{session}/image")[1][:2] == b"\xff\xd8"
    _, written = client.sent(f"{session}/result", {})
    result = PillowImage.open(io.BytesIO(client.sent(f"{session}/files/{written['file']}")[1]))
    assert (np.asarray(result) == render(photo, Program(answer["program"]))).all()


def test_every_replica_knows_the_last_step(served: tuple[Client, Path], photo: Image) -> None:
    client, log = served
    session = client.upload(photo)
    for value in range(1, 21):
        client.sent(f"{session}/program", {"program": {"exposure": value}})
        assert client.sent(f"{session}/state")[1]["program"] == {"exposure": value}
    assert len(client.sent(f"{session}/state")[1]["turns"]) == 20
    assert len(set(re.findall(r"page_page (\w+) ", log.read_text()))) == 2, "one replica did all"


def test_steps_at_the_same_time_are_all_kept(served: tuple[Client, Path], photo: Image) -> None:
    client, _ = served
    session = client.upload(photo)
    with ThreadPoolExecutor(8) as threads:
        programs = [{"program": {"contrast": value}} for value in range(1, 33)]
        answers = list(threads.map(lambda one: client.sent(f"{session}/program", one)[0], programs))
    assert answers == [200] * 32
    turns = client.sent(f"{session}/state")[1]["turns"]
    assert {turn["changes"][-1]["to"] for turn in turns} == set(range(1, 33))


def test_people_are_answered_at_the_same_time(served: tuple[Client, Path], photo: Image) -> None:
    client, _ = served
    sessions = [client.upload(photo) for _ in range(6)]
    with ThreadPoolExecutor(6) as threads:
        answers = list(threads.map(lambda one: client.sent(f"{one}/say", {"request": REQUEST}), sessions))
    assert [answer["program"] for _, answer in answers] == [json.loads(ANSWER)] * 6
    assert client.sent(f"{sessions[0]}/files/nothing")[0] == 404
    request = Request(client.url + sessions[0], method="DELETE")
    urlopen(request).close()
    assert [client.sent(f"{sessions[0]}/state")[0] for _ in range(8)] == [404] * 8
