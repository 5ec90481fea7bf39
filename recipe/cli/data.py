"""`iea data`: a command for each step from photographs and annotations to the parquet files that verl trains on."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from iea.recipe.cli import options
from iea.recipe.cli.config_options import LazyGroup, one_of, options_of

if TYPE_CHECKING:
    from iea.data_prep.annotate.offline import Offline
    from iea.data_prep.annotate.online_config import OnlineConfig
    from iea.data_prep.evaluation_set import EvaluationSetConfig
    from iea.data_prep.ingest.step import IngestConfig
    from iea.data_prep.label.step import Labeler
    from iea.data_prep.mix.step import MixConfig
    from iea.data_prep.prepare import PrepareConfig
    from iea.data_prep.synthesize.step import SynthesizeConfig

app = typer.Typer(cls=LazyGroup, no_args_is_help=True, help="Prepare data: all of it, or a step at a time.")

Url = Annotated[str, typer.Option(help="Address of an endpoint, .../v1; default: the offline teacher.")]
File = Annotated[Path, typer.Argument(help="Parquet file, or folder of a finished step.")]
SOURCE = one_of("iea.data_prep.ingest.sources.SOURCES", "Source to read", argument=True)
METHOD = one_of("iea.data_prep.label.methods.METHODS", "Search method")
DIFFICULTY = one_of("iea.data_prep.synthesize.difficulty.DIFFICULTIES", "Difficulty of the examples")
MIX = one_of("iea.data_prep.mix.mixture.mix_names", "Mix to write, a YAML file or one of these", argument=True)


@app.command()
@options_of(
    "iea.data_prep.prepare.PrepareConfig",
    "iea.data_prep.annotate.online.OnlineConfig",
    method=METHOD,
    difficulty=DIFFICULTY,
)
def prepare(
    config: PrepareConfig,
    online: Callable[[], OnlineConfig],
    url: Url = "",
    workers: options.Workers = 0,
    ray_address: options.RayAddress = None,
) -> None:
    """Run all steps: from photographs and annotations to the files of every stage.

    Safe to interrupt: the same command resumes, and no request is paid for twice.
    The status is 3 if pairs are unanswered.
    """
    from iea.data_prep.annotate.online import annotate_online
    from iea.data_prep.prepare import prepare

    annotate = partial(annotate_online, config=online()) if url else None
    prepare(config, annotate=annotate, workers=workers, address=ray_address)


@app.command()
@options_of("iea.data_prep.ingest.step.IngestConfig", source=SOURCE)
def ingest(config: IngestConfig, workers: options.Workers = 0, ray_address: options.RayAddress = None) -> None:
    """Add the images of a source to OUT, and split everything in OUT.

    They are decoded, aligned and reduced; near-duplicates stay in one split.
    Every rejected record is counted by its reason.
    """
    from iea.data_prep.ingest.step import ingest, summary

    typer.echo(summary(ingest(config, workers=workers, address=ray_address), config.source))


@app.command()
@options_of("iea.data_prep.annotate.online.OnlineConfig", "iea.data_prep.annotate.offline.Offline")
def annotate(
    pairs: options.Pairs,
    out: options.Out,
    online: Callable[[], OnlineConfig],
    offline: Callable[[], Offline],
    url: Url = "",
    cache: Annotated[Path | None, typer.Option(help="Folder of paid completions; default: OUT.cache.")] = None,
    partial_rows: Annotated[
        bool, typer.Option("--partial", help="Write the rows even if answers are missing.")
    ] = False,
    workers: options.Workers = 0,
    ray_address: options.RayAddress = None,
) -> None:
    """Write a rationale, a first program and summaries for every pair.

    Safe to interrupt: the same command resumes, and no request is paid for twice.
    The status is 3 if pairs are unanswered.
    """
    from iea.data_prep.annotate.offline import annotate_offline
    from iea.data_prep.annotate.online import annotate_online
    from iea.data_prep.annotate.step import read_pairs, summary

    rows = read_pairs(pairs)
    if url:
        report = annotate_online(rows, out, online(), cache=cache, partial_rows=partial_rows)
    else:
        report = annotate_offline(rows, out, offline(), workers=workers, address=ray_address)
    typer.echo(summary(report, out))


@app.command()
@options_of("iea.data_prep.evaluation_set.EvaluationSetConfig", source=SOURCE)
def evaluation_set(config: EvaluationSetConfig, workers: options.Workers = 0) -> None:
    """Make the rows of a test set for `iea evaluate`: every pair of a source, with every request."""
    from iea.data_prep.evaluation_set import summary, write_evaluation_set

    typer.echo(summary(write_evaluation_set(config, workers=workers), config.out))


@app.command()
@options_of("iea.data_prep.label.step.Labeler", method=METHOD)
def label(
    annotated: Annotated[Path, typer.Option(help="Folder of annotated pairs.")],
    out: options.Out,
    work: Labeler,
    workers: options.Workers = 0,
    ray_address: options.RayAddress = None,
) -> None:
    """Search for the program of every pair, and for the best one that the tools allow."""
    from iea.data_prep.label.step import label, summary
    from iea.data_prep.runner import read_rows
    from iea.data_prep.schema import ANNOTATED

    report = label(read_rows(annotated, ANNOTATED), out, work, workers=workers, address=ray_address)
    typer.echo(summary(report, out))


@app.command()
@options_of("iea.data_prep.synthesize.step.SynthesizeConfig", difficulty=DIFFICULTY)
def synthesize(
    pairs: options.Pairs,
    out: options.Out,
    config: SynthesizeConfig,
    workers: options.Workers = 0,
    ray_address: options.RayAddress = None,
) -> None:
    """Make synthetic examples from photographs, and scored sentences for the judge."""
    from iea.data_prep.annotate.step import read_pairs
    from iea.data_prep.synthesize.step import summary, synthesize

    typer.echo(summary(synthesize(read_pairs(pairs), out, config, workers=workers, address=ray_address)))


@app.command()
@options_of(
    "iea.data_prep.mix.step.MixConfig",
    stage=MIX,
    tables=Annotated[
        list[Path] | None, typer.Option("--table", help="Labeled pairs, examples or judged sentences; may be repeated.")
    ],
)
def mix(config: MixConfig) -> None:
    """Write the training and validation rows of a stage."""
    from iea.data_prep.mix.step import mix, summary

    typer.echo(summary(config.out, mix(config)))


@app.command()
def stats(file: File, out: options.Report = None) -> None:
    """Count the rows of a file: tasks, tools, strengths, scores, lengths."""
    from iea.data_prep.inspect.stats import report

    typer.echo(report(file, out))


@app.command()
def show(file: File, out: options.OutFile, limit: options.Limit = 12, seed: options.Seed = 0) -> None:
    """Draw a contact sheet of rows: images, request and answer."""
    from iea.data_prep.inspect.show import show

    typer.echo(show(file, out, limit, seed))


@app.command()
def compare_methods(
    data: options.Data,
    limit: options.Limit = 60,
    seed: options.Seed = 0,
    workers: options.Workers = 0,
    out: options.Report = None,
) -> None:
    """Compare the search methods for labels: quality against cost."""
    from iea.data_prep.label.compare import compare

    typer.echo(compare(data, limit, seed, workers=workers, out=out))


@app.command()
def coverage(root: Annotated[Path, typer.Option(help="Folder with GIER.json or the split files.")]) -> None:
    """Count the pairs of GIER that are kept, and why the others are not."""
    from iea.data_prep.ingest.sources.gier_coverage import coverage

    typer.echo(coverage(root))


@app.command()
def reasons(
    page: Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="Page whose table to replace.")] = None,
) -> None:
    """Print the reasons for which items are rejected, or write them to a page (docs/data.md)."""
    from iea.data_prep.reasons import reasons_table, update_page

    if page:
        update_page(page)
    else:
        typer.echo(reasons_table())
