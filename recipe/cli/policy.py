"""`iea train`, `iea report`: the policy, from photographs to printed tables."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from iea.recipe.cli import options


def train(
    stages: Annotated[str, typer.Option(help="Stages to train: 1 = SFT, 2 = GRPO, 3 = SFT on all tasks.")] = "1,2,3",
    scale: Annotated[
        Literal["lane", "paper"],
        typer.Option(help="lane: a tiny policy on the CPU, with its data and judge. paper: Qwen2.5-VL-7B on GPUs."),
    ] = "lane",
    home: options.Home = Path("work"),
    seed: options.Seed = 0,
    judge: Annotated[
        str | None, typer.Option(metavar="FOLDER|URL", help="Another judge of summaries than the run's own.")
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="[STAGE:]KEY=VALUE", help="Override of a stage's recipe, such as stage2:iea.w=0.5."
        ),
    ] = None,
    control: Annotated[
        bool, typer.Option("--control", help="Also train GRPO again, and SFT for as long as GRPO took, from Stage 1.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print rows, steps, tokens, memory and disk of each stage, and stop.")
    ] = False,
    gpu_gib: Annotated[float, typer.Option(min=1, help="Memory of a GPU.")] = 80,
) -> None:
    """Train and evaluate all stages: SFT, GRPO, SFT on all tasks; on the lane also the data and the judge.

    Safe to interrupt: the same command reuses finished stages and resumes the others. On the lane, the seed also picks the
    held-out photographs.
    """
    from iea.recipe.pipeline.pipeline import describe, run_pipeline
    from iea.recipe.pipeline.plan import plan
    from iea.recipe.pipeline.run import Run, Setting
    from iea.recipe.pipeline.stage import named_stages

    wanted = named_stages(stages)
    run = Run(home.resolve(), scale, seed, judge, tuple(map(Setting.read, settings or ())))
    if scale == "paper":
        planned = plan(run, wanted, gpu_gib)
        typer.echo(planned)
        planned.refuse_what_cannot_fit()
    if dry_run:
        typer.echo(describe(run, wanted))
    else:
        typer.echo(f"\n{run_pipeline(run, wanted, control=control)}")


def report(
    runs: Annotated[list[Path] | None, typer.Argument(help="Folders of runs, such as work/seed-0.")] = None,
    out: options.Report = None,
    results: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FOLDER|[LABEL=]FILE",
            help="Results of `iea evaluate` on the same rows: the paper's tables and the page.",
        ),
    ] = None,
    search: Annotated[
        Path | None, typer.Option(exists=True, file_okay=False, help="Output of `iea data compare-methods`: Table 3.")
    ] = None,
    grades: Annotated[
        Path | None, typer.Option(exists=True, file_okay=False, help="Output of `iea compare`: Table 8.")
    ] = None,
    study: Annotated[
        Path | None, typer.Option(exists=True, file_okay=False, help="Output of `iea study report`: Table 9.")
    ] = None,
    title: Annotated[str, typer.Option(help="Heading of the page.")] = "Edits of all systems",
    cases: Annotated[
        int,
        typer.Option(min=1, help="Failed, worst and best cases on the page, each, of every system and kind of row."),
    ] = 4,
    side: Annotated[int, typer.Option(min=64, help="Longest side of the images on the page, in pixels.")] = 640,
    workers: options.Workers = 0,
) -> None:
    """Print the tables of several runs; with --out, also draw the staircase and a contact sheet.

    With --results, --search, --grades or --study, also the paper's tables with our rows beside the printed ones; with --out,
    they are written as Markdown, LaTeX and JSON. --results and --out also make cases.html, a page that opens offline.
    """
    from iea.recipe.evaluation.page.page import PageSettings
    from iea.recipe.evaluation.report import report, report_systems

    if not (runs or results or search or grades or study):
        raise ValueError("a report needs folders of runs, --results, --search, --grades or --study, got none")
    settings = PageSettings(title, cases, side, workers)
    texts = [report(runs, out)] if runs else []
    if results or search or grades or study:
        texts.append(report_systems(results or (), out, settings, search=search, grades=grades, study=study))
    typer.echo("\n\n".join(texts))
