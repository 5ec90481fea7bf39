"""Measure the offline interpreter: random requests in held-out words, and people's requests of GIER.

    python tests/benchmarks/reading.py [--gier FOLDER]

Random requests name one to three tools with strengths, by the held-out phrases and templates; the lexicon has the training
phrases alone, or all of them with the words of words.yaml. A request is right if all tools, signs and levels are. GIER's
annotations (val split) do not say which tools are right: counted are the requests with an edit, with a limit, and with neither.
"""

import json
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from iea.data_prep.language.phrases import PERSONAS, Persona
from iea.data_prep.language.requests import paraphrase
from iea.editor import TOOLS
from iea.editor.levels import level
from iea.recipe.agent.grammar.lexicon import Lexicon
from iea.recipe.agent.grammar.reading import read_request
from iea.recipe.agent.limits import split_request


def random_program(rng: np.random.Generator) -> dict[str, int]:
    """Return one to three tools at a value of each level, either way where the tool has both."""
    tools = rng.choice(list(TOOLS), int(rng.integers(1, 4)), replace=False)
    signs = {str(tool): -1 if TOOLS[tool].low and rng.random() < 0.5 else 1 for tool in tools}
    return {tool: int(rng.choice([20, 45, 80, 100])) * sign for tool, sign in signs.items()}


def share_right(persona: Persona, lexicon: Lexicon, count: int) -> float:
    """Return the share of random requests that are read as they were meant."""
    rng, right = np.random.default_rng(7), 0
    for _ in range(count):
        program = random_program(rng)
        found = read_request(paraphrase(rng, program, persona, "val"), lexicon).applied({})
        meant, read = ({tool: (value > 0, level(value)) for tool, value in one.items()} for one in (program, found))
        right += meant == read
    return right / count


def shares_of_people(folder: Path, kind: str) -> dict[str, float]:
    """Return the shares of requests of GIER's val split, of pairs with operators on the whole image or of the others."""
    records = json.loads((folder / "val_sess_3.json").read_text())
    whole = set(json.loads((folder / "val_global_sess_3.json").read_text()))
    chosen = [one for at, one in enumerate(records) if (at in whole) == (kind == "global")]
    counts = {"edit": 0, "limit": 0, "neither": 0, "requests": 0}
    for record in chosen:
        for text in (*(record.get("expert_summary") or ()), *(record.get("amateur_summary") or ())):
            rest, limits = split_request(text)
            reading = read_request(rest)
            edited = bool(reading.edits or reading.improved)
            counts["requests"] += 1
            counts["edit"] += edited
            counts["limit"] += bool(limits)
            counts["neither"] += not (edited or limits)
    return {name: counts[name] / counts["requests"] for name in ("edit", "limit", "neither")}


def main(
    count: Annotated[int, typer.Option(min=1, help="Random requests of each persona.")] = 1000,
    gier: Annotated[
        Path | None, typer.Option(exists=True, file_okay=False, help="Folder of GIER's annotations.")
    ] = None,
) -> None:
    """Print the shares."""
    for name, lexicon in {"training phrases": Lexicon(("train",), plain_too=False), "all words": Lexicon()}.items():
        for persona in PERSONAS:
            typer.echo(f"{name}, {persona}: {share_right(persona, lexicon, count):.1%} right")
    for kind in ("global", "other") if gier else ():
        assert gier is not None
        shares = ", ".join(f"{name} {share:.1%}" for name, share in shares_of_people(gier, kind).items())
        typer.echo(f"GIER, {kind} pairs: {shares}")


if __name__ == "__main__":
    typer.run(main)
