"""Print the results of several finished runs in common tables.

iea report work/seed-0 work/seed-1 work/seed-2
"""

from pathlib import Path

from iea.recipe.evaluation.evaluate import read_results
from iea.recipe.evaluation.results import RunResults
from iea.recipe.evaluation.tables import print_tables
from iea.recipe.pipeline.stages import SETTINGS, Run

OF_RUN = ("untrained", "sft", "true_programs", "noisy_labels")
OF_SETTING = ("grpo", "grpo_gray", "control")
REQUIRED = {"sft", "grpo", "grpo_gray"}


def report(homes: list[Path]) -> str:
    """Print every table of `iea.recipe.evaluation.tables` as markdown, the runs ordered by setting.

    Parameters
    ----------
    homes : folders of runs of `iea train`; a setting is printed once its GRPO is evaluated

    Raises
    ------
    ValueError : a run has no finished setting, two runs have one name or are one folder, or nothing can be printed
    """
    if len({home.name for home in homes}) < len(homes) or len({home.resolve() for home in homes}) < len(homes):
        raise ValueError(
            f"runs must be different folders with different names, got {[str(home) for home in homes]}; rename a folder"
        )
    runs = [read_run(Run(home, setting)) for setting in SETTINGS.values() for home in homes]
    finished = [run for run in runs if set(run.evaluations) >= REQUIRED]
    for home in homes:
        if home.name not in {run.run for run in finished}:
            raise ValueError(f"{home} must hold a finished run; run iea train to its end")
    text = print_tables(finished)
    if not text:
        raise ValueError(f"a report must have a table with rows, got none of {[str(home) for home in homes]}")
    return text


def read_run(run: Run) -> RunResults:
    """Read the results that a run has so far."""
    names = {name: name for name in OF_RUN} | {name: run.of_setting(name) for name in OF_SETTING}
    paths = {name: run.evaluation(stage) for name, stage in names.items()}
    logs = {name: run.logs(names[name]) for name in ("sft", "grpo")}
    return RunResults(
        run.home.name,
        run.setting.name,
        {name: read_results(path) for name, path in paths.items() if path.exists()},
        {name: folder for name, folder in logs.items() if folder.exists()},
    )
