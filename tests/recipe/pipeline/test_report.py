"""The report of several runs, from files in the places of the pipeline."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from iea.recipe.pipeline.report import report

RESULTS = pd.DataFrame(
    {
        "index": range(12),
        "photo": [f"photo{i % 3}" for i in range(12)],
        "kind": ["auto" if i % 4 == 0 else "edit" for i in range(12)],
        "parsable": 1.0,
        "d_after": 0.1,
        "r_like": 0.5,
        "r_use": 1.0,
        "r_use_scaled": 1.0,
        "score": [0.1 * i for i in range(12)],
    }
)
GAINS = {"sft": 0.0, "grpo_quick": 0.5, "grpo_gray_quick": 0.25, "noisy_labels": 0.0, "true_programs": 0.5}


def _finished_run(home: Path) -> Path:
    (home / "evaluation").mkdir(parents=True)
    for name, gain in GAINS.items():
        RESULTS.assign(score=RESULTS.score + gain).to_parquet(home / f"evaluation/{name}.parquet")
    times = {"timing_s/step": 4.0, "reward/iea/edit/reward_ms": 6.0, "reward/iea/auto/reward_ms": 2.0}
    for stage, values in (("sft", {}), ("grpo_quick", times)):
        log = home / "logs" / stage / f"{10**18}.jsonl"
        (log.parent / "hydra" / ".hydra").mkdir(parents=True)
        log.write_text("".join(json.dumps({"step": step, "data": values}) + "\n" for step in (1, 2)))
        os.utime(log, (10**9 + 6, 10**9 + 6))
    config = "data: {train_batch_size: 16}\nactor_rollout_ref: {rollout: {n: 5}}\n"
    (log.parent / "hydra" / ".hydra" / "config.yaml").write_text(config)
    return home


def test_every_run_and_setting_is_in_every_table(tmp_path: Path) -> None:
    text = report([_finished_run(tmp_path / f"seed-{seed}") for seed in (0, 1)])
    assert "| seed-1 quick | after GRPO | 100.0 | 0.100 | 0.500 | 1.000 | 1.000 | 1.050 |" in text
    assert "| seed-1 quick | +0.500 (+0.500 to +0.500) | not run | +0.250 (+0.250 to +0.250) |" in text
    assert "| seed-1 quick | 3.00 | 4.00 | 5.0 | 10.0 % |" in text  # 16 x 5 answers of 5 ms in 4 s
    assert "| seed-0 | with instruction | 0.600 | 1.100 | +0.500 |" in text
    assert "seed-0 full" not in text


def test_an_unfinished_run_is_rejected(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="must hold a finished run"):
        report([tmp_path])


def test_a_run_without_the_gray_control_is_not_finished(tmp_path: Path) -> None:
    home = _finished_run(tmp_path / "seed-0")
    (home / "evaluation/grpo_gray_quick.parquet").unlink()
    with pytest.raises(ValueError, match="must hold a finished run"):
        report([home])


def test_runs_of_one_name_are_rejected(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="different names"):
        report([tmp_path / "a/seed-0", tmp_path / "b/seed-0"])


def test_a_run_under_two_names_is_rejected(tmp_path: Path) -> None:
    home = _finished_run(tmp_path / "seed-0")
    (tmp_path / "seed-1").symlink_to(home)
    with pytest.raises(ValueError, match="must be different folders"):
        report([home, tmp_path / "seed-1"])


@pytest.mark.parametrize(
    "damaged",
    [
        RESULTS[:0],
        RESULTS.drop(columns="score"),
        RESULTS.assign(kind=None),
        RESULTS.assign(score="high"),
        RESULTS.assign(photo=[["a"]] * 12),
    ],
)
def test_damaged_results_are_one_line_that_names_the_file(
    damaged: pd.DataFrame, iea: Callable[..., Any], tmp_path: Path
) -> None:
    home = _finished_run(tmp_path / "seed-0")
    damaged.to_parquet(home / "evaluation/sft.parquet")
    result = iea("report", home)
    assert result.exit_code == 1 and isinstance(result.exception, SystemExit), result.exception
    assert "sft.parquet" in result.output and result.output.count("\n") == 1


def test_damaged_logs_are_one_line_that_names_the_file(iea: Callable[..., Any], tmp_path: Path) -> None:
    home = _finished_run(tmp_path / "seed-0")
    (log,) = (home / "logs" / "grpo_quick").glob("*.jsonl")
    log.write_bytes(b"\xff\xfe\n{}\n")
    result = iea("report", home)
    assert result.exit_code == 1 and isinstance(result.exception, SystemExit), result.exception
    assert log.name in result.output and result.output.count("\n") == 1
