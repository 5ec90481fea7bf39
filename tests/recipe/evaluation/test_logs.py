"""verl's metric files."""

import json
import os
from pathlib import Path

import pandas as pd
import pytest

from iea.recipe.evaluation.logs import read_log, reward_cost, stage_seconds


def _log(path: Path, steps: dict[int, dict[str, float]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps({"step": step, "data": data}) + "\n" for step, data in steps.items()))


def test_a_resumed_runs_log_counts_each_step_once(tmp_path: Path) -> None:
    first, second = tmp_path / "1.jsonl", tmp_path / "2.jsonl"
    _log(first, {step: {"x": step} for step in (1, 2, 3)})
    _log(second, {step: {"x": 10 * step} for step in (3, 4)})
    os.utime(first, (1, 1))
    assert read_log(tmp_path).x.to_dict() == {1: 1, 2: 2, 3: 30, 4: 40}


def test_the_seconds_of_a_resumed_stage_are_added(tmp_path: Path) -> None:
    for start, seconds in ((10, 5), (20, 7)):
        log = tmp_path / f"{start * 10**9}.jsonl"
        _log(log, {})
        os.utime(log, (start + seconds, start + seconds))
    assert stage_seconds(tmp_path) == pytest.approx(12)


def test_the_cost_of_a_reward_is_weighted_by_kind(tmp_path: Path) -> None:
    """80 answers of 5 ms in a step of 4 s; a step without `auto` rows counts `edit` alone."""
    times = {"timing_s/step": 4.0, "reward/iea/edit/reward_ms": 6.0}
    _log(tmp_path / "1.jsonl", {step: times | {"reward/iea/auto/reward_ms": 2.0} for step in (1, 2)} | {3: times})
    (tmp_path / "hydra" / ".hydra").mkdir(parents=True)
    config = "data: {train_batch_size: 16}\nactor_rollout_ref: {rollout: {n: 5}}\n"
    (tmp_path / "hydra" / ".hydra" / "config.yaml").write_text(config)
    kinds = pd.Series(["edit", "edit", "edit", "auto"])
    assert reward_cost(tmp_path, kinds) == pytest.approx((5.0, 0.1))
    assert reward_cost(tmp_path) == pytest.approx((4.0, 0.08))
