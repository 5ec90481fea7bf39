"""Print the results of several finished runs in common tables.

iea report work/seed-0 work/seed-1 work/seed-2
"""

from pathlib import Path

import pandas as pd

from iea.recipe.evaluation.results import RunResults
from iea.recipe.evaluation.tables import print_tables
from iea.recipe.pipeline.stages import SETTINGS

SHARED = ("untrained", "sft", "true_programs", "noisy_labels")
"""Evaluations that the settings of a run have in common."""
OF_SETTING = ("grpo", "grpo_grey", "control")
REQUIRED = {"sft", "grpo", "grpo_grey"}


def report(homes: list[Path]) -> str:
    """Print every table of `iea.recipe.evaluation.tables` as markdown.

    Parameters
    ----------
    homes : folders of runs of `iea train`; a setting is printed once its GRPO is evaluated

    Raises
    ------
    ValueError : a run has no finished setting, or two runs have one name
    """
    if len({home.name for home in homes}) < len(homes):
        raise ValueError(f"runs must have different names, got {[str(home) for home in homes]}; rename a folder")
    runs = read_runs(homes)
    for home in homes:
        if home.name not in {run.run for run in runs}:
            raise ValueError(f"{home} must hold a finished run; run iea train to its end")
    return print_tables(runs)


def read_runs(homes: list[Path]) -> list[RunResults]:
    """Read every finished setting of every run, ordered by setting."""
    found = [_read(home, setting) for setting in SETTINGS for home in homes]
    return [run for run in found if set(run.evaluations) >= REQUIRED]


def _read(home: Path, setting: str) -> RunResults:
    files = {name: name for name in SHARED} | {name: f"{name}_{setting}" for name in OF_SETTING}
    paths = {name: home / "evaluation" / f"{file}.parquet" for name, file in files.items()}
    logs = {"sft": home / "logs" / "sft", "grpo": home / "logs" / f"grpo_{setting}"}
    return RunResults(
        home.name,
        setting,
        {name: pd.read_parquet(path) for name, path in paths.items() if path.exists()},
        {stage: folder for stage, folder in logs.items() if folder.exists()},
    )
