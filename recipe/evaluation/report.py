"""Print the results of one or more runs in common tables, and draw the staircase and a contact sheet.

iea report work/seed-0 work/seed-1 work/seed-2 --out work/report
iea report --results work/compared --out work/report
"""

from collections.abc import Sequence
from pathlib import Path

from iea.data_prep.files import write_text
from iea.recipe.evaluation.contact_sheet import contact_sheet
from iea.recipe.evaluation.evaluate import read_results
from iea.recipe.evaluation.logs import read_log
from iea.recipe.evaluation.page.page import PageSettings, write_page
from iea.recipe.evaluation.paper_tables import write_tables
from iea.recipe.evaluation.plots import plot_reward
from iea.recipe.evaluation.results import GRPO, SETS, STAGES, RunResults, evaluated_sets
from iea.recipe.evaluation.staircase_plot import plot_staircase
from iea.recipe.evaluation.system_results import read_systems
from iea.recipe.evaluation.tables import print_tables
from iea.recipe.evaluation.tables.cells import PROGRAM_KINDS
from iea.recipe.evaluation.tables.paper.layout import Sources

TABLES_FILE, PLOT_FILE, SHEET_FILE = "tables.md", "staircase.png", "contact_sheet.jpg"
CURVE_FILE, PAGE_FILE = "reward_curve.png", "cases.html"
CHOSEN = (
    "Contact sheet: {run}, {part}: the first row that asks for a program of each of the first {rows} photographs in the order "
    "of the file, for any result."
)


def report(homes: Sequence[Path], out: Path | None = None) -> str:
    """Print every table of `iea.recipe.evaluation.tables` as markdown.

    Parameters
    ----------
    homes : folders of runs, with `evaluation/SET/SYSTEM.parquet` and `logs/STAGE`
    out : folder to write TABLES_FILE, PLOT_FILE, SHEET_FILE and CURVE_FILE to: the tables, the staircase, the contact sheet
        and the training reward of GRPO, the latter two of the first run. None = write nothing

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
    if GRPO in runs[0].logs:
        plot_reward(read_log(runs[0].logs[GRPO]), out / CURVE_FILE)
    text += _draw_sheet(runs[0], out / SHEET_FILE)
    write_text(out / TABLES_FILE, text + "\n")
    return text


def report_systems(
    results: Sequence[str],
    out: Path | None,
    settings: PageSettings,
    *,
    search: Path | None = None,
    grades: Path | None = None,
    study: Path | None = None,
) -> str:
    """Print the paper's tables with rows of ours as markdown; write them and the page of cases.

    Parameters
    ----------
    results : folders or files of results, as of `iea.recipe.evaluation.system_results.read_systems`; none = no page
    out : folder to write to: the tables, and PAGE_FILE. None = write nothing
    search, grades, study : as of `iea.recipe.evaluation.tables.paper.layout.Sources`

    Raises
    ------
    ValueError, OSError : a source cannot be used
    """
    systems = read_systems(results) if results else []
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
    text = write_tables(Sources(systems, search, grades, study), out)
    if out is not None and systems:
        write_page(systems, out / PAGE_FILE, settings)
    return text


def _draw_sheet(run: RunResults, out: Path) -> str:
    """Draw the contact sheet of a run, of the last set that it has; return a note on its rows, "" if there are none."""
    *_, (part, title) = evaluated_sets([run])
    found = [(name, run.of(part, stage, PROGRAM_KINDS)) for stage, name in STAGES.items() if stage != "untrained"]
    stages = [(name, results) for name, results in found if results is not None]
    return "\n\n" + CHOSEN.format(run=run.name, part=title, rows=contact_sheet(stages, out)) if stages else ""


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
    logs = {stage: home / "logs" / stage for stage in STAGES if any((home / "logs" / stage).glob("*.jsonl"))}
    return RunResults(home.resolve().name, evaluations, logs)
