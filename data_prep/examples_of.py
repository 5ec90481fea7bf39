"""Turn labelled pairs into examples to train on: from DISTILLED to EXAMPLES.

    python -m iea.data_prep.examples_of --distilled OUT/distilled --out OUT/examples

Of every pair: an edit for each request that is known of it, five that ask for nothing in particular and two without a
word, as many as the paper has a pair; and a summary for each sentence that says what was done.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from iea.data_prep import shards
from iea.data_prep.shards import Item, Row, Step
from iea.data_prep.tables import EXAMPLES
from iea.data_prep.wording.paraphrase import vague
from iea.data_prep.wording.phrasebook import Wording

VAGUE = 5  # requests a pair that name no edit
WORDLESS = 2  # requests a pair that say nothing

app = typer.Typer(add_completion=False)


def examples_of(item: Item) -> list[Row]:
    """Rows of EXAMPLES from one of DISTILLED; its edits first.

    Where the source tells no request of a register, the teacher's summaries stand for it: they are put as requests.
    Texts that differ in white space alone are one.
    """
    edits = [
        _row(item, "edit", register, text=text, program=item["found"], reasoning=item["reasoning"])
        for register, text in _requests(item)
    ]
    summaries = [
        _row(item, "summary", register, summary=text)
        for register in ("expert", "amateur")
        for text in _distinct(item[register], item[f"summaries_{register}"])
    ]
    numbered = Counter[str]()
    for row in chain(edits, summaries):
        row["name"] = f"{item['source']}/{item['name']}/{row['task']}-{numbered[row['task']]}"
        numbered[row["task"]] += 1
    return edits + summaries


def _requests(item: Item) -> Iterator[tuple[str, str]]:
    """(register, text) of every edit to be asked for."""
    for register in ("expert", "amateur"):
        known = _distinct(item[register]) or _distinct(item[f"summaries_{register}"])
        yield from ((register, text) for text in known)
    yield from (("vague", text) for text in _vague(item))
    yield from [("none", "")] * WORDLESS


def _vague(item: Item) -> list[str]:
    """VAGUE different requests; the same for one pair always."""
    digest = hashlib.sha256(f"{item['source']}\0{item['name']}".encode()).digest()
    rng = np.random.default_rng(list(digest))
    wording: Wording = "train" if item["split"] == "train" else "val"
    drawn: dict[str, None] = {}
    while len(drawn) < VAGUE:
        drawn[vague(rng, wording)] = None
    return list(drawn)


def _distinct(*groups: Iterable[str]) -> list[str]:
    """The texts in their order, white space made even, none empty and none twice."""
    return list(dict.fromkeys(text for text in (" ".join(text.split()) for text in chain(*groups)) if text))


def _row(item: Item, task: str, register: str, **answer: str) -> Row:
    shared = {key: item[key] for key in ("photo", "group", "split", "original", "reference", "d_before")}
    texts = dict.fromkeys(
        ("earlier", "first_text", "text", "earlier_program", "program", "reasoning", "summary"), ""
    )
    known = {
        "task": task,
        "origin": item["source"],
        "register": register,
        "oracle_r_like": item["oracle_r_like"],
    }
    return shared | texts | known | answer


@app.command()
def main(
    distilled: Annotated[Path, typer.Option(help="folder of labelled pairs")],
    out: Annotated[Path, typer.Option(help="folder for the examples")],
) -> None:
    """Make edits and summaries of labelled pairs."""
    try:
        report = shards.run(
            Step("examples", EXAMPLES, examples_of, {}), shards.read_rows(distilled), out, workers=1
        )
    except ValueError as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(1) from None
    counted = Counter((row["task"], row["register"]) for row in shards.read_rows(out))
    typer.echo(f"{report.rows} examples of {report.items} pairs in {out}")
    for (task, register), count in sorted(counted.items()):
        typer.echo(f"  {count} {task}, {register}")


if __name__ == "__main__":
    app()
