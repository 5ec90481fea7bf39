"""Read the metric files of finished trainings: verl's file logger, one JSON object per step."""

import json
from pathlib import Path
from typing import Any

import pandas as pd
from omegaconf import OmegaConf


def read_log(folder: Path) -> pd.DataFrame:
    """Read all metric files of a stage into one line per step.

    A resumed run logs some steps again; the values of the newer file replace those of the older one.
    """
    steps: dict[int, dict[str, Any]] = {}
    for path in sorted(folder.glob("*.jsonl"), key=lambda path: path.stat().st_mtime):
        for line in path.read_text().splitlines():
            entry = json.loads(line)
            steps.setdefault(entry["step"], {}).update(entry["data"])
    return pd.DataFrame.from_dict(steps, orient="index").sort_index()


def stage_seconds(folder: Path) -> float:
    """Sum the wall time of a stage, start-up included; metric files are named by their start in nanoseconds."""
    return sum(path.stat().st_mtime - int(path.stem) / 1e9 for path in folder.glob("*.jsonl"))


def reward_cost(logs: Path, kinds: pd.Series | None = None) -> tuple[float, float]:
    """Measure the cost of the rewards of a GRPO stage.

    Parameters
    ----------
    logs : folder of the stage's metric files and of hydra's configuration
    kinds : the kind of each held-out row; training rows are assumed to have the same shares. None = equal shares

    Returns
    -------
    milliseconds per answer, and share of a step if nothing else ran meanwhile; medians over the logged steps
    """
    log = read_log(logs)
    config = OmegaConf.load(logs / "hydra" / ".hydra" / "config.yaml")
    answers = config.data.train_batch_size * config.actor_rollout_ref.rollout.n
    times = log.filter(regex="^reward/.*/reward_ms$").rename(columns=lambda name: name.split("/")[2])
    shares = pd.Series(1.0, times.columns) if kinds is None else kinds.value_counts(normalize=True)
    weights = shares.reindex(times.columns, fill_value=0.0)
    # a step without rows of a kind lacks its time: the others share its weight
    reward_ms = (times * weights).sum(axis=1) / times.notna().mul(weights).sum(axis=1)
    share = answers * reward_ms / 1000 / log["timing_s/step"]
    return float(reward_ms.median()), float(share.median())
