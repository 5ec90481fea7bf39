"""Processes of a run that died, found in a real Ray."""

import os
import signal
from collections.abc import Iterator
from typing import Any

import pytest

ray = pytest.importorskip("ray")

pytestmark = [pytest.mark.lane, pytest.mark.filterwarnings("ignore")]  # Ray's own


@pytest.fixture
def local_ray(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    monkeypatch.setenv("RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER", "0")
    ray.init(address="local", num_cpus=4, include_dashboard=False, _node_ip_address="127.0.0.1", log_to_driver=False)
    yield
    ray.shutdown()


@ray.remote
class Worker:
    def pid(self) -> int:
        return os.getpid()


@ray.remote
class Task:
    """As verl's task runner: it owns the workers, and looks for dead ones from within."""

    def lost(self, ended: str) -> dict[str, str]:
        from iea.recipe.hooks.watch import lost_processes

        worker: Any = Worker.remote()
        pid = ray.get(worker.pid.remote())
        assert lost_processes() == {}
        if ended == "on purpose":
            ray.kill(worker)
        else:
            os.kill(pid, signal.SIGKILL)
        with pytest.raises(ray.exceptions.RayActorError):
            ray.get(worker.pid.remote())
        return lost_processes()


def test_a_killed_process_is_found_and_one_ended_on_purpose_is_not(local_ray: None) -> None:
    task = Task.remote()
    assert ray.get(task.lost.remote("on purpose")) == {}
    lost = ray.get(task.lost.remote("by a signal"))
    assert len(lost) == 1 and "Worker, pid" in next(iter(lost)) and "died" in next(iter(lost.values()))
