"""Train a stage with verl: a subprocess with a progress bar, peak memory and an error that names the log."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import psutil
from tqdm import tqdm

from iea.recipe.checkpoints import tracked_step
from iea.recipe.guard.machine import refuse_long_socket_path
from iea.recipe.hand_over import MODEL, hand_over, is_handed_over
from iea.recipe.model_files import FolderError
from iea.recipe.orphans import end_with_parent
from iea.recipe.overrides import override
from iea.recipe.pipeline.stage import Trainer

LANE: Mapping[str, str] = {
    "VERL_PLATFORM": "cpu",
    "HF_HUB_OFFLINE": "1",
    "HYDRA_FULL_ERROR": "1",
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_ADDRESS": "local",  # a new cluster, although another may run on the machine
    "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",  # Ray and verl's servers then listen on loopback alone, on Linux too
    "TORCHDYNAMO_DISABLE": "1",
    "OMP_WAIT_POLICY": "PASSIVE",  # spinning threads make a step ten times slower beside another program
}
"""Variables of a trainer on a machine without a GPU."""
_LOG_LINES_SHOWN = 25
_REFUSAL = re.compile(
    r"^verl-iea: (?!a new run|continues)(.+(?:\n  .+)*)", re.MULTILINE
)  # torchrun's own text hides it
_POLL_SECONDS = 0.5
_POLLS_PER_MEASUREMENT = 10
_GIB = 1 << 30


def train(
    trainer: Trainer,
    home: Path,
    name: str,
    steps: int | None,
    overrides: Sequence[str],
    *,
    processes: int = 1,
    environment: Mapping[str, str] = LANE,
) -> Path:
    """Train a stage unless it is finished; return the model that it hands over. The only place that starts a trainer.

    Parameters
    ----------
    home : folder of the run; checkpoints go to `home/name`, metrics and `peak_gib.txt` to `home/logs/name`, the console
        output to `home/logs/name.log`
    name : name of the stage
    steps : length of the training; None = as the trainer finds
    overrides : a recipe, and settings other than its own
    processes : of SFT, one for each GPU
    environment : variables of the trainer

    Raises
    ------
    SystemExit : the trainer failed; the message ends with the last lines of its console output. Or its checkpoint is not
        usable
    """
    folder = home / name
    if not is_finished(folder, steps):
        common = [override("trainer.experiment_name", name), override("hydra.run.dir", home / "logs" / name / "hydra")]
        run_trainer([*trainer.command(processes), *common, *overrides], home, name, steps, trainer.metric, environment)
        if not is_finished(folder, steps):
            raise SystemExit(
                f"cannot finish {name}: the trainer ended, but {folder / MODEL} is not the complete model of its last step. "
                f"Delete the folder {folder} to train it again."
            )
    return folder / MODEL


def is_finished(folder: Path, steps: int | None) -> bool:
    """Return True if a stage of `steps` steps was saved completely; its model is then handed over.

    verl writes the weights late and the tracker last. A trainer that was killed after that did not hand over.

    Raises
    ------
    SystemExit : the tracker is not usable
    """
    try:
        step = tracked_step(folder)
        if step is not None and steps is not None:
            if step < steps:
                return False
            with suppress(FolderError):
                hand_over(folder)
        return is_handed_over(folder)
    except FolderError as error:
        raise SystemExit(f"cannot resume {folder.name}: {error}") from error


def run_trainer(
    command: list[str], home: Path, name: str, steps: int | None, metric: str, environment: Mapping[str, str] = LANE
) -> None:
    """Run a command line of verl to its end; its logger must include `file`. The rest is as in `train`."""
    logs = home / "logs" / name
    logs.mkdir(parents=True, exist_ok=True)
    metrics = logs / f"{time.time_ns()}.jsonl"  # verl's file logger truncates its file: a resumed run needs a new one
    log = home / "logs" / f"{name}.log"
    begun = log.stat().st_size if log.exists() else 0
    with log.open("ab") as console, tqdm(total=steps, desc=name, unit="step") as bar:
        process = subprocess.Popen(
            command,
            env={**os.environ, **environment, "IEA_HOME": str(home), "VERL_FILE_LOGGER_PATH": str(metrics)},
            stdout=console,
            stderr=subprocess.STDOUT,
            preexec_fn=end_with_parent,  # noqa: PLW1509  (one system call, takes no lock); an orphan would write to the checkpoints
        )
        try:
            _watch(process, bar, metrics, metric, logs / "peak_gib.txt")
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait()
        _show(bar, metrics, metric)
    if process.returncode != 0:
        said = log.read_bytes()[begun:].decode(errors="replace")
        tail = "\n".join(said.splitlines()[-_LOG_LINES_SHOWN:])
        if refusals := _REFUSAL.findall(said):
            raise SystemExit(f"cannot train {name}: {refusals[-1]}\nThe whole log is {log}.")
        raise SystemExit(
            f"{tail}\n\ncannot finish {name}: the trainer ended with status {process.returncode}. The whole log is "
            f"{log}. Run the same command again to resume from the last checkpoint."
        )


def prepare_process(home: Path) -> None:
    """Prepare this process for long trainings; call in the main thread, before torch is imported.

    OpenMP's waiting threads sleep, as in the trainers. SIGTERM raises SystemExit, so that a running trainer is ended too.

    Parameters
    ----------
    home : folder of the run

    Raises
    ------
    ValueError : a trainer could not be started here: the folder's name or Ray's has characters or a length that fail
    """
    override("hydra.run.dir", home)
    refuse_long_socket_path()
    os.environ.setdefault("OMP_WAIT_POLICY", LANE["OMP_WAIT_POLICY"])
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("terminated"))


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
    """Measure the main memory of a process and its descendants in GiB, shared pages counted once; 0 if it has ended."""
    total = 0
    with suppress(psutil.NoSuchProcess):
        root = psutil.Process(pid)
        for process in (root, *root.children(recursive=True)):
            with suppress(psutil.NoSuchProcess, psutil.AccessDenied):  # ended in the meantime
                total += process.memory_full_info().pss
    return total / _GIB
