"""A logger that cannot start ends the run before anything is loaded; the others write to the run's folder."""

import os
from importlib.util import find_spec
from pathlib import Path

import pytest
from homes import guarded, start
from omegaconf import OmegaConf

from iea.recipe.guard.loggers import PACKAGES
from iea.recipe.hooks.log_folders import set_log_folders

pytestmark = pytest.mark.slow  # the module as a whole

MISSING = [name for name, package in PACKAGES.items() if find_spec(package.replace("-", "_")) is None]
VARIABLES = ("TENSORBOARD_DIR", "WANDB_DIR", "VERL_FILE_LOGGER_PATH")


@pytest.mark.parametrize("name", MISSING)
@pytest.mark.parametrize("recipe", ["iea_cpu", "iea_sft_cpu"])
def test_a_logger_without_its_package_is_refused(recipe: str, name: str, home: Path) -> None:
    with pytest.raises(
        SystemExit, match=rf"{name!r} needs {PACKAGES[name]}, which is not; pip install {PACKAGES[name]}"
    ):
        start(recipe, f"trainer.logger=[console,{name}]")


def test_the_packages_are_those_of_verls_loggers() -> None:
    from verl.utils.tracking import Tracking

    assert set(PACKAGES) | {"console", "file"} == set(Tracking.supported_backend)


@pytest.mark.parametrize(
    ("variables", "refused"),
    [({}, True), ({"WANDB_MODE": "offline"}, False), ({"WANDB_API_KEY": "0" * 40}, False), ({"NETRC": "keys"}, False)],
)
@pytest.mark.filterwarnings("ignore")  # wandb's own
def test_weights_and_biases_needs_a_key_or_is_offline(
    variables: dict[str, str], refused: bool, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import wandb

    for name in [name for name in os.environ if name.startswith("WANDB_")]:
        monkeypatch.delenv(name)
    settings = {"NETRC": "none", "WANDB_BASE_URL": "https://wandb.example", "WANDB_CONFIG_DIR": str(home)} | variables
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(home)
    Path("keys").write_text(f"machine wandb.example login user password {'0' * 40}\n")
    wandb.teardown()  # its settings are read once
    try:
        if refused:
            with pytest.raises(SystemExit, match="must have a key or be offline"):
                start("iea_cpu", "trainer.logger=[console,wandb]")
        else:
            start("iea_cpu", "trainer.logger=[console,wandb]")
    finally:
        wandb.teardown()


def test_loggers_of_grpo_write_to_the_runs_folder_from_any_node(home: Path) -> None:
    with guarded(
        "iea_cpu", "trainer.experiment_name=mine", "ray_kwargs.ray_init.runtime_env.env_vars.WANDB_DIR=/w"
    ) as run:
        OmegaConf.set_struct(run, True)
        set_log_folders(run)
    variables = run.ray_kwargs.ray_init.runtime_env.env_vars
    assert variables.TENSORBOARD_DIR == f"{home}/mine/tensorboard"
    assert variables.WANDB_DIR == "/w"
    assert Path(variables.VERL_FILE_LOGGER_PATH).parent == home / "mine/metrics"
    assert Path(variables.VERL_FILE_LOGGER_PATH).parent.is_dir()


def test_loggers_of_sft_write_to_the_folder_of_each_point(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.setenv(name, "former point")
    for name in ("a", "b"):
        with guarded("iea_sft_cpu", f"trainer.experiment_name={name}") as run:
            set_log_folders(run)
        assert os.environ["TENSORBOARD_DIR"] == f"{home}/{name}/tensorboard"
        assert os.environ["WANDB_DIR"] == f"{home}/{name}"


def test_a_variable_of_the_user_is_left_alone(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("iea.recipe.hooks.log_folders._GIVEN", frozenset(VARIABLES))
    with guarded("iea_cpu") as run:
        set_log_folders(run)
    assert not set(VARIABLES) & set(run.ray_kwargs.ray_init.runtime_env.env_vars)
