"""`iea train` on the CPU, end to end: three stages, the judge, the evaluations; killed in the middle, and started again. Then
its policies, one of them served by vLLM, and an endpoint with faults in the layout of the paper's Table 2."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pandas as pd
import psutil
import pyarrow.parquet as pq
import pytest
from tenacity import retry, retry_if_exception_type, stop_after_delay, wait_fixed

from iea.data_prep.files import read_json, write_parquet
from iea.recipe.evaluation.logs import read_log
from iea.recipe.evaluation.sets import results_path, row_files
from iea.recipe.hand_over import hand_over, saved_model
from iea.recipe.pipeline.run import Run

pytestmark = [pytest.mark.lane, pytest.mark.filterwarnings("ignore")]  # torch's and transformers' own

SCRIPT = Path(__file__).parents[2] / "scripts/small_pipeline.py"
VLLM = os.environ | {"VLLM_CPU_KVCACHE_SPACE": "1", "VLLM_CPU_OMP_THREADS_BIND": "nobind", "HF_HUB_OFFLINE": "1"}


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder without the packages of Debian: the second set is left out where they cannot be downloaded."""
    return tmp_path_factory.mktemp("pipeline")


def command(base: Path) -> list[str]:
    return [sys.executable, str(SCRIPT), str(base)]


@pytest.fixture(scope="module")
def killed(base: Path) -> str:
    """Kill the run and its trainer once Stage 1 has saved a step; return its output."""
    log = base / "killed.log"
    with log.open("wb") as console:
        process = subprocess.Popen(command(base), stdout=console, stderr=subprocess.STDOUT)
        tracker = Run(base).folder("stage1") / "latest_checkpointed_iteration.txt"
        watched = psutil.Process(process.pid)
        while not tracker.exists():
            ended, _ = psutil.wait_procs([watched], timeout=0.2)
            assert not ended, log.read_text(errors="replace")[-4000:]
        trainers = watched.children(recursive=True)
        os.kill(process.pid, signal.SIGKILL)
        for one in trainers:
            one.kill()
        process.wait()
    return log.read_text(errors="replace")


@pytest.fixture(scope="module")
def finished(base: Path, killed: str) -> str:
    done = subprocess.run(command(base), capture_output=True, text=True, check=False)
    assert done.returncode == 0, (done.stdout + done.stderr)[-6000:]
    return done.stdout


def test_a_killed_run_resumes_at_its_stage_and_step(base: Path, killed: str, finished: str) -> None:
    assert "next: stage1" in killed and "stage1   SFT on labels      saved step" in finished
    run = Run(base)
    assert list(read_log(run.logs("stage1")).index) == [1, 2, 3]
    assert len(list(run.logs("stage1").glob("*.jsonl"))) == 2
    assert "continues" in (run.home / "logs/stage1.log").read_text(errors="replace")


def test_every_stage_hands_its_last_model_over_without_taking_disk(base: Path, finished: str) -> None:
    run = Run(base)
    for stage, step in (("stage1", 3), ("stage2", 1), ("stage3", 2)):
        saved, handed = saved_model(run.folder(stage), step), run.model(stage)
        assert (saved / "model.safetensors").samefile(handed / "model.safetensors")
        assert hand_over(run.folder(stage)) == handed
    first, last = ((run.model(stage) / "model.safetensors").read_bytes() for stage in ("stage1", "stage3"))
    assert first != last  # the only step of Stage 2 is the first of its warm-up, at the rate 0
    started = [(run.folder(stage) / "run.json").read_text() for stage in ("stage2", "stage3")]
    assert all(str(run.model(before)) in text for before, text in zip(("stage1", "stage2"), started, strict=True))


def test_every_stage_is_evaluated_on_all_tasks(base: Path, finished: str) -> None:
    run = Run(base)
    assert "held_out" in row_files(run.home)
    for rows in row_files(run.home):
        for system in ("untrained", "stage1", "stage2", "stage3"):
            results = pd.read_parquet(results_path(run.home, rows, system))
            assert set(results.data_source) == {"iea/edit", "iea/auto", "iea/refine", "iea/summary"}
            assert not results.error.any() and not results.fallback.any()
        assert set(pd.read_parquet(results_path(run.home, rows, "stage3_gray")).kind) == {"edit", "auto", "refine"}
        assert pd.read_parquet(results_path(run.home, rows, "true_programs")).score.mean() > 0.9


def test_the_same_command_finds_all_done(base: Path, finished: str) -> None:
    run = Run(base)
    before = {path: path.stat().st_mtime_ns for path in run.home.rglob("*.safetensors")}
    again = subprocess.run(command(base), capture_output=True, text=True, check=False)
    assert again.returncode == 0, (again.stdout + again.stderr)[-4000:]
    assert "next: nothing to train" in again.stdout and again.stdout.count(" done, ") == 3
    assert "evaluated" not in again.stdout
    assert {path: path.stat().st_mtime_ns for path in run.home.rglob("*.safetensors")} == before


@contextmanager
def served(model: Path) -> Iterator[str]:
    """Serve a policy by vLLM; yield the address of the endpoint."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    options = ["--host", "127.0.0.1", "--port", port, "--dtype", "float32", "--max-model-len", "512"]
    command = [sys.executable, "-m", "vllm.entrypoints.cli.main", "serve", str(model), *options]
    process = subprocess.Popen(command, env=VLLM, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    family = [psutil.Process(process.pid)]

    @retry(retry=retry_if_exception_type(OSError), wait=wait_fixed(1), stop=stop_after_delay(300))
    def wait_until_ready() -> None:
        assert process.poll() is None, "vLLM ended"
        urlopen(f"http://127.0.0.1:{port}/v1/models").close()

    try:
        wait_until_ready()
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        family += family[0].children(recursive=True)
        process.terminate()
        _, left = psutil.wait_procs(family, timeout=30)
        for one in left:
            one.kill()


@pytest.fixture
def few_rows(base: Path, finished: str, tmp_path: Path) -> Path:
    """Keep two rows of each kind of the held-out set."""
    table = pq.read_table(row_files(Run(base).home)["held_out"])
    kinds = pd.Series([extra["kind"] for extra in table["extra_info"].to_pylist()])
    kept = kinds.groupby(kinds).head(2).index
    write_parquet(tmp_path / "rows.parquet", table.take(kept.to_list()))
    return tmp_path / "rows.parquet"


def test_stages_and_endpoints_make_table_2(
    base: Path, few_rows: Path, server: Any, iea: Callable[..., Any], tmp_path: Path
) -> None:
    run, out = Run(base), tmp_path / "compared"
    server.script = [
        server.completion("I would make it brighter."),
        server.completion(None, refusal="I cannot edit people."),
        server.status(500),
        server.completion('{"exposure": 20}'),
    ]
    policies = {"untrained": run.tiny_model} | {stage: run.model(stage) for stage in ("stage1", "stage2", "stage3")}
    systems = [f"{label}:checkpoint={model},max_new_tokens=64" for label, model in policies.items()]
    systems.append(f"engine:vllm={policies['stage3']},dtype=float32,max_model_len=512,max_new_tokens=64")
    systems.append(f"faulty:endpoint={server.url},model=m,attempts=1,partial=true,concurrency=1")
    with served(policies["stage3"]) as url:
        systems.append(f"served:endpoint={url},max_tokens=64")
        command = [
            sys.executable,
            "-m",
            "iea.recipe.cli",
            "evaluate",
            *systems,
            "--rows",
            str(few_rows),
            "--out",
            str(out),
        ]
        done = subprocess.run(command, env=VLLM, capture_output=True, text=True, check=False)
    assert done.returncode == 0, (done.stdout + done.stderr)[-6000:]
    results = {label: pd.read_parquet(out / f"{label}.parquet") for label in ("stage3", "engine", "served")}
    assert (
        results["engine"].answer == results["stage3"].answer
    ).mean() >= 0.75  # a policy of two steps: near-equal tokens
    assert not results["served"].error.any() and (read_json(out / "served.json") or {})["last_run"]["requests"] == 8
    failed = (read_json(out / "faulty.json") or {})["failed"]
    assert {failed[reason] for reason in ("declined", "unparsable", "http_500")} == {1}
    report = iea("report", "--results", out, "--out", tmp_path / "report")
    assert report.exit_code == 0
    table2 = (read_json(tmp_path / "report/paper_tables.json") or {})["table2"]
    labels = [row["label"] for row in table2["ours"]]
    assert labels == ["untrained", "stage1", "stage2", "stage3", "engine", "faulty", "served"]
