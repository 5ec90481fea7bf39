"""Explain every pair: from PAIRS to ANNOTATED.

    python -m iea.data_prep.annotate.step --pairs OUT/pairs.parquet --out OUT/taught
    python -m iea.data_prep.annotate.step --pairs OUT/pairs.parquet --out OUT/taught --url https://api.openai.com/v1 \\
        --model gpt-4.1 --key-env OPENAI_API_KEY --price-in 2 --price-out 8 --budget 20

Safe to interrupt: rerun the same command to resume. Completions of an endpoint are cached in `--cache`, so no request is
paid twice; the rows are written once every question is answered, or with `--partial-rows`. The API key is read from the
environment and written nowhere. `usage.json` beside the report states the usage of the last run.
"""

from __future__ import annotations

import inspect
from collections import Counter
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import pyarrow as pa
import pyarrow.parquet as pq
import typer

from iea.data_prep import runner
from iea.data_prep.annotate.offline import Offline, annotate_offline
from iea.data_prep.annotate.online import USAGE, OnlineConfig, UnfinishedError, annotate_online
from iea.data_prep.files import read_json
from iea.data_prep.runner import Item
from iea.data_prep.schema import PAIRS

UNFINISHED = 3  # exit status for unanswered questions: start again

app = typer.Typer(add_completion=False)


def read_pairs(path: Path) -> list[Item]:
    """Read rows of PAIRS from the folder of a finished step or a parquet file.

    Raises
    ------
    ValueError : `path` is neither, has other columns, or two rows of a source have the same name
    """
    rows = runner.read_rows(path) if path.is_dir() else _read_file(path)
    for row in rows[:1]:
        if row.keys() != set(PAIRS.names):
            differing = sorted(row.keys() ^ set(PAIRS.names))
            raise ValueError(
                f"--pairs must have the columns of PAIRS, got a table that differs in {differing}"
            )
    counted = Counter((row["source"], row["name"]) for row in rows)
    twice = [key for key, count in counted.items() if count > 1]
    if twice:
        raise ValueError(
            f"every pair of a source must have its own name, got {twice[0]} twice in {str(path)!r}"
        )
    return rows


def _read_file(path: Path) -> list[Item]:
    try:
        rows: list[Item] = pq.read_table(path).to_pylist()
    except (OSError, pa.ArrowException) as error:
        raise ValueError(
            f"--pairs must be a folder of shards or a parquet file, got {str(path)!r}: {error}"
        ) from None
    return rows


def summary(report: runner.Report, out: Path) -> str:
    """Return the result of a run in a few lines."""
    lines = [f"made {out}: {report.rows} of {report.items} pairs annotated in {report.seconds:.1f} s"]
    lines += [f"  rejected {reason}: {count}" for reason, count in report.rejected.items()]
    usage = read_json(out / USAGE)
    if usage:
        run, total = usage["this_run"], usage["all"]
        lines.append(
            f"  this run: {run['requests']} requests ({run['retries']} retries), {run['cache_hits']} cached, "
            f"{run['tokens_in']} + {run['tokens_out']} tokens, cost {run['cost']:.4f}"
        )
        if run["unmetered"]:
            lines.append(f"  {run['unmetered']} completions came without token counts: the cost is higher")
        lines.append(
            f"  all answers: {total['tokens_in']} + {total['tokens_out']} tokens, cost {total['cost']:.4f}"
        )
    return "\n".join(lines)


def main(
    pairs: Annotated[Path, typer.Option(help="Table of pairs: a folder of shards, or one parquet file.")],
    out: Annotated[Path, typer.Option(help="Folder for the annotated pairs.")],
    cache: Annotated[Path | None, typer.Option(help="Folder of completions; default: OUT.cache.")] = None,
    partial_rows: Annotated[bool, typer.Option(help="Write the rows even if answers are missing.")] = False,
    workers: Annotated[int, typer.Option(help="Offline: processes, 0 = one per CPU.")] = 0,
    address: Annotated[str | None, typer.Option(help="Offline: address of a Ray cluster.")] = None,
    **given: Any,
) -> None:
    """Explain every pair: reasoning, a program to start from, and requests that people could have made.

    With --url a model answers, with the settings of OnlineConfig; else the offline teacher, with those of Offline.
    """
    try:
        rows = read_pairs(pairs)
        if given["url"]:
            config = OnlineConfig(**{one.name: given[one.name] for one in fields(OnlineConfig)})
            report = annotate_online(rows, out, config, cache=cache, partial_rows=partial_rows)
        else:
            teacher = Offline(**{one.name: given[one.name] for one in fields(Offline)})
            report = annotate_offline(rows, out, teacher, workers=workers, address=address)
    except (ValueError, UnfinishedError) as error:
        unfinished = isinstance(error, UnfinishedError)
        typer.echo(f"{'unfinished' if unfinished else 'error'}: {error}", err=True)
        raise typer.Exit(UNFINISHED if unfinished else 1) from None
    typer.echo(summary(report, out))


def _options(config: type) -> Iterator[inspect.Parameter]:
    """Yield an option for every field of a dataclass."""
    types = get_type_hints(config)
    for one in fields(config):
        yield inspect.Parameter(
            one.name, inspect.Parameter.KEYWORD_ONLY, default=one.default, annotation=types[one.name]
        )


def _command() -> None:
    """Register `main` with the options of both teachers in place of `given`."""
    signature = inspect.signature(main, eval_str=True)
    shared = [
        one.replace(kind=one.KEYWORD_ONLY) for one in signature.parameters.values() if one.name != "given"
    ]
    options = [*shared, *_options(OnlineConfig), *_options(Offline)]
    main.__signature__ = signature.replace(parameters=options)  # type: ignore[attr-defined]
    main.__annotations__ = {one.name: one.annotation for one in options}
    app.command()(main)


_command()

if __name__ == "__main__":
    app()
