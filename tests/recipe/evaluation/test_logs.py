"""verl's metric files."""

import json
import os
from pathlib import Path

import pandas as pd
import pytest

from iea.recipe.evaluation.logs import logged, read_log, reward_cost, stage_seconds


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


def test_the_cut_off_last_line_of_a_killed_run_is_left_out(tmp_path: Path) -> None:
    _log(tmp_path / "1.jsonl", {1: {"x": 1.0}, 2: {"x": 2.0}})
    with (tmp_path / "1.jsonl").open("a") as log:
        log.write('{"step": 3, "da')
    assert read_log(tmp_path).x.to_dict() == {1: 1, 2: 2}


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "[]",
        "3",
        "null",
        '{"data": {}}',
        '{"step": "a", "data": {}}',
        '{"step": 1, "data": 3}',
        '{"step": 1e999, "data": {}}',
    ],
)
def test_another_damaged_line_is_named(line: str, tmp_path: Path) -> None:
    (tmp_path / "1.jsonl").write_text(f'{line}\n{{"step": 2, "data": {{}}}}\n')
    with pytest.raises(ValueError, match=r"line 1 of '.*1\.jsonl' must be a logged step"):
        read_log(tmp_path)


def test_a_folder_without_steps_or_with_files_of_other_names_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="must hold metric files"):
        read_log(tmp_path)
    _log(tmp_path / "mine.jsonl", {1: {}})
    with pytest.raises(ValueError, match=r"named by its start.*mine\.jsonl"):
        stage_seconds(tmp_path)


@pytest.mark.parametrize("metric", [None, "fast"])
def test_a_metric_that_was_not_logged_as_numbers_is_named(metric: str | None, tmp_path: Path) -> None:
    _log(tmp_path / "1.jsonl", {1: {"x": 1.0} | ({"timing_s/step": metric} if metric else {})})
    with pytest.raises(ValueError, match="must hold numbers of 'timing_s/step'"):
        logged(read_log(tmp_path), "timing_s/step")


@pytest.mark.parametrize("config", [None, "{", "data: 3", "data: {train_batch_size: many}", "[1, 2]", "a: ${b"])
def test_a_damaged_configuration_is_named(config: str | None, tmp_path: Path) -> None:
    _log(tmp_path / "1.jsonl", {1: {"timing_s/step": 4.0}})
    if config is not None:
        (tmp_path / "hydra" / ".hydra").mkdir(parents=True)
        (tmp_path / "hydra" / ".hydra" / "config.yaml").write_text(config)
    with pytest.raises(ValueError, match=r"config\.yaml' must be the configuration"):
        reward_cost(tmp_path)
