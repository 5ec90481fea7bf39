"""Measure the loss of labels by searches on reduced images, and the best R_like for targets that no program makes.

    python tests/benchmarks/matching.py

Originals are the bundled photographs. Searches start from the true program with a teacher's errors, or, if there is no true
program, from the result of Reflect.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Annotated, TypeAlias

import cv2
import numpy as np
import typer
from photographs import pair, photographs, shrunk
from tqdm import tqdm

from iea.data_prep.annotate.label_noise import noisy_label
from iea.data_prep.label.match import SIDE, match, upper_bound
from iea.data_prep.label.method import SearchResult
from iea.data_prep.label.methods import METHODS
from iea.editor import TOOLS, Image, Program, distance, render
from iea.editor.levels import TYPICAL

SIDES = (96, 192, 256, 512)
TOOLS_PER_PROGRAM = (2, 5)
MIN_CHANGE = 0.012  # D(original, reference), as for the rows of iea.data_prep.synthesize.sample

Target: TypeAlias = Callable[[Image], Image]


def clahe(image: Image) -> Image:
    """Equalize lightness in 8 x 8 tiles."""
    lab = cv2.cvtColor(image, cv2.COLOR_RGB2LAB)
    lab[..., 0] = cv2.createCLAHE(clipLimit=2.0, tileGridSize=(8, 8)).apply(lab[..., 0])
    return np.asarray(cv2.cvtColor(lab, cv2.COLOR_LAB2RGB))


def channel_mixer(image: Image) -> Image:
    """Mix a fifth of the other channels into each channel, like the crosstalk of film: greens turn yellow."""
    matrix = np.array([[0.8, 0.25, -0.05], [0.1, 0.75, 0.15], [-0.05, 0.15, 0.9]])
    return _rounded(image @ matrix.T)


def split_toning(image: Image) -> Image:
    """Tone shadows teal and highlights orange, by luma."""
    y = (image @ np.array([0.2126, 0.7152, 0.0722]))[..., None] / 255
    return _rounded(image + (1 - y) ** 2 * np.array([-24, 6, 22]) + y**2 * np.array([20, 4, -26]))


def local_dodge(image: Image) -> Image:
    """Dodge one spot left of the center and burn the opposite corner."""
    height, width = image.shape[:2]
    down, across = np.mgrid[:height, :width] / np.array([height, width]).reshape(2, 1, 1)
    lit = np.exp(-(((down - 0.45) ** 2 + (across - 0.35) ** 2) / 0.04))
    burnt = np.exp(-(((down - 1) ** 2 + (across - 1) ** 2) / 0.15))
    return _rounded(image * (1 + 0.6 * lit - 0.5 * burnt)[..., None])


TARGETS: Mapping[str, Target] = {
    "CLAHE": clahe,
    "channel mixer": channel_mixer,
    "split toning": split_toning,
    "local dodge": local_dodge,
}


def _rounded(values: np.ndarray) -> Image:
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)


def programs(count: int) -> Iterator[tuple[int, Program]]:
    """Yield numbered programs of 2 to 5 of all tools at the strengths that words can name."""
    for number in range(count):
        rng = np.random.default_rng([7, number])
        names = rng.choice(list(TOOLS), rng.integers(*TOOLS_PER_PROGRAM, endpoint=True), replace=False)
        sizes = rng.choice(list(TYPICAL.values()), len(names))
        signs = [-1 if TOOLS[name].low < 0 and rng.random() < 0.5 else 1 for name in names]
        yield number, Program({str(n): s * int(v) for n, s, v in zip(names, signs, sizes, strict=True)})


def in_model(count: int, stored: bool) -> str:
    """Rate Stepwise by the side of its search, and the oracle, at 512 px; `stored`: references are JPEG files."""
    found: dict[str, list[SearchResult]] = {}
    for number, program in tqdm(list(programs(count)), desc="in model", unit="pair"):
        original, reference = pair(number, SIDE, program)
        if not stored:
            reference = render(original, program)
        if distance(original, reference) < MIN_CHANGE:
            continue
        start = noisy_label(program, 1.0, np.random.default_rng([3, number]))
        for side in SIDES:
            label = match(original, reference, start, METHODS["Stepwise"], side)
            found.setdefault(f"Stepwise at {side} px", []).append(label)
        found.setdefault("oracle", []).append(upper_bound(original, reference, label.program))
    title = "stored as JPEG, then reduced" if stored else "as rendered"
    return f"\nReferences {title}, 512 px\n\n{_table('search', found)}"


def out_of_model() -> str:
    """Rate methods on targets that no program makes."""
    found: dict[str, list[SearchResult]] = {}
    for name, target in tqdm(TARGETS.items(), desc="out of model", unit="target"):
        for photograph in photographs():
            original = shrunk(photograph, SIDE)
            reference = target(original)
            start = match(original, reference, Program(), METHODS["Reflect"])
            results = {"glance": start}
            for method in ("FastSearch", "Stepwise"):
                results[method] = match(original, reference, start.program, METHODS[method])
            results["oracle"] = upper_bound(original, reference, results["Stepwise"].program)
            for method, result in results.items():
                for group in (f"all, {method}", f"{name}, {method}"):
                    found.setdefault(group, []).append(result)
    ordered = dict(sorted(found.items(), key=lambda item: not item[0].startswith("all")))
    return f"\nTargets that the tools cannot make, 512 px\n\n{_table('target, search', ordered)}"


def _table(head: str, found: Mapping[str, list[SearchResult]]) -> str:
    lines = [f"| {head} | pairs | R_like | median | R_use | tools | evaluations |", "|---|---|---|---|---|---|---|"]
    for name, matches in found.items():
        like = [one.rating["r_like"] for one in matches]
        use, tools, evaluations = (
            float(np.mean(values))
            for values in (
                [one.rating["r_use"] for one in matches],
                [len(one.program) for one in matches],
                [one.evaluations for one in matches],
            )
        )
        lines.append(
            f"| {name} | {len(matches)} | {np.mean(like):.3f} | {np.median(like):.3f} | {use:.3f} | {tools:.1f} | "
            f"{evaluations:.0f} |"
        )
    return "\n".join(lines)


def main(count: Annotated[int, typer.Option(min=1, help="in-model pairs")] = 24) -> None:
    """Print three tables in Markdown."""
    for text in (in_model(count, stored=False), in_model(count, stored=True), out_of_model()):
        typer.echo(text)


if __name__ == "__main__":
    typer.run(main)
