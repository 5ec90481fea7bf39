"""Compare what answers of known kinds earn: honest ones, and ones that do almost nothing, under the paper's reward and ours.

    python tests/benchmarks/honesty.py

References are edits of the bundled photographs by Pillow, OpenCV and scikit-image, so no program reproduces them. "Honest"
is the program of a search with an error of that size, up or down, in every value.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Annotated, TypeAlias

import numpy as np
import pandas as pd
import peers
import typer
from matching import clahe, programs
from photographs import photographs, shrunk
from skimage import exposure
from tqdm import tqdm

from iea.data_prep.label.match import match
from iea.data_prep.label.methods import METHODS
from iea.editor import TOOLS, Image, LeaveOneOut, Program, leave_one_out, leave_one_outs, render
from iea.reward_fns.terms import term_values
from iea.reward_fns.terms.r_like import r_like
from iea.reward_fns.terms.r_use_scaled import r_use_scaled
from iea.reward_fns.weights import DEFAULT_WEIGHTS, read_weights, weighted_sum

CANCELING = {"exposure": -50, "brightness": 52, "whites": 100}
CANCELING_PAIRS = (
    {"exposure": -50, "brightness": 64},
    {"exposure": 50, "brightness": -74},
    {"highlights": -50, "whites": 64},
    {"saturation": -30, "vibrance": 100},
    {"highlights": 100, "whites": -80},
)
"""Found by canceling.py: together nearly the original, each alone clearly visible."""
DRAWS = 3  # of the errors
PAPER = read_weights(w=0.7)

Edits: TypeAlias = Mapping[str, int]


EDITORS: Mapping[str, Callable[[Image], Image]] = {
    "Pillow": peers.pillow,
    "OpenCV": peers.opencv,
    "gamma": lambda image: np.asarray(exposure.adjust_gamma(image, 0.7)),
    "sigmoid": lambda image: np.asarray(exposure.adjust_sigmoid(image, 0.5, 6)),
    "CLAHE": clahe,
}


def pairs(side: int) -> Iterator[tuple[Image, Image]]:
    """Yield every photograph with the edit of every other program."""
    for photograph in photographs():
        original = shrunk(photograph, side)
        for edit in EDITORS.values():
            yield original, edit(original)


def answers(original: Image, reference: Image, rng: np.random.Generator) -> Iterator[tuple[str, Edits]]:
    """Yield (kind, program) of every kind of answer."""
    start = match(original, reference, Program(), METHODS["Reflect"])
    found = match(original, reference, start.program, METHODS["Stepwise"]).program
    yield "search", found
    for error in (10, 20, 30):
        for _ in range(DRAWS):
            wrong = _added(found, {tool: error * rng.choice([-1, 1]) for tool in found})
            yield f"honest, errors of {error}", wrong
    yield "errors of 30", wrong
    yield "errors of 30, and near no-op tools", _padded(original, reference, wrong)
    yield "errors of 30, and canceling tools", _added(wrong, CANCELING)
    yield "errors of 30, and grain 1", {"grain": 1, **wrong}
    for share in (0.5, 0.1):
        yield f"search, values x {share}", {t: round(v * share) or int(np.sign(v)) for t, v in found.items()}
    for value in (1, 10):
        yield f"the one best tool at {value}", _best_tool(original, reference, value)
    yield "canceling tools alone", CANCELING
    for pair in CANCELING_PAIRS:
        yield " and ".join(f"{tool} {value}" for tool, value in pair.items()), pair
    yield "grain 10 alone", {"grain": 10}
    yield "one giant tool: exposure 100", {"exposure": 100}


def _added(program: Edits, other: Edits) -> Edits:
    values = {tool: program.get(tool, 0) + other.get(tool, 0) for tool in {**program, **other}}
    return {tool: int(np.clip(value, TOOLS[tool].low, TOOLS[tool].high)) for tool, value in values.items()}


def _single(value: int) -> list[Edits]:
    return [{tool: sign * value} for tool in TOOLS for sign in (1, -1) if sign * value >= TOOLS[tool].low]


def _best_tool(original: Image, reference: Image, value: int) -> Edits:
    measured = leave_one_outs(original, reference, _single(value))
    return max(zip(_single(value), measured, strict=True), key=lambda pair: r_like(pair[1]))[0]


def _padded(original: Image, reference: Image, program: Edits) -> Edits:
    """Add every other tool at 1 or -1 that reduces D."""
    after = leave_one_out(original, reference, program).after
    more = [{**program, **one} for one in _single(1) if not set(one) & set(program)]
    helping = [p for p, m in zip(more, leave_one_outs(original, reference, more), strict=True) if m.after < after]
    return {tool: value for one in helping for tool, value in one.items()} | dict(program)


def measure(side: int) -> pd.DataFrame:
    """Return a line for every kind of answer: means over the pairs of the terms and of both rewards."""
    found: dict[str, list[LeaveOneOut]] = defaultdict(list)
    for number, (original, reference) in enumerate(tqdm(list(pairs(side)), desc="pairs", disable=None)):
        for kind, program in answers(original, reference, np.random.default_rng(number)):
            found[kind].append(leave_one_out(original, reference, program))
    return pd.DataFrame({kind: _means(measured) for kind, measured in found.items()}).T


def true_tools(side: int, count: int = 300) -> str:
    """Return the share of the tools of drawn programs that are useful where the program itself made the reference."""
    useful: list[bool] = []
    for number, program in programs(count):
        original = shrunk(photographs()[number % len(photographs())], side)
        measured = leave_one_out(original, render(original, program), program)
        useful += [r_use_scaled(replace(measured, without={"": one})) == 1 for one in measured.without.values()]
    return f"{100 * np.mean(useful):.1f} % of {len(useful)} tools of {count} drawn programs are useful"


def _means(measured: list[LeaveOneOut]) -> pd.Series:
    values = pd.DataFrame([term_values(one) for one in measured])
    values["tools"] = [len(one.without) for one in measured]
    values["paper"] = [weighted_sum(term_values(one), PAPER) for one in measured]
    values["default"] = [weighted_sum(term_values(one), DEFAULT_WEIGHTS) for one in measured]
    return values.mean()


def main(side: Annotated[int, typer.Option(min=32, help="longer side of the images, pixels")] = 192) -> None:
    """Print the table in Markdown."""
    means = measure(side)
    typer.echo("| answer | tools | R_like | R_use | R_use scaled | reward, paper | reward, default |")
    typer.echo("|---|---|---|---|---|---|---|")
    for kind, line in means.iterrows():
        values = [f"{line[key]:.3f}" for key in ("r_like", "r_use", "r_use_scaled", "paper", "default")]
        typer.echo(f"| {kind} | {line.tools:.1f} | {' | '.join(values)} |")
    typer.echo(f"\n{true_tools(side)}.")


if __name__ == "__main__":
    typer.run(main)
