"""Define the results of a training run: the input of every printed table."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

STAGES: Mapping[str, str] = {
    "untrained": "before SFT",
    "sft": "after SFT",
    "grpo": "after GRPO",
    "control": "control: more SFT",
    "grpo_gray": "after GRPO, gray photographs",
}
"""Evaluated stage -> its title, in the order of the tables."""

KINDS: Mapping[str, str] = {"edit": "with instruction", "auto": "without instruction"}
"""Kind of row -> its title."""


@dataclass(frozen=True)
class RunResults:
    """Results of one run with one setting.

    run : name of the run, for example "seed-0"
    setting : name of the setting, for example "quick"
    evaluations : stage or compared system -> results, one line per held-out row
    logs : "sft" or "grpo" -> folder of verl's metric files
    """

    run: str
    setting: str
    evaluations: Mapping[str, pd.DataFrame]
    logs: Mapping[str, Path] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return f"{self.run} {self.setting}"

    def stages(self) -> dict[str, pd.DataFrame]:
        """The evaluated stages, title -> results."""
        return {title: self.evaluations[stage] for stage, title in STAGES.items() if stage in self.evaluations}


def kind_title(kind: object) -> str:
    """Return the title of a kind of row; the kind itself if it has none."""
    return KINDS.get(str(kind), str(kind))


def photo_name(photo: object) -> str:
    """Return the name of a photograph without its source.

    >>> photo_name("bundled:flower")
    'flower'
    """
    return str(photo).rpartition(":")[2]
