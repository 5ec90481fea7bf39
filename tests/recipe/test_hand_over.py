"""The model of a run's last checkpoint is handed over, complete and without taking disk."""

import os
import shutil
from pathlib import Path

import pytest
from homes import guarded, start, write_checkpoint
from hydra.core.utils import JobReturn, JobStatus

from iea.recipe.guard import JobGuard
from iea.recipe.hand_over import hand_over, is_handed_over
from iea.recipe.model_files import FolderError


@pytest.mark.parametrize("inner", ["", "actor"])
def test_files_are_links_and_outlive_the_checkpoint(tmp_path: Path, inner: str) -> None:
    step = write_checkpoint(tmp_path / "run/global_step_20", inner)
    model = hand_over(tmp_path / "run")
    assert model == tmp_path / "run/huggingface"
    assert (model / "model.safetensors").samefile(step / inner / "huggingface/model.safetensors")
    shutil.rmtree(step)
    (tmp_path / "run/latest_checkpointed_iteration.txt").unlink()
    assert is_handed_over(tmp_path / "run")


def test_a_later_checkpoint_replaces_the_model(tmp_path: Path) -> None:
    write_checkpoint(tmp_path / "global_step_20")
    hand_over(tmp_path)
    os.utime(write_checkpoint(tmp_path / "global_step_40") / "huggingface/model.safetensors", (1, 1))
    assert not is_handed_over(tmp_path)
    hand_over(tmp_path)
    assert is_handed_over(tmp_path)
    assert (tmp_path / "huggingface/model.safetensors").stat().st_mtime == 1


def test_a_disk_without_links_gets_a_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_checkpoint(tmp_path / "global_step_20")

    def refuse(*_: object) -> None:
        raise OSError("not supported")

    monkeypatch.setattr(os, "link", refuse)
    hand_over(tmp_path)
    assert is_handed_over(tmp_path)


def test_an_incomplete_model_is_not_handed_over(tmp_path: Path) -> None:
    step = write_checkpoint(tmp_path / "global_step_20")
    weights = step / "huggingface/model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1])
    with pytest.raises(FolderError, match="must be complete"):
        hand_over(tmp_path)
    assert not is_handed_over(tmp_path)


def test_a_copy_that_was_interrupted_is_made_again(tmp_path: Path) -> None:
    write_checkpoint(tmp_path / "global_step_20")
    (tmp_path / "huggingface.partial").mkdir()
    assert hand_over(tmp_path) and not (tmp_path / "huggingface.partial").exists()


def test_a_folder_without_a_checkpoint_hands_nothing_over(tmp_path: Path) -> None:
    assert hand_over(tmp_path) is None and not is_handed_over(tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize(("recipe", "name", "inner"), [("iea_cpu", "stage2", "actor"), ("iea_sft_cpu", "stage1", "")])
@pytest.mark.parametrize("status", list(JobStatus))
def test_a_trainer_that_ends_well_hands_over_and_no_other(
    recipe: str, name: str, inner: str, status: JobStatus, home: Path
) -> None:
    start(recipe)
    shutil.rmtree(home / name / "huggingface", ignore_errors=True)
    guard = JobGuard()
    with guarded(recipe) as config:
        write_checkpoint(home / name / "global_step_20", inner)
        guard.on_job_end(config, JobReturn(status=status))
    assert (home / name / "huggingface").is_dir() == (status is JobStatus.COMPLETED)


@pytest.mark.slow
def test_only_the_first_process_of_torchrun_hands_over(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.rmtree(home / "stage1/huggingface")
    with guarded("iea_sft_cpu") as config:
        write_checkpoint(home / "stage1/global_step_20")
        monkeypatch.setenv("RANK", "1")
        JobGuard().on_job_end(config, JobReturn(status=JobStatus.COMPLETED))
        assert not (home / "stage1/huggingface").exists()
