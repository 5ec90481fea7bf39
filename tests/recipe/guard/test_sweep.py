"""Points of a sweep have folders of their own."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from homes import write_checkpoint
from omegaconf import OmegaConf

from iea.recipe.guard.sweep import separate_points
from iea.recipe.overrides import plain_name

RunScript = Callable[..., "subprocess.CompletedProcess[str]"]


def folders(script: RunScript, home: Path, *overrides: str) -> list[str]:
    """Return the folder of each point, relative to the home."""
    done = script("sweep", "--multirun", f"hydra.sweep.dir={home}/sweep", *overrides, IEA_HOME=str(home))
    lines = [line.removeprefix("point ") for line in done.stdout.splitlines() if line.startswith("point ")]
    return [line.removeprefix(f"{home}/") for line in lines]


@pytest.mark.parametrize(
    ("overrides", "expected"),
    [
        (["+recipe=iea_cpu", "iea.w=0.5,0.7"], ["stage2_w0.5", "stage2_w0.7"]),
        (["+recipe=iea_cpu", "iea.w=0.5,0.7", "trainer.experiment_name=mine"], ["mine_w0.5", "mine_w0.7"]),
        (
            ["+recipe=iea_cpu", "iea.w=0.5,0.7", "trainer.experiment_name=stage2_w${iea.w}"],
            ["stage2_w0.5", "stage2_w0.7"],
        ),
        (["+recipe=iea_cpu", "trainer.experiment_name=a,b"], ["a", "b"]),
        (
            ["+recipe=iea_cpu", "iea.w=0.5,0.7", "data.seed=1,2"],
            ["stage2_w0.5_seed1", "stage2_w0.5_seed2", "stage2_w0.7_seed1", "stage2_w0.7_seed2"],
        ),
        (["+recipe=iea_cpu", "iea.w=0.5,0.7", "trainer.default_local_dir=${iea.home}/x"], ["x_w0.5", "x_w0.7"]),
        (["+recipe=iea_cpu", "iea.w=range(0, 1, 0.5)"], ["stage2_w0.0", "stage2_w0.5"]),
        (["+recipe=iea_cpu", "iea.w=0.5"], ["stage2"]),
    ],
)
@pytest.mark.slow
def test_points_save_in_folders_of_their_own(
    overrides: list[str], expected: list[str], script: RunScript, home: Path
) -> None:
    assert folders(script, home, *overrides) == expected


@pytest.mark.parametrize(
    ("task", "params", "added"),
    [
        (["iea.w=0.5,0.7"], {}, ["trainer.experiment_name='stage2_w${iea_name:${iea.w}}'"]),
        (["iea.w=0.5"], {"iea.w": "0.5,0.7"}, ["trainer.experiment_name='stage2_w${iea_name:${iea.w}}'"]),
        (
            ["data.x=1,2", "iea.w=0.5,0.7"],
            None,
            ["trainer.experiment_name='stage2_x${iea_name:${data.x}}_w${iea_name:${iea.w}}'"],
        ),
        (["+data.new=[1],[2]"], {}, ["trainer.experiment_name='stage2_new${iea_name:${data.new}}'"]),
        (["iea.w=0.5"], {}, []),
        (["trainer.experiment_name=a,b"], {}, []),
        (["trainer.default_local_dir=/a,/b"], {}, []),
    ],
)
def test_what_is_swept_is_part_of_the_name(task: list[str], params: dict[str, str] | None, added: list[str]) -> None:
    trainer = {"experiment_name": "stage2", "default_local_dir": "${iea.home}/${trainer.experiment_name}"}
    hydra = {"overrides": {"task": list(task)}, "sweeper": {"params": params}}
    config = OmegaConf.create({"iea": {"home": "/x", "w": None}, "trainer": trainer, "hydra": hydra})
    separate_points(config)
    assert OmegaConf.to_container(config.hydra.overrides.task, resolve=False) == [*task, *added]


VALUES = [
    *("0.5", "a", "/h/global_step_20/huggingface", "/h/global_step_40/huggingface", "/h/global/step/20", "a/b", "a-b"),
    *("a b", "[1, 2]", "{'r': 0.5}", "x" * 300, "y" * 300 + "x" * 100, "..", "é"),
]


def test_a_value_in_a_name_is_plain_and_its_own() -> None:
    names = [plain_name(value) for value in VALUES]
    assert len(set(names)) == len(VALUES) and names[:2] == VALUES[:2]
    assert not [name for name in names if "/" in name or " " in name or "global_step_" in name or len(name) > 50]


@pytest.mark.slow
def test_a_sweep_over_saved_models_is_accepted(script: RunScript, home: Path) -> None:
    models = [write_checkpoint(home / f"stage1/global_step_{step}") / "huggingface" for step in (20, 40)]
    names = [f"stage2_model{plain_name(str(model))}" for model in models]
    assert folders(script, home, "+recipe=iea_cpu", f"iea.model={models[0]},{models[1]}") == names


@pytest.mark.slow
def test_points_of_sft_do_too(script: RunScript, home: Path) -> None:
    overrides = ["--sft", "+recipe=iea_sft_cpu", "optim.lr=1e-3,2e-3"]
    assert folders(script, home, *overrides) == ["stage1_lr0.001", "stage1_lr0.002"]


@pytest.mark.slow
def test_the_line_of_the_readme_works(script: RunScript, home: Path) -> None:
    text = (Path(__file__).parents[3] / "README.md").read_text()
    line = next(one for one in text.replace("\n", " ").split("`") if "--multirun" in one)
    words = [word for word in line.partition("--multirun")[2].split() if "..." not in word]
    assert folders(script, home, *words, "data.train_batch_size=16") == ["stage2_w0.5", "stage2_w0.7"]


@pytest.mark.slow
def test_a_sweep_over_a_group_is_refused(script: RunScript, home: Path) -> None:
    overrides = [
        "--multirun",
        f"hydra.sweep.dir={home}/sweep",
        "+recipe=iea_cpu",
        "actor@actor_rollout_ref.actor=dp_actor,x",
    ]
    done = script("sweep", *overrides, check=False, IEA_HOME=str(home))
    assert done.returncode and "must be over settings" in done.stderr
