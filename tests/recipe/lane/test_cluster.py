"""A Ray job on two nodes without `iea`, in a home of odd characters: the wheel reaches every worker, two ranks train, and
verl's loggers write to the run's folder."""

import json
import os
import struct
import subprocess
import sysconfig
import venv
from pathlib import Path

import psutil
import pytest
from ports import exposed_ports
from small_runs import CHEAP, small_run

from iea.recipe.evaluation.logs import read_log
from iea.recipe.evaluation.sweep import MEASURES, read_point
from iea.recipe.overrides import override
from iea.recipe.pipeline.run import Run

pytestmark = [
    pytest.mark.lane,
    pytest.mark.alone,
    pytest.mark.filterwarnings("ignore"),
]  # torch's, TensorBoard's and wandb's own

ROOT = Path(__file__).parents[3]
REWARDS = ["reward/iea/edit/r_like", "reward/iea/edit/r_use", "reward/iea/edit/n_tools"]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return small_run(tmp_path_factory.mktemp("cluster"))


@pytest.fixture(scope="module")
def python_without_iea(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make an environment with links to all that is installed here, but for this package."""
    folder = tmp_path_factory.mktemp("python")
    venv.create(folder, symlinks=True)
    installed = Path(sysconfig.get_path("purelib"))
    site = folder / installed.relative_to(sysconfig.get_path("data"))
    for path in installed.iterdir():
        if not path.name.startswith(("verl_iea", "__editable__.verl_iea", "__editable___verl_iea")):
            (site / path.name).symlink_to(path)
    return folder / "bin/python"


@pytest.fixture(scope="module")
def environment(run: Run, python_without_iea: Path) -> dict[str, str]:
    home = run.base / "é新 a=b,(c) it's & #1"
    home.symlink_to(run.home)
    outside = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return outside | {"IEA_HOME": str(home), "PYTHON": str(python_without_iea), "WANDB_MODE": "offline"}


@pytest.fixture(scope="module")
def job(run: Run, environment: dict[str, str]) -> Path:
    """Train one step of GRPO on two nodes; return the run's folder."""
    model = override("iea.model", Path(environment["IEA_HOME"]) / "tiny_model")
    command = ["bash", str(ROOT / "examples/ray_job.sh"), model]
    command += ["trainer.total_training_steps=1", "trainer.save_freq=-1", "trainer.experiment_name=job", *CHEAP]
    command += ["trainer.logger=[console,file,tensorboard,wandb]", "trainer.test_freq=1", "iea.w=0.5"]
    ports = {"NODES": "2", "DASHBOARD_PORT": "8264", "PIP_NO_BUILD_ISOLATION": "0"}
    with exposed_ports() as exposed:
        done = subprocess.run(
            command, env=environment | ports, capture_output=True, text=True, check=False, cwd=run.home
        )
    assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]
    assert "succeeded" in done.stdout
    assert not exposed
    own = environment["PYTHON"].removesuffix("bin/python")
    of_job = [process for process in psutil.process_iter(["cmdline"]) if own in " ".join(process.info["cmdline"] or [])]
    _, left = psutil.wait_procs(of_job, timeout=30)  # those that vLLM spawned end when they notice that it has
    assert not left
    return run.home / "job"


def test_the_nodes_have_no_iea_of_their_own(environment: dict[str, str]) -> None:
    command = [environment["PYTHON"], "-c", "import ray, verl, iea.recipe"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert "No module named 'iea'" in done.stderr


def test_a_job_on_two_nodes_trains_with_our_hooks(job: Path) -> None:
    """Each node has one slot and the run has two ranks, so that both nodes took part."""
    log = read_log(job / "metrics")
    assert (log["training/rollout_actor_probs_pearson_corr"] > 0.999).all()
    assert log[REWARDS].notna().all(axis=None)
    assert (log.filter(regex="^reward/.*/error$").fillna(0) == 0).all(axis=None)


def test_tensorboard_has_the_rewards(job: Path) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(str(job / "tensorboard")).Reload()
    log = read_log(job / "metrics")
    for name in REWARDS:
        (event,) = events.Scalars(name)
        assert (event.step, event.value) == (1, pytest.approx(log[name][1], rel=1e-5))


def wandb_values(data: bytes) -> dict[str, float]:
    """Read the metrics of a .wandb file: records of wandb's own protocol, in blocks of 32 KiB as in LevelDB's log."""
    from wandb.proto.wandb_internal_pb2 import Record

    values, parts, place = {}, b"", 7  # after the file's own header
    while place < len(data):
        if (left := 32768 - place % 32768) < 7:
            place += left
            continue
        _, size, kind = struct.unpack_from("<IHB", data, place)
        parts += data[place + 7 : place + 7 + size]
        place += 7 + size
        if kind in (1, 4):  # whole, or the last part
            record = Record()
            record.ParseFromString(parts)
            values |= {"/".join(item.nested_key): json.loads(item.value_json) for item in record.history.item}
            parts = b""
    return values


def test_weights_and_biases_has_the_rewards(job: Path) -> None:
    (path,) = job.glob("wandb/offline-run-*/*.wandb")
    values = wandb_values(path.read_bytes())
    log = read_log(job / "metrics")
    assert [values[name] for name in REWARDS] == pytest.approx(log.loc[1, REWARDS].tolist())


def test_the_run_is_a_point_of_a_sweep(job: Path) -> None:
    point = read_point(job)
    assert point.step == 1 and set(point.held_out) == {"iea/edit", "iea/auto"}
    assert [value for name, value in point.settings.items() if name.endswith("reward_kwargs.w")] == [0.5]
    assert all(set(MEASURES.values()) <= set(measured) for measured in point.held_out.values())
