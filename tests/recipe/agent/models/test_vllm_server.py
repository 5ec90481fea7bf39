"""Starting vLLM for a checkpoint: what is checked before, and what is left afterwards. Its answers: recipe/lane/test_serving.py."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import psutil
import pytest

from iea.recipe.agent.models.vllm_server import VllmServer, vllm_arguments
from iea.recipe.orphans import end_with_parent

NEEDS_VLLM = pytest.mark.skipif(find_spec("vllm") is None, reason="needs vLLM")
PARENT = f"""
import subprocess, sys
code = "from {end_with_parent.__module__} import *; end_with_parent(); print('ready', flush=True); input()"
child = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
child.stdout.readline()
print(child.pid, flush=True)
input()
"""


def test_a_given_option_takes_the_place_of_ours() -> None:
    words = vllm_arguments("stage3", 1, further=["--max-model-len=4096", "--port", "2", "--enforce-eager"])
    assert "--max-model-len" not in words and words.count("--port") == 1
    assert words[-4:] == ["--max-model-len=4096", "--port", "2", "--enforce-eager"]


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="without config.json; `iea train` makes one"):
        VllmServer(tmp_path)


@NEEDS_VLLM
@pytest.mark.lane
def test_a_model_that_vllm_cannot_load_is_reported(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    server = VllmServer(tmp_path, log=tmp_path / "log")
    with pytest.raises(RuntimeError, match=r"ended with status [1-9]\d*; its output is in .*log"):
        server.wait()
    assert "Error" in (tmp_path / "log").read_text() and not server.answers()
    server.close()


@NEEDS_VLLM
def test_close_ends_a_server_that_is_starting(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    server = VllmServer(tmp_path, log=tmp_path / "log")
    children = psutil.Process(os.getpid()).children(recursive=True)
    assert not server.answers()
    server.close()
    assert not any(child.is_running() and "vllm" in " ".join(child.cmdline()) for child in children)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the kernel of Linux sends the signal")
def test_a_process_ends_with_a_parent_that_is_killed() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout
        child = psutil.Process(int(parent.stdout.readline()))
        parent.kill()
        psutil.wait_procs([child], timeout=60)
        assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE
