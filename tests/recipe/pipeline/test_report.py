"""Tables and pictures of a finished run, from results made on the spot."""

import json
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from iea.editor.io import read_image, write_image
from iea.recipe.evaluation import report


@pytest.fixture
def results(tmp_path: Path) -> pd.DataFrame:
    picture = np.random.default_rng(0).integers(0, 256, (16, 16, 3), dtype=np.uint8)
    path = tmp_path / "picture.png"
    write_image(path, picture)
    rows = [
        {
            "index": i,
            "photo": f"photo{i % 3}",
            "kind": "auto" if i % 4 == 0 else "edit",
            "original": str(path),
            "reference": str(path),
            "program": '{"exposure": 20}',
            "instruction": "make it brighter",
            "answer": '{"exposure": 45}' if i % 2 else "no idea",
            "parsable": float(i % 2),
            "d_after": 0.1,
            "r_like": 0.5,
            "r_use": 1.0,
            "score": 0.1 * i,
        }
        for i in range(12)
    ]
    return pd.DataFrame(rows)


def test_table_shows_the_two_kinds_of_rows_apart(results: pd.DataFrame) -> None:
    text = report.table({"after SFT": results})
    assert "| after SFT | all | 12 | 50.0 | 0.100 | 0.500 | 1.000 | 0.550 |" in text
    assert "| after SFT | with instruction | 9 |" in text
    assert "| after SFT | without instruction | 3 |" in text


def test_photo_table_has_a_line_for_every_photograph(results: pd.DataFrame) -> None:
    text = report.photo_table({"after SFT": results})
    assert [line.split("|")[1].strip() for line in text.splitlines()[2:]] == ["photo0", "photo1", "photo2"]


def test_paired_difference_pairs_rows_by_index(results: pd.DataFrame) -> None:
    better = results.assign(score=results.score + 0.25).sample(frac=1, random_state=1)
    assert report.paired_difference(better, results) == pytest.approx((0.25, 0.25, 0.25))


def test_interval_of_pure_noise_holds_zero(results: pd.DataFrame) -> None:
    rng = np.random.default_rng(3)
    many = pd.concat([results] * 40).assign(index=range(480))
    noise = many.assign(score=many.score + rng.normal(0, 1, 480) - 0.0)
    mean, low, high = report.paired_difference(noise, many)
    assert low < 0 < high and low < mean < high


def test_a_resumed_runs_log_counts_each_step_once(tmp_path: Path) -> None:
    first, second = tmp_path / "1.jsonl", tmp_path / "2.jsonl"
    first.write_text("".join(json.dumps({"step": s, "data": {"x": s}}) + "\n" for s in (1, 2, 3)))
    second.write_text("".join(json.dumps({"step": s, "data": {"x": 10 * s}}) + "\n" for s in (3, 4)))
    os.utime(first, (1, 1))
    assert report.read_log(tmp_path).x.to_dict() == {1: 1, 2: 2, 3: 30, 4: 40}


def test_pictures_are_written_whole(results: pd.DataFrame, tmp_path: Path) -> None:
    log = pd.DataFrame({"critic/score/mean": [0.0, 0.1], "reward/iea/edit/r_like": [0.0, 0.2]}, index=[1, 2])
    report.plot_reward(log, tmp_path / "curve.png")
    report.contact_sheet(results, results, tmp_path / "sheet.png", rows=3)
    for name in ("curve.png", "sheet.png"):
        assert read_image(tmp_path / name).std() > 0
    assert not list(tmp_path.glob("*.partial*"))


def test_runs_are_shown_side_by_side_with_what_is_gained_by_construction(
    results: pd.DataFrame, tmp_path: Path
) -> None:
    from iea.recipe.evaluation import seeds

    for seed in (0, 1):
        run = tmp_path / f"seed-{seed}"
        (run / "evaluation").mkdir(parents=True)
        (run / "data").mkdir()
        for name, gain in (("sft", 0.0), ("grpo_quick", 0.5), ("grpo_grey_quick", 0.25)):
            results.assign(score=results.score + gain).to_parquet(run / f"evaluation/{name}.parquet")
        for stage, values in (
            ("sft", {}),
            (
                "grpo_quick",
                {"timing_s/step": 4.0, "reward/iea/edit/reward_ms": 6.0, "reward/iea/auto/reward_ms": 2.0},
            ),
        ):
            log = run / "logs" / stage / f"{10**18}.jsonl"
            (log.parent / "hydra" / ".hydra").mkdir(parents=True)
            log.write_text("".join(json.dumps({"step": step, "data": values}) + "\n" for step in (1, 2)))
            os.utime(log, (10**9 + 6, 10**9 + 6))
        config = "data: {train_batch_size: 16}\nactor_rollout_ref: {rollout: {n: 5}}\n"
        (log.parent / "hydra" / ".hydra" / "config.yaml").write_text(config)
        rated = {"labels": {"reward_w0.7": 0.5}, "true_programs": {"reward_w0.7": 1.0}}
        (run / "data/manifest.json").write_text(json.dumps({"headroom": {"val": {"edit": rated}}}))
    text = seeds.side_by_side([tmp_path / "seed-0", tmp_path / "seed-1"])
    assert "| seed-1 quick | +0.500 (+0.500 to +0.500) | not run | +0.250 (+0.250 to +0.250) |" in text
    assert "| seed-1 quick | 3.00 | 4.00 | 5.0 | 10.0 % |" in text  # 16 x 5 x 5 ms of 4 s
    assert "| seed-0 | with instruction | 0.500 | 1.000 | +0.500 |" in text


def test_an_unfinished_run_is_named(tmp_path: Path) -> None:
    from iea.recipe.evaluation import seeds

    with pytest.raises(ValueError, match="must hold a finished run"):
        seeds.side_by_side([tmp_path])


def test_runs_of_one_name_are_refused(tmp_path: Path) -> None:
    from iea.recipe.evaluation import seeds

    with pytest.raises(ValueError, match="different names"):
        seeds.side_by_side([tmp_path / "a/seed-0", tmp_path / "b/seed-0"])
