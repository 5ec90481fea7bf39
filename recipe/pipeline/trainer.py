"""Run a verl trainer as a subprocess with a progress bar, peak memory and an error that names the log."""

import ctypes
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import psutil
from tqdm import tqdm

_LOG_LINES_SHOWN = 25
_POLL_SECONDS = 0.5
_POLLS_PER_MEASUREMENT = 10
_GIB = 1 << 30


def run_trainer(command: list[str], environment: Mapping[str, str], logs: Path, steps: int, metric: str) -> None:
    """Run a verl trainer to its end.

    Parameters
    ----------
    command : command line of the trainer; its logger must include `file`
    environment : variables added to those of this process
    logs : folder for the metrics and `peak_gib.txt`; the console output goes to `<logs>.log` beside it
    steps : length of the progress bar
    metric : name of the metric shown in the progress bar

    Raises
    ------
    SystemExit : the trainer failed; the message ends with the last lines of its console output
    """
    logs.mkdir(parents=True, exist_ok=True)
    metrics = logs / f"{time.time_ns()}.jsonl"  # verl's file logger truncates its file: a resumed run needs a new one
    log = logs.with_name(logs.name + ".log")
    with log.open("ab") as console, tqdm(total=steps, desc=logs.name, unit="step") as bar:
        process = subprocess.Popen(
            command,
            env={**os.environ, **environment, "VERL_FILE_LOGGER_PATH": str(metrics)},
            stdout=console,
            stderr=subprocess.STDOUT,
            preexec_fn=_end_with_parent,  # noqa: PLW1509  (one system call, takes no lock)
        )
        try:
            _watch(process, bar, metrics, metric, logs / "peak_gib.txt")
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait()
        _show(bar, metrics, metric)
    if process.returncode != 0:
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-_LOG_LINES_SHOWN:])
        raise SystemExit(
            f"{tail}\n\ncannot finish {logs.name}: the trainer ended with status {process.returncode}. The whole log is "
            f"{log}. Run the same command again to resume from the last checkpoint."
        )


def prepare_process() -> None:
    """Prepare this process for long trainings; call in the main thread, before torch is imported.

    OpenMP's waiting threads sleep, because spinning ones make a step ten times slower beside another program. SIGTERM
    raises SystemExit, so that a running trainer is ended too.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("terminated"))


def _end_with_parent() -> None:
    """End the trainer with its parent (Linux): an orphan would write to the checkpoints of the resumed run."""
    set_parent_death_signal = 1  # PR_SET_PDEATHSIG, <sys/prctl.h>
    ctypes.CDLL(None).prctl(set_parent_death_signal, signal.SIGTERM)


def _watch(process: subprocess.Popen[bytes], bar: "tqdm[None]", metrics: Path, metric: str, peak: Path) -> None:
    highest = float(peak.read_text()) if peak.exists() else 0.0  # of the previous processes of a resumed run
    polls = 0
    while process.poll() is None:
        _show(bar, metrics, metric)
        if polls % _POLLS_PER_MEASUREMENT == 0 and (now := memory_gib(process.pid)) > highest:
            highest = now
            peak.write_text(f"{highest:.2f}\n")
        polls += 1
        time.sleep(_POLL_SECONDS)


def _show(bar: "tqdm[None]", metrics: Path, metric: str) -> None:
    lines = metrics.read_text().splitlines() if metrics.exists() else []
    entries = [json.loads(line) for line in lines if line.endswith("}")]
    entries = [entry for entry in entries if metric in entry["data"]]
    if entries and entries[-1]["step"] > bar.n:
        bar.set_postfix_str(f"{metric} {entries[-1]['data'][metric]:.3f}", refresh=False)
        bar.update(entries[-1]["step"] - bar.n)


def memory_gib(pid: int) -> float:
    """Measure the main memory of a process and its descendants.

    Returns
    -------
    GiB, shared pages counted once; 0 if the process has ended
    """
    try:
        root = psutil.Process(pid)
        tree = [root, *root.children(recursive=True)]
    except psutil.NoSuchProcess:
        return 0.0
    return sum(_proportional_bytes(process) for process in tree) / _GIB


def _proportional_bytes(process: psutil.Process) -> int:
    try:
        return int(process.memory_full_info().pss)
    except (psutil.NoSuchProcess, psutil.AccessDenied):  # ended in the meantime
        return 0
