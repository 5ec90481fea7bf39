"""Compare `iea.editor.released` with the published editor itself, which this repository does not have.

    python tests/benchmarks/released.py CHECKOUT                 # CHECKOUT: a clone of OpenDFM/Image_Edit_Agent
    python tests/benchmarks/released.py CHECKOUT --record tests/editor/released/measured.json

The published module runs as it is, with stand-ins for two small modules that it imports. Its grain is left out: it is not seeded.
"""

import importlib.util
import json
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import Annotated, TypeAlias

import cv2
import numpy as np
import typer
from photographs import photographs, shrunk
from skimage import data
from tqdm import tqdm

from iea.data_prep.files import write_text
from iea.editor import Image, released
from iea.editor.markdown import markdown_table

Render: TypeAlias = Callable[[Image, Mapping[str, int]], Image]

WITHOUT_GRAIN = tuple(name for name in released.NAMES if name != "grain")
SINGLE = (-100, -77, -45, -20, -1, 1, 20, 45, 77, 100)
RECORDED = (-100, -45, -1, 1, 45, 100)
RECORDED_MIXED = 24
PIXELS = 10  # of every recorded result


def published(checkout: Path) -> Render:
    """Return the rendering of the published editor."""
    stand_ins = {
        "utils": {
            "replace_keywords": lambda edits, table: edits,
            "print_with_color": lambda *_: None,
            "load_and_resize_image": lambda path, *_: cv2.imread(path),
        },
        "config": {"REPLACE_TABLE": {}},
    }
    for name, content in stand_ins.items():
        module = sys.modules[name] = ModuleType(name)
        vars(module).update(content)
    spec = importlib.util.spec_from_file_location("published_editor", checkout / "src/image_editor.py")
    if spec is None or spec.loader is None:
        raise ValueError(f"{checkout} must be a clone of the published repository, got none with src/image_editor.py")
    editor = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(editor)

    def render(image: Image, edits: Mapping[str, int]) -> Image:
        with tempfile.TemporaryDirectory() as folder:
            path = f"{folder}/original.png"
            cv2.imwrite(path, np.ascontiguousarray(image[..., ::-1]))
            result = editor.ImageEditor(path).process_image(dict(edits), f"{folder}/result.png")
        return np.asarray(result)[..., ::-1]

    return render


def mixed(count: int, seed: int) -> Iterator[dict[str, int]]:
    """Yield programs of one to eight tools with any values."""
    rng = np.random.default_rng(seed)
    for _ in range(count):
        names = rng.permutation(WITHOUT_GRAIN)[: rng.integers(1, 9)]
        yield {str(name): int(rng.integers(-100, 101)) for name in names}


def compared(render: Render, groups: Mapping[str, list[dict[str, int]]], side: int) -> str:
    """Return a table: per group the programs, the values that differ, and the largest difference."""
    shown = [shrunk(image, side) for image in photographs()]
    lines = []
    for group, listed in tqdm(groups.items(), desc="groups"):
        values = different = largest = 0
        for number, program in enumerate(listed):
            image = shown[number % len(shown)]
            apart = np.abs(render(image, program).astype(int) - released.render(image, program))
            values, different = values + apart.size, different + int((apart > 0).sum())
            largest = max(largest, int(apart.max()))
        lines.append([group, len(listed), values, different, largest])
    return markdown_table(["programs", "number", "values", "that differ", "largest difference"], lines)


def chart() -> Image:
    """Return the recorded image, (32, 32, 3): every sixteenth pixel of scikit-image's astronaut."""
    return np.ascontiguousarray(data.astronaut()[::16, ::16])


def record(render: Render) -> str:
    """Return results of the published editor as JSON: programs, and levels of some pixels."""
    places = np.random.default_rng(0).integers(0, 32, (PIXELS, 2)).tolist()
    programs = [{}, *({name: value} for name in WITHOUT_GRAIN for value in RECORDED), *mixed(RECORDED_MIXED, 1)]
    results = []
    for program in programs:
        result = render(chart(), program)
        results.append({"program": program, "levels": [result[row, column].tolist() for row, column in places]})
    lines = ",\n".join(json.dumps(one, separators=(",", ":")) for one in results)
    return f'{{"pixels": {json.dumps(places)}, "results": [\n{lines}\n]}}\n'


def main(
    checkout: Annotated[Path, typer.Argument(exists=True, file_okay=False, help="clone of the published repository")],
    count: Annotated[int, typer.Option(min=1, help="mixed programs")] = 400,
    side: Annotated[int, typer.Option(min=32, help="longer side of the photographs, px")] = 192,
    record_to: Annotated[Path | None, typer.Option("--record", help="file for results that the tests read")] = None,
) -> None:
    """Print a table in Markdown, or write the recorded results."""
    render = published(checkout)
    if record_to is not None:
        write_text(record_to, record(render))
        return
    groups = {name: [{name: value} for value in SINGLE] for name in WITHOUT_GRAIN}
    typer.echo(compared(render, {"empty": [{}] * 8} | groups | {"mixed": list(mixed(count, 0))}, side))


if __name__ == "__main__":
    typer.run(main)
