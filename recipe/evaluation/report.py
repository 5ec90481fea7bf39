"""Print the results of one or more runs in common tables, and draw the staircase and a contact sheet.

iea report work/seed-0 work/seed-1 work/seed-2 --out work/report
"""

from collections.abc import Sequence
from pathlib import Path

from iea.data_prep.files import write_text
from iea.recipe.evaluation.contact_sheet import SHOWN, contact_sheet
from iea.recipe.evaluation.evaluate import read_results
from iea.recipe.evaluation.results import SETS, STAGES, RunResults, evaluated_sets
from iea.recipe.evaluation.staircase_plot import plot_staircase
from iea.recipe.evaluation.tables import print_tables

TABLES_FILE, PLOT_FILE, SHEET_FILE = "tables.md", "staircase.png", "contact_sheet.jpg"
CHOSEN = "Contact sheet: {run}, {part}: the first row with a program of each of the first {rows} photographs, not chosen by result."


def report(homes: Sequence[Path], out: Path | None = None) -> str:
    """Print every table of `iea.recipe.evaluation.tables` as markdown.

    Parameters
    ----------
    homes : folders of runs, with `evaluation/SET/SYSTEM.parquet` and `logs/STAGE`
    out : folder for the tables, the plot of the staircase and the contact sheet, TABLES_FILE, PLOT_FILE and SHEET_FILE; the
        sheet is of the first run, and of the last set of SETS that it has. None = write nothing

    Raises
    ------
    ValueError : a run has no results of a stage, two runs have one name or are one folder, or a file of results is damaged
    """
    if len({home.name for home in homes}) < len(homes) or len({home.resolve() for home in homes}) < len(homes):
        raise ValueError(
            f"runs must be different folders with different names, got {[str(home) for home in homes]}; rename a folder"
        )
    runs = [read_run(home) for home in homes]
    text = print_tables(runs)
    if out is None:
        return text
    out.mkdir(parents=True, exist_ok=True)
    plot_staircase(runs, out / PLOT_FILE)
    *_, (part, title) = evaluated_sets(runs[:1])
    stages = [(STAGES[stage], runs[0].of(part, stage)) for stage in STAGES if stage != "untrained"]
    shown = contact_sheet(
        [(stage, results) for stage, results in stages if results is not None], out / SHEET_FILE, SHOWN
    )
    text += f"\n\n{CHOSEN.format(run=runs[0].name, part=title, rows=shown)}"
    write_text(out / TABLES_FILE, text + "\n")
    return text


def read_run(home: Path) -> RunResults:
    """Read the results that a run has so far.

    Raises
    ------
    ValueError : it has none of a stage, or a file of results is damaged
    """
    files = {part: sorted((home / "evaluation" / part).glob("*.parquet")) for part in SETS}
    if not any(path.stem in STAGES for paths in files.values() for path in paths):
        raise ValueError(
            f"{home} must hold results of a stage, such as evaluation/held_out/stage1.parquet; run iea train"
        )
    evaluations = {part: {path.stem: read_results(path) for path in paths} for part, paths in files.items()}
    logs = {stage: home / "logs" / stage for stage in STAGES if (home / "logs" / stage).is_dir()}
    return RunResults(home.resolve().name, evaluations, logs)
