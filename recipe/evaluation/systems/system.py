"""Define a compared system: a source of answers to held-out rows."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

PROGRAMS = ("edit", "refine")
"""The tasks whose answer is a program."""


@dataclass(frozen=True)
class Settings:
    """Options of the systems; each system reads the ones it needs.

    model : Hugging Face folder of a policy with its processor
    batch_size : rows per batch of generation
    max_new_tokens : longest answer
    noise : size of the errors of the noisy labels, in [0, 1]
    seed : seed of the noise
    results : results of another system on the same rows
    terms : weights of the reward's terms; None = the default
    """

    model: Path | None = None
    batch_size: int = 64
    max_new_tokens: int = 64
    noise: float = 1.0
    seed: int = 0
    results: Path | None = None
    terms: Mapping[str, float] | None = None


@dataclass(frozen=True)
class System:
    """A source of answers.

    name : key in SYSTEMS
    answers : rows of a verl RL parquet, settings -> one answer per row, in their order
    tasks : the tasks that it answers, None = all
    """

    name: str
    answers: Callable[[pd.DataFrame, Settings], list[str]]
    tasks: tuple[str, ...] | None = None
