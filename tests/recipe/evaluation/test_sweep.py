"""The points of a sweep in one table and one plot."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from iea.editor.io import read_image
from iea.recipe.evaluation.sweep import plot_sweep, sweep_table

Iea = Callable[..., Result]
W, RATE = "reward.custom_reward_function.reward_kwargs.w", "actor_rollout_ref.actor.optim.lr"


def write_point(folder: Path, settings: dict[str, object], r_like: float, last: int = 2) -> Path:
    """Write what a run leaves: its settings, and two validations."""
    (folder / "metrics").mkdir(parents=True)
    (folder / "run.json").write_text(json.dumps({"inputs": {}, "settings": {"algorithm.gamma": 1.0} | settings}))
    lines = [
        {
            "step": step,
            "data": {
                f"val-core/iea/{rows}/score/mean@1": step / 10,
                f"val-aux/iea/{rows}/r_like/mean@1": r_like * step / last,
                f"val-aux/iea/{rows}/r_use/mean@1": 0.5,
                f"val-aux/iea/{rows}/n_tools/mean@1": 2.0,
                f"val-aux/iea/{rows}/r_like/std@1": 9.0,
            },
        }
        for step in (1, last)
        for rows in ("auto", "edit")
    ]
    steps = [*lines, {"step": last + 1, "data": {"critic/score/mean": 1.0}}]
    (folder / "metrics/1.jsonl").write_text("".join(json.dumps(line) + "\n" for line in steps))
    return folder


def test_the_last_validation_of_each_point_is_a_line_for_each_kind_of_rows(tmp_path: Path) -> None:
    folders = [write_point(tmp_path / f"point{w}", {W: w}, r_like=w / 2) for w in (1, 0, 0.3)]
    table = sweep_table(folders)
    assert list(table.columns) == ["w", "rows", "step", "reward", "R_like", "R_use", "tools"]
    assert table.w.tolist() == [0, 0.3, 1] * 2 and table.rows.tolist() == ["auto"] * 3 + ["edit"] * 3
    assert table.R_like.tolist() == pytest.approx([0, 0.15, 0.5] * 2)
    assert set(table.step) == {2} and set(table.reward) == {0.2}


def test_settings_that_differ_together_are_one_column(tmp_path: Path) -> None:
    settings = [{W: 0.5, RATE: 1e-3, f"{RATE}_min": 1e-3}, {W: 0.5, RATE: 1e-4, f"{RATE}_min": 1e-4}]
    table = sweep_table([write_point(tmp_path / str(rank), one, 0.1) for rank, one in enumerate(settings)])
    assert table.columns[0] == "lr" and table.lr.tolist() == [1e-4, 1e-3] * 2


def test_a_setting_without_a_number_comes_last(tmp_path: Path) -> None:
    folders = [write_point(tmp_path / str(w), {W: w}, 0.1) for w in (None, 0.5, 10)]
    table = sweep_table(folders)
    assert table.w[:3].tolist() == [0.5, 10, "null"]
    plot_sweep(table, tmp_path / "plot.png")
    assert read_image(tmp_path / "plot.png").shape[1] > 1000


def test_the_command_prints_the_table_and_draws_the_plot(tmp_path: Path, iea: Iea) -> None:
    folders = [write_point(tmp_path / f"point{w}", {W: w}, r_like=w / 2) for w in (0.5, 0.7)]
    result = iea("sweep", *folders, "--plot", tmp_path / "plot.png")
    assert result.exit_code == 0 and "| 0.700 | edit | 2 | 0.200 | 0.350 | 0.500 | 2.000 |" in result.output
    assert read_image(tmp_path / "plot.png").size


def test_points_that_cannot_be_compared_are_refused(tmp_path: Path, iea: Iea) -> None:
    first, same = (write_point(tmp_path / name, {W: 0.5}, 0.1) for name in ("first", "same"))
    (tmp_path / "empty").mkdir()
    assert "must have points that differ in a setting" in iea("sweep", first, same).output
    assert "must be the folder of a GRPO run with run.json" in iea("sweep", first, tmp_path / "empty").output
    line = json.dumps({"step": 1, "data": {"critic/score/mean": 1.0}})
    (same / "metrics/1.jsonl").write_text(f"{line}\n")
    assert (
        "must have metrics of held-out rows, got none; train with trainer.test_freq" in iea("sweep", first, same).output
    )
