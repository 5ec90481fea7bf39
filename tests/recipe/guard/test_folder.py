"""The folder of checkpoints is looked at before the start: space, rights, and what verl would resume from."""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from homes import guarded, start, write_checkpoint
from hydra.core.utils import JobReturn, JobStatus

from iea.recipe.checkpoints import TRACKER
from iea.recipe.guard import JobGuard
from iea.recipe.guard import folder as folder_module

pytestmark = pytest.mark.slow  # the module as a whole

RECIPES = {"iea_cpu": ("stage2", "actor"), "iea_sft_cpu": ("stage1", ""), "iea_judge_cpu": ("judge", "")}

HOLD = Path(__file__).parents[2] / "scripts/hold_flock.py"


@pytest.fixture(params=RECIPES)
def begun(request: pytest.FixtureRequest, home: Path) -> tuple[str, Path]:
    """A recipe, and the checkpoint of step 20 of its run."""
    recipe: str = request.param
    name, inner = RECIPES[recipe]
    start(recipe)
    return recipe, write_checkpoint(home / name / "global_step_20", inner)


def test_a_whole_checkpoint_is_resumed(begun: tuple[str, Path], capsys: pytest.CaptureFixture[str]) -> None:
    recipe, step = begun
    start(recipe)
    assert f"continues {step} of" in capsys.readouterr().out


@pytest.mark.parametrize("text", ["", "\n", "twenty", "40", "-20", "20.0", "²"])
def test_a_tracker_must_name_a_saved_step(begun: tuple[str, Path], text: str) -> None:
    recipe, step = begun
    (step.parent / TRACKER).write_text(text)
    with pytest.raises(SystemExit, match=r"must hold the number of a saved step, among \[20\].*write 20 into it"):
        start(recipe)


def test_steps_without_a_tracker_are_not_overwritten(begun: tuple[str, Path]) -> None:
    recipe, step = begun
    (step.parent / TRACKER).unlink()
    with pytest.raises(SystemExit, match=r"has the steps \[20\] and no tracker"):
        start(recipe)


def test_a_step_that_was_never_complete_does_not_block_the_start(begun: tuple[str, Path]) -> None:
    recipe, step = begun
    (step.parent / TRACKER).unlink()
    for path in step.rglob("model_world_size_*"):
        path.unlink()
    start(recipe)


@pytest.mark.parametrize("name", ["model_world_size_1_rank_0.pt", "optim_world_size_1_rank_0.pt", "model.safetensors"])
@pytest.mark.parametrize("kept", [0, 1, 60])
def test_weights_that_are_cut_off_end_the_run(begun: tuple[str, Path], name: str, kept: int) -> None:
    recipe, step = begun
    (path,) = step.rglob(name)
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(SystemExit, match=f"weights must be complete, got .*{name}"):
        start(recipe)


def test_lost_weights_end_the_run(begun: tuple[str, Path]) -> None:
    recipe, step = begun
    for path in step.rglob("*.pt"):
        path.unlink()
    with pytest.raises(SystemExit, match="must hold the weights of the model"):
        start(recipe)


@pytest.mark.parametrize(("world", "message"), [(2, "by the 2 processes that saved it alone, got 1")])
def test_a_checkpoint_of_other_processes_ends_the_run(begun: tuple[str, Path], world: int, message: str) -> None:
    recipe, step = begun
    shutil.rmtree(step)
    write_checkpoint(step, RECIPES[recipe][1], world=world)
    with pytest.raises(SystemExit, match=message):
        start(recipe)


@pytest.mark.parametrize("path", ["none/global_step_5", "global_step_5", "model", "global_step_"])
def test_resume_from_path_must_be_a_checkpoint(path: str, begun: tuple[str, Path]) -> None:
    recipe, step = begun
    given = path if path == "global_step_5" else step.parent / path
    with pytest.raises(SystemExit, match="checkpoint"):
        start(recipe, "trainer.resume_mode=resume_path", f"trainer.resume_from_path={given}")


@pytest.mark.parametrize("kind", ["model", "optim", "extra_state"])
def test_every_rank_needs_its_state(begun: tuple[str, Path], kind: str) -> None:
    recipe, step = begun
    (step / RECIPES[recipe][1] / f"{kind}_world_size_1_rank_0.pt").unlink()
    with pytest.raises(SystemExit, match=rf"lacks {kind} of \[0\]"):
        start(recipe)


def test_what_a_run_does_not_load_may_be_missing(home: Path) -> None:
    loaded = "actor_rollout_ref.actor.checkpoint.load_contents=[model]"
    start("iea_cpu", loaded)
    step = write_checkpoint(home / "stage2/global_step_20", "actor")
    for kind in ("optim", "extra_state"):
        (step / f"actor/{kind}_world_size_1_rank_0.pt").unlink()
    start("iea_cpu", loaded)


@pytest.mark.parametrize(("recipe", "other"), [("iea_cpu", ""), ("iea_sft_cpu", "actor")])
def test_a_checkpoint_of_the_other_trainer_is_refused(recipe: str, other: str, home: Path) -> None:
    step = write_checkpoint(home / "other/global_step_5", other)
    with pytest.raises(SystemExit, match="a checkpoint must"):
        start(recipe, "trainer.resume_mode=resume_path", f"trainer.resume_from_path={step}")


def test_disable_does_not_overwrite_steps(begun: tuple[str, Path]) -> None:
    with pytest.raises(SystemExit, match=r"resume_mode=disable would overwrite the steps \[20\]"):
        start(begun[0], "trainer.resume_mode=disable")


def test_disable_starts_in_an_empty_folder(home: Path) -> None:
    start("iea_cpu", "trainer.resume_mode=disable")


def test_a_tracker_must_be_a_file(begun: tuple[str, Path]) -> None:
    recipe, step = begun
    (step.parent / TRACKER).unlink()
    (step.parent / TRACKER).mkdir()
    with pytest.raises(SystemExit, match="must be a file that can be read"):
        start(recipe)


@pytest.mark.parametrize(
    "name", ["null", "''", "data", "logs", "../../etc", "a/b", "..", ".", "[a]", "true", "' '", "x" * 300]
)
def test_the_name_of_a_run_must_be_plain(name: str, home: Path) -> None:
    with pytest.raises(SystemExit, match="trainer.experiment_name must be the plain name of a folder"):
        start("iea_cpu", f"trainer.experiment_name={name}")


@pytest.mark.parametrize(
    ("setting", "held"),
    [
        ("trainer.experiment_name=stage1", "stage1/huggingface"),
        ("trainer.experiment_name=mine", "mine/rows/train.parquet"),
        ("trainer.default_local_dir=${iea.home}", "data/stage2/train.parquet"),
    ],
)
def test_the_folder_of_a_run_may_not_hold_what_it_starts_from(setting: str, held: str, home: Path) -> None:
    settings = [setting]
    if held.startswith("mine"):
        (home / "mine").mkdir()
        shutil.copytree(home / "data/stage2", home / "mine/rows")
        settings.append(f"data.train_files={home}/{held}")
    with pytest.raises(SystemExit, match=f"must be a folder of this run alone.*{held}"):
        start("iea_cpu", *settings)


@pytest.mark.parametrize("mode", ["atuo", "null", "true"])
def test_an_unknown_resume_mode_ends_the_run(mode: str, home: Path) -> None:
    with pytest.raises(SystemExit, match="resume_mode must be auto, disable or resume_path"):
        start("iea_sft_cpu", f"trainer.resume_mode={mode}")


def test_grpo_does_not_ignore_a_path_to_resume_from(home: Path) -> None:
    with pytest.raises(SystemExit, match="read with resume_mode=resume_path alone"):
        start("iea_cpu", f"trainer.resume_from_path={home}/stage2/global_step_20")


def test_a_folder_inside_a_checkpoint_is_refused(home: Path) -> None:
    """verl would take 20 for the step of every checkpoint in it."""
    with pytest.raises(SystemExit, match="must not contain 'global_step_'"):
        start("iea_sft_cpu", f"trainer.default_local_dir={home}/stage1/global_step_20/more")


@pytest.mark.parametrize("recipe", RECIPES)
def test_a_variable_in_a_path_is_refused(recipe: str, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """verl replaces it in the paths of rows."""
    monkeypatch.setenv("IEA_NAME", "x")
    (home / "$IEA_NAME").symlink_to(home)
    monkeypatch.setenv("IEA_HOME", str(home / "$IEA_NAME"))
    with pytest.raises(SystemExit, match=r"must not contain .* the \$NAME of a variable"):
        start(recipe)


@pytest.mark.parametrize("recipe", RECIPES)
def test_a_folder_that_cannot_be_made_ends_the_run(recipe: str, home: Path) -> None:
    (home / RECIPES[recipe][0]).rename(home / "away") if (home / RECIPES[recipe][0]).exists() else None
    (home / RECIPES[recipe][0]).write_text("a file")
    with pytest.raises(SystemExit, match="must be a folder that can be written"):
        start(recipe, "iea.model=Qwen/any")


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="needs a read-only file system")
def test_a_read_only_disk_ends_the_run(home: Path) -> None:
    with pytest.raises(SystemExit, match="must be a folder that can be written"):
        start("iea_sft_cpu", "trainer.default_local_dir=/proc/self/run")


@pytest.mark.parametrize("recipe", RECIPES)
def test_a_full_disk_ends_the_run(recipe: str, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage: Any = shutil._ntuple_diskusage(1000, 999, 1)  # type: ignore[attr-defined]
    monkeypatch.setattr(folder_module.shutil, "disk_usage", lambda _: usage)
    with pytest.raises(SystemExit, match="must have space for a checkpoint"):
        start(recipe)


@pytest.mark.parametrize(("free", "said"), [(0, True), (10**12, False)])
def test_a_failed_run_says_if_the_disk_is_full(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], free: int, said: bool
) -> None:
    usage: Any = shutil._ntuple_diskusage(10**13, 10**13 - free, free)  # type: ignore[attr-defined]
    with guarded("iea_sft_cpu") as config:
        monkeypatch.setattr(folder_module.shutil, "disk_usage", lambda _: usage)
        JobGuard().on_job_end(config, JobReturn(status=JobStatus.FAILED))
    assert ("verl-iea: the disk of trainer.default_local_dir must have space" in capsys.readouterr().err) == said


def test_two_runs_at_once_do_not_share_a_folder(home: Path) -> None:
    start("iea_sft_cpu")
    with subprocess.Popen(
        [sys.executable, HOLD, home / "stage1/.lock"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        with pytest.raises(SystemExit, match="another run is using"):
            start("iea_sft_cpu")
        holder.communicate("\n")
    with guarded("iea_sft_cpu"):
        pass
