"""The SFT labels: each row's program with the errors of real labels. They bound the reward of imitation."""

import pandas as pd

from iea.data_prep.annotate.label_noise import label_of
from iea.editor import Program
from iea.recipe.evaluation.systems.system import Settings, System


def answers(rows: pd.DataFrame, settings: Settings) -> list[str]:
    """Add label noise to the program of every row, as a mix does with SFT rows."""
    return [
        label_of(Program.from_json(extra["program"]), settings.noise, settings.seed, extra["name"]).to_json()
        for extra in rows.extra_info
    ]


SYSTEM = System("noisy_labels", answers)
