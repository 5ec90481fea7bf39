"""The examples for clusters, read by the parsers of the programs that they are written for."""

import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import yaml

from iea.recipe.config import compose_recipe

ROOT = Path(__file__).parents[1]
SLURM, KUBERAY = ROOT / "examples/slurm.sbatch", ROOT / "examples/kuberay.yaml"
TRAINERS = {"main_ppo": "ppo_trainer", "sft_trainer": "sft_trainer_engine"}
CRD = "IEA_KUBERAY_CRD"

CLUSTER = """\
ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={ports[0]}
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
AuthType=auth/none
CredType=cred/none
SlurmUser=root
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/%n
SlurmdPidFile={folder}/%n.pid
SlurmctldPidFile={folder}/controller.pid
MpiDefault=none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
GresTypes=gpu
SlurmdParameters=config_overrides
NodeName=node1 NodeHostName=localhost NodeAddr=127.0.0.1 Port={ports[1]} CPUs=64 RealMemory=1000000 Gres=gpu:8
NodeName=node2 NodeHostName=localhost NodeAddr=127.0.0.1 Port={ports[2]} CPUs=64 RealMemory=1000000 Gres=gpu:8
PartitionName=main Nodes=ALL Default=YES State=UP
"""


def job() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(KUBERAY.read_text())
    return loaded


def templates() -> list[dict[str, Any]]:
    spec = job()["spec"]["rayClusterSpec"]
    return [group["template"] for group in (spec["headGroupSpec"], *spec["workerGroupSpecs"])]


def commands() -> list[str]:
    """Return the commands of verl in the examples and in the documentation of clusters."""
    texts = [job()["spec"]["entrypoint"], SLURM.read_text(), (ROOT / "docs/cluster.md").read_text()]
    lines = "\n".join(texts).replace("\\\n", " ").splitlines()
    return [
        line.partition("#   ")[2] or line for line in lines if re.search(r"-m verl\.trainer\.\w+ .*\+recipe=", line)
    ]


@pytest.mark.slow
@pytest.mark.parametrize("command", commands())
def test_the_settings_of_the_commands_exist(command: str) -> None:
    words = shlex.split(command.partition("-m verl.trainer.")[2], comments=True)
    overrides = [word for word in words[1:] if not word.startswith("--")]
    assert compose_recipe(TRAINERS[words[0]], [word for word in overrides if "," not in word]).iea.home


@pytest.mark.slow
@pytest.mark.parametrize("script", sorted(path.name for path in (ROOT / "examples").glob("*.s*h")))
def test_shellcheck_finds_nothing(script: str) -> None:
    shellcheck = Path(sys.executable).with_name("shellcheck")
    done = subprocess.run([shellcheck, ROOT / "examples" / script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_the_pods_of_kuberay_are_those_of_kubernetes() -> None:
    import kubernetes_validate

    for template in templates():
        pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "node"}} | template
        kubernetes_validate.validate(pod, "1.31", strict=True)
        assert {mount["name"] for mount in pod["spec"]["containers"][0]["volumeMounts"]} == {
            volume["name"] for volume in pod["spec"]["volumes"]
        }


def test_the_wheel_and_the_nodes_of_kuberay_fit_the_command() -> None:
    spec = job()["spec"]
    (wheel,) = yaml.safe_load(spec["runtimeEnvYAML"])["pip"]["packages"]
    assert Path(wheel).name == f"verl_iea-{version('verl-iea')}-py3-none-any.whl"
    nodes = 1 + sum(group["replicas"] for group in spec["rayClusterSpec"]["workerGroupSpecs"])
    config = compose_recipe("ppo_trainer", shlex.split(spec["entrypoint"])[3:])
    assert config.trainer.nnodes == nodes
    for template in templates():
        (container,) = template["spec"]["containers"]
        assert container["resources"]["limits"]["nvidia.com/gpu"] == config.trainer.n_gpus_per_node


def test_the_job_of_kuberay_fits_its_definition() -> None:
    import jsonschema

    if not (given := os.environ.get(CRD)):
        pytest.skip(f"set {CRD} to KubeRay's file of RayJob, helm-chart/kuberay-operator/crds/ray.io_rayjobs.yaml")
    definition = yaml.safe_load(Path(given).read_text())
    (schema,) = [one["schema"]["openAPIV3Schema"] for one in definition["spec"]["versions"] if one["name"] == "v1"]
    jsonschema.validate(job(), _closed(schema))


def _closed(schema: Any) -> Any:
    """Return a schema that rejects unknown keys, as the API server does."""
    if isinstance(schema, list):
        return [_closed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {name: _closed(value) for name, value in schema.items()}
    if closed.get("type") == "object" and "properties" in closed:
        closed.setdefault("additionalProperties", bool(closed.get("x-kubernetes-preserve-unknown-fields")))
    return closed


@pytest.fixture(scope="module")
def slurm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Start a Slurm of two nodes of eight GPUs, which exist on paper, on loopback; yield the environment of its commands."""
    missing = [name for name in ("slurmctld", "slurmd", "sbatch") if shutil.which(name, path=_path()) is None]
    if missing or os.geteuid():
        pytest.skip(f"needs root and Slurm, got no {missing}: apt-get install slurmctld slurmd slurm-client")
    folder = tmp_path_factory.mktemp("slurm")
    (folder / "state").mkdir()
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(3)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        ports = [one.getsockname()[1] for one in sockets]
    (folder / "slurm.conf").write_text(CLUSTER.format(host=socket.gethostname(), ports=ports, folder=folder))
    (folder / "gres.conf").write_text(f"NodeName=node[1-2] Name=gpu File={folder}/gpu[0-7]\n")
    for number in range(8):
        (folder / f"gpu{number}").touch()
    environment = {**os.environ, "PATH": _path(), "SLURM_CONF": str(folder / "slurm.conf"), "IEA_HOME": str(folder)}
    daemons = [["slurmctld"], ["slurmd", "-N", "node1"], ["slurmd", "-N", "node2"]]
    started = []
    try:
        for number, command in enumerate(daemons):
            log = (folder / f"{number}.log").open("w")
            started.append(subprocess.Popen([*command, "-D"], env=environment, stdout=log, stderr=log))
            log.close()
        until = time.monotonic() + 60  # a limit for a Slurm that does not start
        while "idle" not in (said := _run(environment, "sinfo", "--noheader", "--format=%D %T")):
            assert time.monotonic() < until and started[0].poll() is None, said
        yield environment
    finally:
        for process in reversed(started):
            process.terminate()
            process.wait()


def _path() -> str:
    return f"{os.environ['PATH']}:/usr/sbin"


def _run(environment: dict[str, str], *command: str) -> str:
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


@pytest.mark.slow
def test_slurm_would_start_the_job_on_two_nodes(slurm: dict[str, str]) -> None:
    assert "on nodes node[1-2] in partition main" in _run(slurm, "sbatch", "--test-only", str(SLURM), "true")


@pytest.mark.slow
def test_slurm_refuses_more_gpus_than_a_node_has(slurm: dict[str, str]) -> None:
    """Fails if the GPUs of the test's cluster, or of the example, were not read."""
    said = _run(slurm, "sbatch", "--test-only", "--gpus-per-node=9", str(SLURM), "true")
    assert "Requested node configuration is not available" in said
