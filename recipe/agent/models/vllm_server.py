"""A trained checkpoint behind a vLLM of its own: the process, its options, its end."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from iea.recipe.orphans import end_with_parent

NAME = "policy"  # of the model at the endpoint
GRACE_S = 20.0
PROGRAM = (  # not `preexec_fn`: it forks, which gRPC's threads in a replica of Ray do not bear
    f"from {end_with_parent.__module__} import end_with_parent; end_with_parent(); "
    "from vllm.entrypoints.cli.main import main; main()"
)
OPTIONS = {
    "--served-model-name": NAME,
    "--limit-mm-per-prompt": '{"image": 2, "video": 0}',
    "--max-model-len": "auto",  # the longest for which the memory suffices: that of Qwen2.5-VL needs 7 GB for one request
    "--generation-config": "vllm",  # not the checkpoint's, whose repetition penalty training does not have
}


def vllm_arguments(checkpoint: str, port: int, *, host: str = "127.0.0.1", further: Sequence[str] = ()) -> list[str]:
    """Return the arguments of `vllm` for a policy; an option in `further` takes the place of the same one here.

    >>> vllm_arguments("stage3", 8001, further=["--max-model-len", "4096"])[:7]
    ['serve', 'stage3', '--host', '127.0.0.1', '--port', '8001', '--served-model-name']
    """
    address = {"--host": host, "--port": str(port)}
    given = {word.partition("=")[0] for word in further}
    ours = [word for name, value in {**address, **OPTIONS}.items() if name not in given for word in (name, value)]
    return ["serve", checkpoint, *ours, *further]


class VllmServer:
    """vLLM on a free port of loopback. It ends with `close`, or with the thread that made it.

    Parameters
    ----------
    checkpoint : folder of a Hugging Face model with its processor
    further : options of `vllm serve`
    log : file for its output; None = that of this process

    Raises
    ------
    ValueError : the folder is not a checkpoint, or vLLM is not installed
    """

    def __init__(self, checkpoint: Path, further: Sequence[str] = (), log: Path | None = None) -> None:
        check_servable(checkpoint)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = int(free.getsockname()[1])
        arguments = vllm_arguments(str(checkpoint), self._port, further=further)
        self._log = log
        with open(log or os.devnull, "ab") as file:
            self._process = subprocess.Popen(
                [sys.executable, "-c", PROGRAM, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=file if log else None,
                stderr=file if log else None,
                start_new_session=True,  # Ctrl-C is for the server before it, which then calls `close`
            )

    @property
    def url(self) -> str:
        """Address of the endpoint."""
        return f"http://127.0.0.1:{self._port}/v1"

    def wait(self) -> None:
        """Wait until requests are answered. Raises RuntimeError if the process ends before."""
        while not self.answers():
            if (status := self._process.poll()) is not None:
                told = f"; its output is in {self._log}" if self._log else ""
                raise RuntimeError(f"vLLM must start, it ended with status {status}{told}; correct what it names")
            time.sleep(0.5)

    def answers(self) -> bool:
        """Return True if the process is healthy."""
        try:
            with urlopen(f"http://127.0.0.1:{self._port}/health", timeout=10):
                return self._process.poll() is None
        except (URLError, OSError):
            return False

    def close(self) -> None:
        """End the process and those that it started."""
        self._process.terminate()
        try:
            self._process.wait(GRACE_S)
        except subprocess.TimeoutExpired:
            pass
        finally:
            try:
                os.killpg(self._process.pid, signal.SIGKILL)  # the engine, should it be left
            except ProcessLookupError:
                pass
            self._process.wait()


def check_servable(checkpoint: Path) -> None:
    """Check that vLLM is installed, and that a folder holds a model. Raises ValueError."""
    if not (checkpoint / "config.json").is_file():
        raise ValueError(
            f"a checkpoint must be a folder of a Hugging Face model, such as work/seed-0/stage3/huggingface, got "
            f"{str(checkpoint)!r} without config.json; `iea train` makes one"
        )
    if find_spec("vllm") is None:
        raise ValueError(
            "vLLM must be installed to serve a checkpoint, it is not; install iea with the extra cpu or gpu"
        )
