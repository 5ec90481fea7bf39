"""Measure the errors of the export formats on the bundled photographs, with darktable as an independent reader of presets.

    python tests/benchmarks/exports.py

All photographs are on one sheet. Errors are mean deltaE 2000 against the editor. The columns of darktable are of the programs alone,
and empty without darktable-cli.
"""

from collections.abc import Iterator, Sequence
from typing import Annotated

import cv2
import numpy as np
import typer
from matching import programs
from photographs import photographs
from tqdm import tqdm

from iea.editor import TOOLS, Image, Program, render
from iea.editor.markdown import markdown_table
from iea.recipe.agent.exports import export
from iea.recipe.agent.exports.camera_raw_file import curves_of
from iea.recipe.agent.exports.cube import look_up
from iea.recipe.agent.exports.darktable import darktable, program_path
from iea.recipe.agent.exports.parts import CURVES, POINTWISE, cube_of, of_kinds
from iea.recipe.agent.exports.points import apply_curves
from iea.recipe.evaluation.convert import mean_delta_e

VALUE = 50
TILE = 96, 64  # px, width and height of a photograph on the sheet
NONE = float("nan")
COLUMNS = {
    "33": "table of 33 entries",
    "65": "table of 65 entries",
    "curves": "curves, hue kept",
    "alike": "curves, each channel alike",
    "dt curve": "darktable, `curve`",
    "dt sliders": "darktable, `sliders`",
}


def sheet() -> Image:
    """Return the photographs side by side, two rows of four."""
    small = [cv2.resize(image, TILE, interpolation=cv2.INTER_AREA) for image in photographs()]
    return np.concatenate([np.concatenate(small[row : row + 4], axis=1) for row in (0, 4)])


def errors(some: Sequence[Program], image: Image, *, check: bool) -> list[dict[str, float]]:
    """Return the error of every column: tables and curves against the tools that they hold, darktable against all.

    check : render the presets with darktable, if it is installed
    """
    found = [_own(program, image) for program in tqdm(some, desc="programs")]
    for kind in ("curve", "sliders") if check and program_path() else ():
        held = {number: text for number, text in enumerate(_preset(program, kind) for program in some) if text}
        for number, shown in zip(held, darktable([(text, image) for text in held.values()]), strict=True):
            found[number][f"dt {kind}"] = mean_delta_e(shown, render(image, some[number]))
    return found


def _own(program: Program, image: Image) -> dict[str, float]:
    curved, pointwise = of_kinds(program, CURVES), of_kinds(program, POINTWISE)
    found = dict.fromkeys(COLUMNS, NONE)
    for size in (33, 65) if pointwise else ():
        found[str(size)] = mean_delta_e(look_up(cube_of(pointwise, size), image), render(image, pointwise))
    for name, keep_hue in (("curves", True), ("alike", False)) if curved else ():
        applied = apply_curves(curves_of(curved), image, keep_hue=keep_hue)
        found[name] = mean_delta_e(applied, render(image, curved))
    return found


def single(image: Image) -> Iterator[list[object]]:
    """Yield the lines of every kind: mean and maximum over its tools, at VALUE both ways."""
    signed = [(name, sign * VALUE) for name in TOOLS for sign in (-1, 1) if sign > 0 or TOOLS[name].low < 0]
    some = [Program({name: value}) for name, value in signed]
    found = errors(some, image, check=False)
    for kind in (*POINTWISE, "spatial"):
        chosen = [number for number, (name, _) in enumerate(signed) if TOOLS[name].kind == kind]
        yield from _summary(kind, [some[one] for one in chosen], [found[one] for one in chosen], image)


def mixed(image: Image, count: int) -> Iterator[list[object]]:
    """Yield mean and maximum of programs of several tools."""
    some = [program for _, program in programs(count)]
    yield from _summary(f"{count} programs", some, errors(some, image, check=True), image)


def _summary(
    about: str, some: Sequence[Program], found: Sequence[dict[str, float]], image: Image
) -> Iterator[list[object]]:
    sizes = [mean_delta_e(render(image, program), image) for program in some]
    columns = [sizes, *([one[name] for one in found if not np.isnan(one[name])] for name in COLUMNS)]
    for word, summary in (("mean", np.mean), ("largest", np.max)):
        yield [f"{about}, {word}", *(f"{summary(one):.2f}" if one else "" for one in columns)]


def main(count: Annotated[int, typer.Option(min=1, help="programs of 2 to 5 tools")] = 24) -> None:
    """Print a table of the kinds of tools and of the programs."""
    image = sheet()
    columns = ["", "the edit itself", *COLUMNS.values()]
    print(markdown_table(columns, [*single(image), *mixed(image, count)]))


def _preset(program: Program, kind: str) -> str:
    """Return the text of a preset; "" of a program that it cannot hold."""
    try:
        return export(program, kind).text
    except ValueError:
        return ""


if __name__ == "__main__":
    typer.run(main)
