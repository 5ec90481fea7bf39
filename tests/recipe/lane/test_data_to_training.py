"""verl trains on prepared data on the CPU: one step of each stage, also with two images in a prompt."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

import pandas as pd
import pytest

from iea.data_prep.annotate.offline import Offline, annotate_offline
from iea.data_prep.mix.step import MixConfig, mix
from iea.data_prep.prepare import PrepareConfig, prepare
from iea.recipe.tiny.policy import build_tiny_model, message_texts

pytestmark = [pytest.mark.lane, pytest.mark.filterwarnings("ignore")]  # torch's and transformers' own

ROOT = Path(__file__).parents[3]
SIDE = 112
LENGTH = 512  # tokens; a refinement quotes two requests of up to five edits
STAGE_2 = """
rows: rl
val_rows: 4
parts:
  - {name: "Edit, distilled", where: {task: edit}, unless: {origin: synthetic}, count: 2}
  - {name: "Refine, synthetic", where: {task: refine}, count: 2}
"""
"""A mix without summaries, which need a judge, and with rows of two images."""

CHEAP = [
    "data.train_batch_size=4",
    f"data.max_prompt_length={LENGTH}",
    f"actor_rollout_ref.rollout.max_model_len={2 * LENGTH}",
    "actor_rollout_ref.actor.ppo_mini_batch_size=4",
    "actor_rollout_ref.rollout.n=2",
    "algorithm.rollout_correction.bypass_mode=false",
]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Prepare stages 1 to 3 of bundled photographs, in the short style, and a tiny model with their vocabulary."""
    home = tmp_path_factory.mktemp("lane_data")
    stand_ins = [sys.executable, ROOT / "examples/stand_ins.py", "gier", "--own", "--out", home / "gier"]
    subprocess.run([*stand_ins, "--count", "24", "--side", str(SIDE)], check=True)
    config = PrepareConfig(
        home,
        source=(f"gier={home / 'gier'}",),
        style="short",
        max_pixels=SIDE * SIDE,
        size=SIDE,
        pairs_per_photo=2,
        judged=0,
        oracle=False,
    )
    annotate = partial(annotate_offline, teacher=Offline(evaluations=40), workers=1)
    prepare(config, annotate=annotate, workers=1, sheets=False, quiet=True)
    (home / "edit_and_refine.yaml").write_text(STAGE_2)
    tables = (home / "labeled", home / "synthetic/examples")
    own = MixConfig(str(home / "edit_and_refine.yaml"), tables, home / "edit_and_refine", style="short")
    mix(replace(own, max_pixels=SIDE * SIDE), quiet=True)
    build_tiny_model(home / "tiny_model", message_texts(home / "stage3/train.parquet"))
    return home


def train(home: Path, name: str, mix: str, module: list[str], *overrides: str) -> dict[str, float]:
    """Run one step of a trainer of verl on a mix; return its metrics."""
    log = home / "logs" / f"{name}.jsonl"
    log.parent.mkdir(exist_ok=True)
    settings = [f"data.{split}_files={home / mix / split}.parquet" for split in ("train", "val")]
    settings += ["trainer.total_training_steps=1", "trainer.save_freq=-1", "trainer.logger=[console,file]"]
    settings += [f"trainer.experiment_name={name}", f"hydra.run.dir={home}/hydra/{name}"]
    environment = {
        "IEA_HOME": str(home),
        "VERL_FILE_LOGGER_PATH": str(log),
        "VERL_PLATFORM": "cpu",
        "RAY_ADDRESS": "local",
        "HF_HUB_OFFLINE": "1",
        "TORCHDYNAMO_DISABLE": "1",
        "OMP_WAIT_POLICY": "PASSIVE",
    }
    done = subprocess.run(
        [sys.executable, "-m", *module, *settings, *overrides],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-6000:]
    logged = [json.loads(line) for line in log.read_text().splitlines()]  # training and validation
    return {key: value for entry in logged if entry["step"] == 1 for key, value in entry["data"].items()}


@pytest.mark.parametrize(("stage", "recipe"), [("stage1", "iea_sft_cpu"), ("stage3", "iea_stage3_cpu")])
def test_sft_trains_on_rows_of_one_and_two_images(home: Path, stage: str, recipe: str) -> None:
    shown = pd.read_parquet(home / stage / "train.parquet", columns=["images"]).images.map(len)
    assert set(shown) == {1, 2}
    torchrun = ["torch.distributed.run", "--standalone", "--nproc_per_node=1", "-m"]
    sizes = ["data.train_batch_size=32", "data.micro_batch_size_per_gpu=8", f"data.max_length={LENGTH}"]
    sizes.append(f"iea.model={home / 'tiny_model'}")
    metrics = train(home, f"sft_{stage}", stage, [*torchrun, "verl.trainer.sft_trainer", f"+recipe={recipe}"], *sizes)
    assert 0 < metrics["train/loss"] < 20 and 0 < metrics["val/loss"] < 20


def test_grpo_trains_on_edits_and_refinements(home: Path) -> None:
    rows = pd.read_parquet(home / "edit_and_refine/train.parquet")
    assert sorted(rows.images.map(len)) == [1, 1, 2, 2]
    main_ppo = ["verl.trainer.main_ppo", "+recipe=iea_cpu", f"iea.model={home / 'tiny_model'}"]
    metrics = train(home, "grpo", "edit_and_refine", main_ppo, *CHEAP)
    assert metrics["training/rollout_actor_probs_pearson_corr"] > 0.999  # the same images on both sides
    sources = {name.split("/")[2] for name in metrics if name.startswith("reward/iea/")}
    assert sources == {source.removeprefix("iea/") for source in rows.data_source}
    assert not any(value for name, value in metrics.items() if name.endswith("/error"))
