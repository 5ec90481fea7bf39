"""Results of twenty-four rows of all tasks, in place of those of a trained policy, and runs made of them."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from iea.editor.io import write_image
from iea.recipe.evaluation.results import SETS
from iea.reward_fns.result import RANGES

KINDS = ("edit", "edit", "auto", "refine", "summary", "summary")
GAINS = {
    "untrained": -0.9,
    "stage1": 0.0,
    "stage2": 0.2,
    "stage2_again": 0.3,
    "control": 0.1,
    "stage1_shrunk": 0.05,
    "stage3": 0.5,
    "noisy_labels": 0.1,
    "true_programs": 0.6,
}
"""System -> number added to the reward and to R_like of every row."""


@pytest.fixture
def results(tmp_path: Path) -> pd.DataFrame:
    """Rows of three photographs; the reward of row i is i / 50."""
    image = np.random.default_rng(0).integers(0, 256, (16, 16, 3), dtype=np.uint8)
    path = tmp_path / "image.png"
    write_image(path, image)
    rows = [
        {
            "index": i,
            "photo": f"bundled:photo{i % 3}",
            "kind": KINDS[i % 6],
            "data_source": f"iea/{KINDS[i % 6]}",
            "original": str(path),
            "reference": str(path),
            "program": '{"exposure": 20}',
            "instruction": "make it brighter",
            "answer": '{"exposure": 45}' if i % 2 else "no idea",
        }
        | dict.fromkeys(RANGES, 0.0)
        | {"parsable": float(i % 2), "d_after": 0.1, "r_like": 0.5, "r_use": 1.0, "n_tools": 2.0, "rouge_l": 0.25}
        | {"score": i / 50}
        for i in range(24)
    ]
    return pd.DataFrame(rows)


@pytest.fixture
def make_home(results: pd.DataFrame, tmp_path: Path) -> Callable[..., Path]:
    """Write a run: results of both sets, and logs of Stages 1 and 2; `gains` are added to those of GAINS."""

    def make(name: str = "seed-0", **gains: float) -> Path:
        home = tmp_path / "work" / name
        for part in SETS:
            (home / "evaluation" / part).mkdir(parents=True)
            for system, gain in GAINS.items():
                total = gain + gains.get(system, 0.0)
                better = results.assign(score=results.score + total, r_like=results.r_like + total)
                better.to_parquet(home / "evaluation" / part / f"{system}.parquet")
            gray = results[results.kind != "summary"]
            gray.to_parquet(home / "evaluation" / part / "stage3_gray.parquet")
            shuffled = results[results.kind == "summary"]
            shuffled.to_parquet(home / "evaluation" / part / "stage3_shuffled.parquet")
        write_logs(home)
        return home

    return make


def write_logs(home: Path) -> None:
    """Write metric files of two steps in six seconds."""
    times = {"timing_s/step": 4.0, "critic/score/mean": 0.1}
    times |= {"reward/iea/edit/reward_ms": 6.0, "reward/iea/auto/reward_ms": 3.0}
    for stage, values in (("stage1", {}), ("stage2", times)):
        log = home / "logs" / stage / f"{10**18}.jsonl"
        (log.parent / "hydra" / ".hydra").mkdir(parents=True)
        log.write_text("".join(json.dumps({"step": step, "data": values}) + "\n" for step in (1, 2)))
        os.utime(log, (10**9 + 6, 10**9 + 6))
    config = "data: {train_batch_size: 16}\nactor_rollout_ref: {rollout: {n: 5}}\n"
    (log.parent / "hydra" / ".hydra" / "config.yaml").write_text(config)
