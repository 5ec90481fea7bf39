"""The plan of a run on GPUs, and what is refused before one is taken."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from homes import rl_row, sft_row, write_checkpoint, write_model, write_rows

from iea.editor.io import write_image
from iea.recipe.config import compose_recipe
from iea.recipe.hand_over import hand_over
from iea.recipe.memory import QWEN3_06B, QWEN25_VL_7B, ModelSize, estimate, estimate_sft
from iea.recipe.pipeline import plan as plan_module
from iea.recipe.pipeline.plan import plan
from iea.recipe.pipeline.run import Run, Setting
from iea.recipe.pipeline.stage import STAGE1, STAGE2, STAGES

Iea = Callable[..., Any]
TIB = 1 << 40


class Usage(NamedTuple):
    total: int
    used: int
    free: int


@pytest.fixture(autouse=True)
def disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk with 2 TiB, as of a cluster."""
    monkeypatch.setattr(plan_module.shutil, "disk_usage", lambda _: Usage(2 * TIB, 0, 2 * TIB))


def run_of(home: Path, *settings: str) -> Run:
    return Run(home, "paper", settings=[Setting.read(one) for one in settings])


def test_sizes_are_those_of_the_published_models() -> None:
    assert round(QWEN25_VL_7B.parameters / 1e9, 2) == 8.29  # the model card's 8.29 B
    assert round(QWEN25_VL_7B.vision / 1e6) == 676
    assert round(QWEN3_06B.parameters / 1e9, 2) == 0.6


@pytest.mark.slow
def test_sizes_of_a_folder_are_those_of_the_model(tmp_path: Path) -> None:
    from iea.recipe.tiny.policy import build_tiny_model

    counted = build_tiny_model(tmp_path / "model", iter(["make it warmer"] * 50))
    assert ModelSize.read(tmp_path / "model").parameters == pytest.approx(counted, rel=0.01)
    (tmp_path / "model/config.json").write_text("{}")
    with pytest.raises(ValueError, match="must hold the sizes of a model"):
        ModelSize.read(tmp_path / "model")


def test_a_plan_without_rows_and_model_has_the_papers_numbers(tmp_path: Path) -> None:
    made = plan(run_of(tmp_path), [*STAGES.values()], 80)
    steps = {one.stage.name: (one.rows, one.steps, one.epochs, one.gpus) for one in made.stages}
    assert steps == {
        "judge": (140_000, 5460, 10, 8),
        "stage1": (29_346, 229 * 5, 5, 8),
        "stage2": (29_346, 1834, 1, 9),  # as released; the ninth GPU serves the judge
        "stage3": (202_000, 3156 * 2, 2, 8),
    }
    assert not any(one.exact or one.made for one in made.stages)
    assert "29,346 (paper)" in str(made) and "at most" in str(made)
    made.refuse_what_cannot_fit()


def test_rows_that_are_there_are_counted_and_a_done_stage_takes_no_disk(home: Path) -> None:
    shutil.rmtree(home / "stage1")
    run = run_of(home)
    before = plan(run, [STAGE1, STAGE2], 80).stages
    assert [one.stage.name for one in before] == ["stage1", "stage2"]  # without summaries no judge is trained
    assert (before[0].rows, before[0].steps, before[0].made) == (1300, 50, True) and before[0].disk > 100
    write_checkpoint(home / "stage1/global_step_50")
    hand_over(home / "stage1")
    assert plan(run, [STAGE1], 80).stages[0].disk == 0


@pytest.mark.slow
def test_tokens_are_those_of_the_processor_where_the_model_is(home: Path) -> None:
    from iea.recipe.tiny.policy import build_tiny_model

    write_image(image := home / "image.png", np.zeros((112, 112, 3), np.uint8))
    shown = {"images": [{"image": str(image), "min_pixels": 784, "max_pixels": 112 * 112}]}
    for stage, row in (("stage1", sft_row(image)), ("stage2", rl_row(image))):
        write_rows(home / f"data/{stage}/train.parquet", [row | shown] * 128)
    build_tiny_model(home / "model", iter(["make it warmer"] * 50))
    run = run_of(home, f"iea.model={home / 'model'}")
    one, two = plan(run, [STAGE1, STAGE2], 80).stages
    assert one.exact and 10 < one.tokens / (one.steps * 128) < 100
    assert not two.exact  # answers may be shorter than the longest
    assert one.memory.state < 0.1 < estimate(run.config(STAGE1)).state


def test_fewer_gpus_take_more_each_until_they_do_not_fit(tmp_path: Path) -> None:
    peaks = {}
    for gpus in (4, 8):
        (made,) = plan(run_of(tmp_path, f"trainer.n_gpus_per_node={gpus}"), [STAGE1], 80).stages[1:]
        peaks[gpus] = made.memory
    assert peaks[4].state == pytest.approx(2 * peaks[8].state)
    assert peaks[8].peak < peaks[4].peak < 80
    with pytest.raises(ValueError, match=r"stage2 must fit into the 30 GiB of a GPU, got \d+\.\d GiB; use more"):
        plan(Run(tmp_path, "paper", judge="/another"), [STAGE2], 30).refuse_what_cannot_fit()


def test_a_full_disk_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan_module.shutil, "disk_usage", lambda _: Usage(TIB, 0, TIB // 100))
    with pytest.raises(ValueError, match="must have 255 GiB free for checkpoints, got 10"):
        plan(run_of(tmp_path), [STAGE1], 80).refuse_what_cannot_fit()


def test_what_the_estimate_of_sft_depends_on() -> None:
    def sft(*overrides: str, tokens: int = 8192) -> Any:
        config = compose_recipe("sft_trainer_engine", ["+recipe=iea_sft", *overrides])
        return estimate_sft(config, QWEN25_VL_7B, tokens, gpus=1)

    frozen, trained = sft(), sft("model.override_config.freeze_vision_tower=false")
    assert trained.state - frozen.state == pytest.approx(12 * QWEN25_VL_7B.vision / 2**30)
    assert frozen.logits == pytest.approx(8192 * 152_064 * 4 / 2**30)
    assert sft(tokens=16_384).logits == 2 * frozen.logits
    assert sft("model.use_remove_padding=false").logits == 4 * frozen.logits  # fp32 copies of the logits
    assert sft("model.enable_gradient_checkpointing=false").activations > 10 * frozen.activations


def test_a_dry_run_trains_nothing(iea: Iea, tmp_path: Path) -> None:
    result = iea("train", "--scale", "paper", "--dry-run", "--home", tmp_path / "new")
    assert result.exit_code == 0, result.output
    assert re.search(r"\| stage3 \| 202,000 \(paper\) \| 6,312 \| 2 \|", result.output)
    assert result.output.rstrip().endswith("next: stage1") and not (tmp_path / "new").exists()
    lane = iea("train", "--dry-run", "--home", tmp_path / "new")
    assert lane.exit_code == 0 and "seed-0, scale lane:" in lane.output and not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--gpu-gib", "24", "--stages", "1"), "must fit into the 24 GiB"),
        (("--set", "trainer.n_gpus_per_node=6"), "the 3 data-parallel groups"),
        (("--set", "stage1:data.nothing=1"), "data.nothing"),
        (("--set", "stage5:data.seed=1"), "with a stage among"),
        (("--stages", "7"), "must be numbers of stages"),
    ],
)
def test_what_cannot_run_is_refused_in_one_line(
    arguments: tuple[str, ...], message: str, iea: Iea, tmp_path: Path
) -> None:
    result = iea("train", "--scale", "paper", "--home", tmp_path / "new", *arguments)
    assert result.exit_code == 1 and message in result.stderr and result.stderr.count("\n") == 1
    assert not (tmp_path / "new").exists()


def test_a_model_folder_of_another_size_is_estimated_by_its_own(tmp_path: Path) -> None:
    write_model(tmp_path / "model")
    with pytest.raises(ValueError, match="must hold the sizes of a model"):
        plan(run_of(tmp_path, f"stage1:iea.model={tmp_path / 'model'}"), [STAGE1], 80)
