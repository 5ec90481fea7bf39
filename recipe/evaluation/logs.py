"""Read the metric files of finished trainings: verl's file logger, one JSON object per step."""

import json
from pathlib import Path
from typing import Any

import pandas as pd
from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException
from yaml import YAMLError

from iea.editor.io import regular


def read_log(folder: Path) -> pd.DataFrame:
    """Read all metric files of a stage into one line per step.

    A resumed run logs some steps again; the values of the newer file replace those of the older one. The last line of a
    killed run may be cut off, and is left out.

    Raises
    ------
    ValueError : another line is not a step of verl's file logger, or the folder holds no step
    """
    steps: dict[int, dict[str, Any]] = {}
    for path in sorted(folder.glob("*.jsonl"), key=lambda path: path.stat().st_mtime):
        lines = regular(path).read_text(encoding="utf-8", errors="replace").splitlines()
        for number, line in enumerate(lines, 1):
            try:
                entry = json.loads(line)
                steps.setdefault(int(entry["step"]), {}).update(entry["data"])
            except (ArithmeticError, LookupError, TypeError, ValueError) as error:
                if number < len(lines):
                    raise ValueError(f"line {number} of {str(path)!r} must be a logged step: {error!r}") from None
    if not steps:
        raise ValueError(f"{str(folder)!r} must hold metric files of verl with at least one step, got none")
    return pd.DataFrame.from_dict(steps, orient="index").sort_index()


def logged(log: pd.DataFrame, metric: str) -> "pd.Series[float]":
    """Return the values of a metric at every step. Raises ValueError if it was not logged as numbers."""
    if metric not in log or not pd.api.types.is_numeric_dtype(log[metric]):
        raise ValueError(
            f"the metric files must hold numbers of {metric!r}, got {sorted(log.columns)[:20]}; train again"
        )
    return log[metric]


def stage_seconds(folder: Path) -> float:
    """Sum the wall time of a stage, start-up included; metric files are named by their start in nanoseconds.

    Raises
    ------
    ValueError : a file has another name
    """
    files = list(folder.glob("*.jsonl"))
    if wrong := [path for path in files if not path.stem.isdecimal()]:
        raise ValueError(f"a metric file must be named by its start in nanoseconds, got {str(wrong[0])!r}")
    return sum(path.stat().st_mtime - int(path.stem) / 1e9 for path in files)


def reward_cost(logs: Path, kinds: pd.Series | None = None) -> tuple[float, float]:
    """Measure the cost of the rewards of a GRPO stage.

    Parameters
    ----------
    logs : folder of the stage's metric files and of hydra's configuration
    kinds : the kind of each held-out row; training rows are assumed to have the same shares. None = equal shares

    Returns
    -------
    milliseconds per answer, and share of a step if nothing else ran meanwhile; medians over the logged steps

    Raises
    ------
    ValueError : the metric files or the configuration are damaged
    """
    log = read_log(logs)
    path = logs / "hydra" / ".hydra" / "config.yaml"
    try:
        config = OmegaConf.load(regular(path))
        answers = float(config.data.train_batch_size * config.actor_rollout_ref.rollout.n)
    except (AttributeError, OSError, TypeError, ValueError, YAMLError, OmegaConfBaseException) as error:
        raise ValueError(f"{str(path)!r} must be the configuration of a GRPO run: {error}") from None
    times = log.filter(regex="^reward/.*/reward_ms$").rename(columns=lambda name: name.split("/")[2])
    shares = pd.Series(1.0, times.columns) if kinds is None else kinds.value_counts(normalize=True)
    weights = shares.reindex(times.columns, fill_value=0.0)
    # a step without rows of a kind lacks its time: the others share its weight
    reward_ms = (times * weights).sum(axis=1) / times.notna().mul(weights).sum(axis=1)
    share = answers * reward_ms / 1000 / logged(log, "timing_s/step")
    return float(reward_ms.median()), float(share.median())
