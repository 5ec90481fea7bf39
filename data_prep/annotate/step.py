"""Have every pair explained: from PAIRS to ANNOTATED.

    python -m iea.data_prep.annotate.step --pairs OUT/pairs.parquet --out OUT/taught
    python -m iea.data_prep.annotate.step --pairs OUT/pairs.parquet --out OUT/taught --teacher https://api.openai.com/v1 \\
        --model gpt-4.1 --price-in 2 --price-out 8 --budget 20

Started again after whatever end, it goes on where it was. What an endpoint answered lies in `--answers` and is never
paid twice; the shards are written once no question is left unanswered, or with `--partial`. The API key is read from
the environment and written nowhere. `asked.json` beside the report tells what the last run spent: apart from it, for
the report depends on the pairs and answers alone.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import pyarrow as pa
import pyarrow.parquet as pq
import typer

from iea.data_prep import runner
from iea.data_prep.annotate.asking import ASKED, UnfinishedError
from iea.data_prep.annotate.offline import Offline
from iea.data_prep.annotate.teacher import annotated_row, question_of
from iea.data_prep.files import read_json
from iea.data_prep.runner import Item, Row, Step
from iea.data_prep.schema import ANNOTATED, PAIRS

UNFINISHED = 3  # exit status where questions are left to be asked again

app = typer.Typer(add_completion=False)


def annotate_offline(
    pairs: Sequence[Item], out: Path, teacher: Offline, *, workers: int = 0, address: str | None = None
) -> runner.Report:
    """Explain pairs with the offline teacher; parameters and errors as of runner.run."""
    step = Step("teach", ANNOTATED, partial(_explained, teacher), teacher.described())
    return runner.run(step, pairs, out, workers=workers, address=address)


def _explained(teacher: Offline, item: Item) -> list[Row]:
    return [annotated_row(item, teacher.name, teacher.explain(question_of(item)))]


def _online(
    pairs: Sequence[Item],
    out: Path,
    endpoint: dict[str, Any],
    prices: tuple[float, float, float | None, int | None],
    answers: Path,
    key_env: str,
    at_once: int,
    partial_rows: bool,
) -> runner.Report:
    """Explain pairs with a model. Imported here, for the offline teacher needs none of the libraries."""
    if not endpoint["model"]:
        raise ValueError("--model must be given with an endpoint, got none; for example gpt-4.1")
    try:
        from iea.data_prep.annotate.endpoint import EndpointConfig
        from iea.data_prep.annotate.ledger import Budget
        from iea.data_prep.annotate.online import Asking, annotate_online
    except ImportError as error:
        raise ValueError(
            f"an endpoint needs libraries, got {error}; pip install 'verl-iea[teacher]'"
        ) from None
    key = os.environ.get(key_env, "")
    asking = Asking(EndpointConfig(**endpoint), answers, key, Budget(*prices), at_once)
    return annotate_online(pairs, out, asking, partial_rows=partial_rows)


def read_pairs(path: Path) -> list[Item]:
    """Rows of PAIRS, of a finished step's folder or of a single parquet file.

    Raises
    ------
    ValueError : it is neither, has other columns, or two rows have one name
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


@app.command()
def main(
    pairs: Annotated[Path, typer.Option(help="table of pairs: a folder of shards, or one parquet file")],
    out: Annotated[Path, typer.Option(help="folder for the explained pairs")],
    teacher: Annotated[str, typer.Option(help='"offline", or the URL of an endpoint')] = "offline",
    model: Annotated[str, typer.Option(help="endpoint: the model's name")] = "",
    form: Annotated[str, typer.Option(help="endpoint: json_schema, json_object or none")] = "json_schema",
    side: Annotated[
        int, typer.Option(help="endpoint: pictures are reduced to this many pixels a side")
    ] = 768,
    max_tokens: Annotated[int, typer.Option(help="endpoint: of one answer")] = 2000,
    temperature: Annotated[float | None, typer.Option(help="endpoint: default its own")] = None,
    deadline: Annotated[float, typer.Option(help="endpoint: seconds for one request")] = 120.0,
    tries: Annotated[int, typer.Option(help="endpoint: of one request that fails")] = 6,
    reasks: Annotated[int, typer.Option(help="endpoint: of an answer that is of no use")] = 2,
    backoff: Annotated[float, typer.Option(help="endpoint: seconds before the second try, at most")] = 1.0,
    per_minute: Annotated[float, typer.Option(help="endpoint: requests a minute, at most")] = 60.0,
    at_once: Annotated[int, typer.Option(help="endpoint: questions at once", min=1)] = 8,
    price_in: Annotated[float, typer.Option(help="endpoint: of a million tokens that it reads")] = 0.0,
    price_out: Annotated[float, typer.Option(help="endpoint: of a million tokens that it writes")] = 0.0,
    budget: Annotated[float | None, typer.Option(help="endpoint: money this run may spend")] = None,
    budget_tokens: Annotated[int | None, typer.Option(help="endpoint: tokens this run may spend")] = None,
    key_env: Annotated[
        str, typer.Option(help="endpoint: environment variable with the key")
    ] = "OPENAI_API_KEY",
    answers: Annotated[
        Path | None, typer.Option(help="endpoint: folder of what was paid for; default: OUT.answers")
    ] = None,
    partial_rows: Annotated[
        bool, typer.Option("--partial", help="endpoint: write the rows though answers are missing")
    ] = False,
    seed: Annotated[int, typer.Option(help="offline: seed of everything random")] = 0,
    noise: Annotated[
        float, typer.Option(help="offline: faults of its programs, 0 = none, 1 = a model's")
    ] = 1.0,
    evaluations: Annotated[int, typer.Option(help="offline: of the search for a program")] = 120,
    workers: Annotated[int, typer.Option(help="offline: processes, 0 = one per CPU; same bytes")] = 0,
    address: Annotated[str | None, typer.Option(help="offline: of a Ray cluster")] = None,
) -> None:
    """Have every pair explained: reasoning, a program to start from, and what a person would have asked for."""
    try:
        rows = read_pairs(pairs)
        if teacher == "offline":
            made = Offline(seed, noise, evaluations)
            report = annotate_offline(rows, out, made, workers=workers, address=address)
        else:
            endpoint = {
                "url": teacher,
                "model": model,
                "side": side,
                "form": form,
                "max_tokens": max_tokens,
                "temperature": temperature,
                "deadline": deadline,
                "tries": tries,
                "reasks": reasks,
                "backoff": backoff,
                "requests_per_minute": per_minute,
            }
            prices = (price_in, price_out, budget, budget_tokens)
            where = answers or out.with_name(f"{out.name}.answers")
            report = _online(rows, out, endpoint, prices, where, key_env, at_once, partial_rows)
    except (ValueError, UnfinishedError) as error:
        unfinished = isinstance(error, UnfinishedError)
        typer.echo(f"{'unfinished' if unfinished else 'error'}: {error}", err=True)
        raise typer.Exit(UNFINISHED if unfinished else 1) from None
    typer.echo(_summary(report, out))


def _summary(report: runner.Report, out: Path) -> str:
    """What a person wants to know after a run, in a few lines."""
    lines = [f"made {out}: {report.rows} of {report.items} pairs explained in {report.seconds:.1f} s"]
    lines += [f"  rejected {reason}: {count}" for reason, count in report.rejected.items()]
    asked = read_json(out / ASKED)
    if asked:
        run, total = asked["this_run"], asked["all"]
        lines.append(
            f"  this run: {run['requests']} requests ({run['retries']} retries, {run['reasked']} asked again), "
            f"{run['cache_hits']} known, {run['tokens_in']} + {run['tokens_out']} tokens, cost {run['cost']:.4f}"
        )
        if run["unmetered"]:
            lines.append(
                f"  {run['unmetered']} answers came without their tokens: the cost is more than that"
            )
        lines.append(
            f"  all answers: {total['tokens_in']} + {total['tokens_out']} tokens, cost {total['cost']:.4f}"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    app()
