"""Print the results of finished runs in common tables; draw those of one.

iea report work/seed-0 work/seed-1 work/seed-2
"""

from pathlib import Path

from iea.data_prep.files import write_text
from iea.recipe.evaluation import plots
from iea.recipe.evaluation.evaluate import read_results
from iea.recipe.evaluation.logs import read_log
from iea.recipe.evaluation.results import RunResults
from iea.recipe.evaluation.tables import print_tables
from iea.recipe.pipeline.run import SETS, Run

NAMES = {"stage1": "sft", "stage2": "grpo", "stage3_gray": "grpo_gray"}
"""Stage -> its name in `iea.recipe.evaluation.results.STAGES`, where they differ."""
REQUIRED = {"stage1", "stage2"}


def report(homes: list[Path]) -> str:
    """Print every table of `iea.recipe.evaluation.tables` as markdown, for every set of rows.

    Parameters
    ----------
    homes : folders of runs of `iea train`

    Raises
    ------
    ValueError : a run has not evaluated Stages 1 and 2, two runs have one name or are one folder, or nothing can be printed
    """
    if len({home.name for home in homes}) < len(homes) or len({home.resolve() for home in homes}) < len(homes):
        raise ValueError(
            f"runs must be different folders with different names, got {[str(home) for home in homes]}; rename a folder"
        )
    runs = [read_run(home, rows) for rows in SETS for home in homes if (home / "evaluation" / rows).is_dir()]
    finished = [run for run in runs if {NAMES[name] for name in REQUIRED} <= set(run.evaluations)]
    for home in homes:
        if home.name not in {run.run for run in finished}:
            raise ValueError(f"{home} must hold a finished run; run iea train to its end")
    text = print_tables(finished)
    if not text:
        raise ValueError(f"a report must have a table with rows, got none of {[str(home) for home in homes]}")
    return text


def read_run(home: Path, rows: str) -> RunResults:
    """Read the results that a run has so far on a set of rows."""
    paths = {path.stem: path for path in sorted((home / "evaluation" / rows).glob("*.parquet"))}
    logs = {NAMES[stage]: home / "logs" / stage for stage in REQUIRED if (home / "logs" / stage).is_dir()}
    return RunResults(
        home.name, rows, {NAMES.get(name, name): read_results(path) for name, path in paths.items()}, logs
    )


def write_report(run: Run) -> str:
    """Write the tables and the plots of a run to its home; return the tables, and the names of the files."""
    results = [read_run(run.home, rows) for rows in run.sets() if (run.home / "evaluation" / rows).is_dir()]
    text = print_tables([one for one in results if one.evaluations])
    write_text(run.home / "tables.md", text + "\n")
    written = ["tables.md"]
    if any(run.logs("stage2").glob("*.jsonl")):
        plots.plot_reward(read_log(run.logs("stage2")), run.home / "reward_curve.png")
        written.append("reward_curve.png")
    before, after = (run.evaluation("held_out", stage) for stage in ("stage1", "stage2"))
    if before.exists() and after.exists():
        plots.contact_sheet(read_results(before), read_results(after), run.home / "contact_sheet.png")
        written.append("contact_sheet.png")
    return f"{text}\n\nIn {run.home}: {', '.join(written)}"
