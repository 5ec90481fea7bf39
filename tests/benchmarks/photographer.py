"""Judge the tools as a photographer would, in numbers, on the bundled photographs, and draw their contact sheets.

    python tests/benchmarks/photographer.py                         # all tables, in Markdown
    python tests/benchmarks/photographer.py --only casts --only hue
    python tests/benchmarks/photographer.py --only sheets --out work/sheets

dE is the mean CIEDE2000 over the pixels, hue the change of the angle in OKLab, weighted by chroma, in degrees.
"""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Annotated

import cv2
import looks
import numpy as np
import typer
from photographs import mosaic, photographs, shrunk
from PIL import Image as Pillow
from scipy.optimize import minimize
from sheets import draw_sheets

from iea.editor import TOOLS, Image, render
from iea.editor.color import linear_to_srgb, srgb_to_linear
from iea.editor.markdown import markdown_table

SIDE = 320  # px, the longer side where nothing else is said
TONE = ("exposure", "brightness", "highlights", "shadows", "whites", "blacks", "contrast", "natural_contrast", "fade")
CASTS = {
    "tungsten": (1.15, 0.85, 0.46),
    "shade": (0.74, 0.90, 1.13),
    "green tube": (0.76, 0.94, 0.69),
}  # gains of R, G, B
CAST_PHOTOGRAPHS = (2, 3, 4, 5, 7)  # those with L* > 80 in more than 1 % of their pixels
SIZES = (384, 511, 512, 768, 1023, 1024, 1440, 2047, 2048, 3000, 4095, 4096, 6000)
SHOWN = 384  # px, the shorter side at which all sizes are compared
DETAIL = 192  # px, the shorter side that holds all detail of the scene of sizes
STEPS = ((32, 224), (64, 192), (96, 160))  # levels on both sides of an edge

Lines = Iterator[list[object]]


def values(*sizes: int) -> Iterator[tuple[str, int]]:
    """Yield (tool, value) for both signs of the sizes, as far as the tool has them."""
    for name, tool in TOOLS.items():
        yield from ((name, value) for size in sizes for value in (-size, size) if value >= tool.low)


def small() -> list[Image]:
    """Return the photographs at SIDE."""
    return [shrunk(image, SIDE) for image in photographs()]


def effects() -> Lines:
    """dE of every tool, and the share of values that only the edit brings to 0 or white, in percent."""
    yield ["tool", "value", "dE", "new clip %"]
    typical = {}
    for name, value in values(20, 50, 100):
        pairs = [(image, render(image, {name: value})) for image in small()]
        typical[name, value] = float(np.mean([looks.delta_e(*pair) for pair in pairs]))
        yield [name, value, typical[name, value], float(np.mean([looks.new_clip(*pair) for pair in pairs]))]
    at_50 = {key: one for key, one in typical.items() if abs(key[1]) == 50}
    low, high = min(at_50, key=lambda key: at_50[key]), max(at_50, key=lambda key: at_50[key])
    yield [f"spread at 50: {low} to {high}", "", at_50[high] / at_50[low], float("nan")]


def hue() -> Lines:
    """Turn of the hue by tone tools, and their chroma after / before."""
    yield ["tool", "value", "mean turn", "p95", "p95 of the worst photograph", "chroma"]
    for name, value in values(50, 100):
        if name in TONE:
            found = [looks.hue_turn(image, render(image, {name: value})) for image in small()]
            turns, chroma = [one[0] for one in found], [one[1] for one in found]
            mean = float(np.mean([one.mean for one in turns]))
            p95 = float(np.mean([one.p95 for one in turns]))
            yield [name, value, mean, p95, max(one.p95 for one in turns), float(np.mean(chroma))]


def casts() -> Lines:
    """dE that the best temperature, tint and exposure leave of a cast in linear light, also where L* > 80."""
    yield ["cast", "photograph", "dE of the cast", "dE left", "dE left, L* > 80", "program"]
    left = []
    for cast, gains in CASTS.items():
        for number in CAST_PHOTOGRAPHS:
            image = shrunk(photographs()[number], 192)
            light = np.minimum(srgb_to_linear(image / 255) * gains, 1)
            tinted = np.floor(linear_to_srgb(light) * 255 + 0.5).astype(np.uint8)
            program = repaired(tinted, image)
            result = render(tinted, program)
            lights = looks.lab(image)[..., 0] > 80
            left.append([looks.delta_e(result, image), looks.delta_e(result, image, lights)])
            yield [cast, number, looks.delta_e(tinted, image), *left[-1], program]
    yield ["mean", "", float("nan"), *np.mean(left, axis=0).tolist(), ""]


def repaired(tinted: Image, wanted: Image) -> dict[str, int]:
    """Search the program of temperature, tint and exposure that leaves the least dE."""
    names, target = ("temperature", "tint", "exposure"), looks.lab(wanted)

    def program(x: np.ndarray) -> dict[str, int]:
        return {name: int(np.clip(round(v), -100, 100)) for name, v in zip(names, x, strict=True)}

    def left(x: np.ndarray) -> float:
        return float(looks.difference(looks.lab(render(tinted, program(x))), target).mean())

    best = np.zeros(3)
    for step in (40, 8, 3):
        simplex = best + np.vstack([np.zeros(3), step * np.eye(3)])
        options = {"initial_simplex": simplex, "maxfev": 70, "xatol": 0.5, "fatol": 1e-4}
        best = np.round(minimize(left, best, method="Nelder-Mead", options=options).x)
    return program(best)


def sizes() -> Lines:
    """Effect of a tool on one picture of several sizes, all shown at SHOWN, relative to that at SHOWN.

    The picture is a mosaic with detail that all sizes carry: finer detail of a larger size is not in the preview, whatever the tool.
    It is reduced by Lanczos' filter, since area means alone take 7 % of the finest detail from a size near SHOWN.
    """
    edits = {"sharpness 50": {"sharpness": 50}, "sharpness -50": {"sharpness": -50}, "grain 50": {"grain": 50}}
    edits |= {"natural_contrast 50": {"natural_contrast": 50}, "shadows 50": {"shadows": 50}}
    yield ["short side", *edits]
    scene = cv2.resize(shrunk(mosaic(1000, 1000), DETAIL), (max(SIZES), max(SIZES)), interpolation=cv2.INTER_CUBIC)
    first = None
    for size in SIZES:
        image = sampled(scene, size)
        before = looks.luma_levels(sampled(image, SHOWN))
        shown = [looks.luma_levels(sampled(render(image, one), SHOWN)) - before for one in edits.values()]
        effect = np.array([one.std() for one in shown])
        first = effect if first is None else first
        yield [size, *(effect / first).tolist()]


def sampled(image: Image, side: int) -> Image:
    """Reduce a square image by Lanczos' filter, which keeps all detail that `side` pixels carry."""
    return np.asarray(Pillow.fromarray(image).resize((side, side), Pillow.Resampling.LANCZOS))


def preview() -> Lines:
    """dE between the edited preview (512 px) and the reduced edit of a large picture (an enlarged mosaic), and its share of the effect.

    A curve's own dE comes from rounding, and from the mean of a bent scale not being the bent mean.
    """
    yield ["tool", "value", "dE", "dE / effect"]
    full = cv2.resize(mosaic(800, 1200), (3600, 2400), interpolation=cv2.INTER_LANCZOS4)
    reduced = shrunk(full, 512)
    for name, value in values(50, 100):
        edited = render(reduced, {name: value})
        error = looks.delta_e(edited, shrunk(render(full, {name: value}), 512))
        yield [name, value, error, error / looks.delta_e(edited, reduced)]


def regions() -> Lines:
    """Change of L* in the darkest and lightest quarter, and local contrast (9 px) after / before there."""
    yield ["tool", "value", "region", "L*", "largest of a photograph", "local contrast"]
    for name, value in values(50, 100):
        if name in ("shadows", "highlights"):
            found = [looks.region(image, render(image, {name: value}), name == "shadows") for image in small()]
            moved, kept = np.array(found).T
            largest = moved[np.abs(moved).argmax()]
            yield [
                name,
                value,
                "dark" if name == "shadows" else "light",
                *map(float, (moved.mean(), largest, kept.mean())),
            ]


def alike() -> Lines:
    """Cosine of the changes in Lab of two tools, at 50: the largest ones."""
    yield ["tool", "tool", "cosine"]
    images = small()
    before = [looks.lab(image) for image in images]
    changes = {}
    for name in TOOLS:
        after = (looks.lab(render(image, {name: 50})) for image in images)
        change = np.concatenate([(a - b).ravel() for a, b in zip(after, before, strict=True)])
        changes[name] = change / np.linalg.norm(change)
    names = list(changes)
    cosines = {(a, b): float(changes[a] @ changes[b]) for number, a in enumerate(names) for b in names[number + 1 :]}
    for pair in sorted(cosines, key=lambda pair: -abs(cosines[pair]))[:12]:
        yield [*pair, cosines[pair]]
    yield ["contrast", "natural_contrast", cosines["contrast", "natural_contrast"]]


def halos() -> Lines:
    """Overshoot of an edge in percent of its height: the larger of both sides."""
    yield ["tool", "edge", "384 px", "512 px", "1024 px", "3000 px"]
    for name, value in (("sharpness", 50), ("sharpness", 100), ("natural_contrast", 100), ("shadows", 100)):
        for dark, light in STEPS:
            measured = []
            for side in (384, 512, 1024, 3000):
                image = np.full((side, side, 3), dark, np.uint8)
                image[:, side // 2 :] = light
                flat = [np.full_like(image, level) for level in (dark, light)]
                low, high = (int(render(one, {name: value})[0, 0, 0]) for one in flat)
                row = render(image, {name: value})[side // 2, :, 0].astype(int)
                measured.append(100 * max(int(row.max()) - high, low - int(row.min())) / (high - low))
            yield [f"{name} {value}", f"{dark} to {light}", *measured]


def ends() -> Lines:
    """Black, mid-gray and white after each tool, in the corner and in the center of a flat picture."""
    yield ["tool", "value", "black", "gray", "white", "light corner: levels at white, %"]
    for name, value in values(100):
        levels = [render(np.full((64, 64, 3), level, np.uint8), {name: value}) for level in (0, 128, 255)]
        ramp = np.repeat(np.linspace(128, 250, 384).astype(np.uint8)[None, :, None], 384, axis=0).repeat(3, axis=2)
        clipped = float(np.mean(render(ramp, {name: value})[:48, -48:] == 255) * 100)
        yield [name, value, *(str(one[32, 32].tolist()) for one in levels), clipped]


TABLES: Mapping[str, Callable[[], Lines]] = {
    "effects": effects,
    "hue": hue,
    "casts": casts,
    "sizes": sizes,
    "preview": preview,
    "regions": regions,
    "alike": alike,
    "halos": halos,
    "ends": ends,
}


def main(
    only: Annotated[list[str] | None, typer.Option(help=f"{', '.join(TABLES)} or sheets; default: all tables")] = None,
    out: Annotated[Path | None, typer.Option(help="folder for the contact sheets")] = None,
) -> None:
    """Print the tables, and with --out draw the sheets."""
    cv2.setNumThreads(1)
    chosen = only or list(TABLES)
    for name in chosen:
        if name in TABLES:
            head, *lines = TABLES[name]()
            typer.echo(f"## {name}\n\n{TABLES[name].__doc__}\n\n{markdown_table(head, lines)}\n")
    if out is not None:
        draw_sheets(out)


if __name__ == "__main__":
    typer.run(main)
