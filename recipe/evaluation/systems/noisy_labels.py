"""The SFT labels: each row's program with the errors of real labels. They bound the reward of imitation."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from iea.data_prep.annotate.label_noise import label_of
from iea.editor import Program, ProgramError
from iea.recipe.evaluation.systems.system import PROGRAMS, Settings, System


def answers(rows: pd.DataFrame, settings: Settings) -> list[str]:
    """Add label noise to the program of every row, as a mix does with SFT rows."""
    return [_label(extra, settings) for extra in rows.extra_info]


def _label(extra: Mapping[str, Any], settings: Settings) -> str:
    try:
        program = Program.from_json(extra["program"])
    except ProgramError as error:
        raise ValueError(f"every row must have a program, got {extra['name']!r}: {error}; mix rows of edits") from None
    return label_of(program, settings.noise, settings.seed, extra["name"]).to_json()


SYSTEM = System("noisy_labels", answers, PROGRAMS, value="noise")
