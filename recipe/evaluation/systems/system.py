"""Define a compared system: a source of answers to held-out rows."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd


@dataclass(frozen=True)
class Settings:
    """Options of the systems; each system reads the ones it needs.

    model : Hugging Face folder of a policy with its processor
    batch_size : rows per batch of generation
    max_new_tokens : longest answer
    noise : size of the errors of the noisy labels, in [0, 1]
    seed : seed of the noise
    """

    model: Path | None = None
    batch_size: int = 256
    max_new_tokens: int = 64
    noise: float = 1.0
    seed: int = 0


@dataclass(frozen=True)
class System:
    """A source of answers.

    name : key in SYSTEMS
    answers : rows of a verl RL parquet, settings -> one answer per row, in their order
    """

    name: str
    answers: Callable[[pd.DataFrame, Settings], list[str]]
