"""Judge the tools as a photographer would, in numbers, on the bundled photographs, and draw their contact sheets.

    python tests/benchmarks/photographer.py                         # all tables, in Markdown
    python tests/benchmarks/photographer.py --only casts --only hue
    python tests/benchmarks/photographer.py --page docs/photographer.md     # with docs/tools.jpg and docs/piles.jpg
    python tests/benchmarks/photographer.py --only sheets --out work/sheets # one large sheet per tool

dE is the mean CIEDE2000 over the pixels, hue the change of the angle in OKLab, weighted by chroma, in degrees.
"""

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Annotated

import cv2
import looks
import numpy as np
import typer
from photographs import mosaic, photographs, shrunk
from PIL import Image as Pillow
from scipy.optimize import minimize
from sheets import draw_docs, draw_sheets

from iea.editor import TOOLS, Image, render
from iea.editor.color import linear_to_srgb, srgb_to_linear
from iea.editor.describe import CANCELING
from iea.editor.io import replacing
from iea.editor.markdown import markdown_table

SIDE = 192  # px, the longer side where nothing else is said
SEARCH_SIDE = 128  # px, the same in the search for the program that removes a cast
TONE = ("exposure", "brightness", "highlights", "shadows", "whites", "blacks", "contrast", "natural_contrast", "fade")
CASTS = {
    "tungsten": (1.15, 0.85, 0.46),
    "shade": (0.74, 0.90, 1.13),
    "green tube": (0.76, 0.94, 0.69),
}  # gains of R, G, B
CAST_PHOTOGRAPHS = (2, 3, 4, 5, 7)  # those with L* > 80 in more than 1 % of their pixels
LIGHTEST = 7  # of these the one that is mostly white
FACTOR = 4  # between the largest dE at 50 and the others
REASONS = {
    "highlights": "light areas only, and white stays",
    "shadows": "dark areas only, and black stays",
    "whites": "the lightest tones only",
    "blacks": "the darkest tones only",
    "contrast": "black, mid-gray and white stay",
    "natural_contrast": "texture only: above 0 its halos are limited, and at -100 all of it is removed",
    "fade": "dark tones only",
    "vibrance": "muted colors only, which have little chroma; skin is spared",
    "saturation": "grays stay, and strong colors stop at the gamut",
    "sharpness": "fine detail only; above 0 its halos are limited, below 0 a wider blur would be a lens error",
    "vignette": "corners only; lighter ones stop at white",
    "grain": "more would hide detail",
}  # why a tool changes less than the others
SHOWN = 384  # px, the shorter side at which all sizes are compared
SCENES = {  # name: shorter side in px that holds all detail, sizes
    "calm": (192, (384, 511, 512, 1023, 1024, 2047, 2048)),
    "raw": (1000, (384, 1024, 2048)),
}
LARGE = {"calm": (192, (384, 3000, 4095, 4096, 6000))}  # the same; minutes
SIZED = (("sharpness", 50), ("sharpness", -50), ("grain", 50), ("natural_contrast", 50), ("shadows", 50))
STEPS = ((32, 224), (64, 192), (96, 160))  # levels on both sides of an edge

Lines = Iterator[list[object]]


def values(*sizes: int) -> Iterator[tuple[str, int]]:
    """Yield (tool, value) for both signs of the sizes, as far as the tool has them."""
    for name, tool in TOOLS.items():
        yield from ((name, value) for size in sizes for value in (-size, size) if value >= tool.low)


@cache
def small() -> Sequence[Image]:
    """Return the photographs at SIDE."""
    return [shrunk(image, SIDE) for image in photographs()]


def effects() -> Lines:
    """dE of every tool, and the share of values that only the edit brings to 0 or white, in percent.

    A tool with less than a quarter of the largest dE at 50 has the reason in the last column.
    """
    yield ["tool", "value", "dE", "new clip %", "why less"]
    found = {}
    for name, value in values(20, 50, 100):
        pairs = [(image, render(image, {name: value})) for image in small()]
        found[name, value] = [
            float(np.mean([measure(*pair) for pair in pairs])) for measure in (looks.delta_e, looks.new_clip)
        ]
    at_50 = {key: one[0] for key, one in found.items() if abs(key[1]) == 50}
    low, high = min(at_50, key=lambda key: at_50[key]), max(at_50, key=lambda key: at_50[key])
    for (name, value), one in found.items():
        less = at_50.get((name, value), at_50[high]) < at_50[high] / FACTOR
        yield [name, value, *one, REASONS[name] if less else ""]
    named = " / ".join(f"{name} {value}" for name, value in (high, low))
    yield [f"largest / smallest at 50: {named}", "", at_50[high] / at_50[low], float("nan"), ""]


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
    left = {}
    for cast, gains in CASTS.items():
        for number in CAST_PHOTOGRAPHS:
            image = shrunk(photographs()[number], SIDE)
            tinted = tinged(image, gains)
            searched = shrunk(image, SEARCH_SIDE)
            program = repaired(tinged(searched, gains), searched)
            result = render(tinted, program)
            lights = looks.lab(image)[..., 0] > 80
            left[cast, number] = [looks.delta_e(result, image), looks.delta_e(result, image, lights)]
            yield [cast, number, looks.delta_e(tinted, image), *left[cast, number], str(program)]
    for title, numbers in (("all", CAST_PHOTOGRAPHS), (f"without {LIGHTEST}", set(CAST_PHOTOGRAPHS) - {LIGHTEST})):
        mean = np.mean([one for (_, number), one in left.items() if number in numbers], axis=0)
        yield ["mean", title, float("nan"), *mean.tolist(), ""]


def tinged(image: Image, gains: Sequence[float]) -> Image:
    """Lay a cast on an image, gains of R, G, B in linear light."""
    light = np.minimum(srgb_to_linear(image / 255) * gains, 1)
    return np.floor(linear_to_srgb(light) * 255 + 0.5).astype(np.uint8)


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


def sizes(scenes: Mapping[str, tuple[int, Sequence[int]]] = SCENES) -> Lines:
    """Effect of a tool on one scene in several sizes, all shown at SHOWN, relative to that at SHOWN.

    The scenes are mosaics. The calm one has detail that all sizes carry. The raw one has finer detail, which large sizes sharpen and
    the preview does not show, with any tool. Sizes are reduced by Lanczos' filter, since area means alone take 7 % of the finest
    detail from a size near SHOWN.
    """
    yield ["scene", "short side", *(f"{name} {value}" for name, value in SIZED)]
    for title, (detail, sides) in scenes.items():
        scene = cv2.resize(shrunk(mosaic(1000, 1000), detail), (max(sides), max(sides)), interpolation=cv2.INTER_CUBIC)
        first = None
        for side in sides:
            image = sampled(scene, side)
            before = looks.luma_levels(sampled(image, SHOWN))
            shown = (sampled(render(image, {name: value}), SHOWN) for name, value in SIZED)
            effect = np.array([(looks.luma_levels(one) - before).std() for one in shown])
            first = effect if first is None else first
            yield [title, side, *(effect / first).tolist()]


def large_sizes() -> Lines:
    """The same up to 6000 pixels, which takes minutes."""
    return sizes(LARGE)


def sampled(image: Image, side: int) -> Image:
    """Reduce a square image by Lanczos' filter, which keeps all detail that `side` pixels carry."""
    return np.asarray(Pillow.fromarray(image).resize((side, side), Pillow.Resampling.LANCZOS))


def preview() -> Lines:
    """dE between the edited preview (576 x 384 px) and the reduced edit of a large image (an enlarged mosaic), and its share of the effect.

    Tools of the kinds balance, curve and color look at single pixels, so they are exact at every size; what remains of them comes from
    rounding, and from the mean of bent values not being the bent mean. The spatial tools are to be compared with that.
    """
    yield ["kind", "tool", "value", "dE", "dE / effect"]
    full = cv2.resize(mosaic(800, 1200), (1800, 1200), interpolation=cv2.INTER_LANCZOS4)
    reduced = shrunk(full, 576)
    for name, value in sorted(
        values(50, 100), key=lambda one: ("balance", "curve", "color", "spatial").index(TOOLS[one[0]].kind)
    ):
        edited = render(reduced, {name: value})
        error = looks.delta_e(edited, shrunk(render(full, {name: value}), 576))
        yield [TOOLS[name].kind, name, value, error, error / looks.delta_e(edited, reduced)]


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
    """Overshoot of an edge, the larger of both sides, in percent of its height before the edit.

    Those of sharpness are thin. Those of the tools that look at the surroundings are wide and soft, 2 % of the shorter side.
    """
    sides = (384, 512, 1024)
    yield ["tool", "edge", *(f"{side} px" for side in sides)]
    for name in ("sharpness", "natural_contrast", "shadows", "highlights"):
        for value in (50, 100):
            yield from (
                [
                    f"{name} {value}",
                    f"{dark} to {light}",
                    *(overshoot(name, value, dark, light, side) for side in sides),
                ]
                for dark, light in STEPS
            )


def overshoot(name: str, value: int, dark: int, light: int, side: int) -> float:
    """Return the overshoot of an edge of two levels in a square of `side` px, in percent."""
    image = np.full((side, side, 3), dark, np.uint8)
    image[:, side // 2 :] = light
    flat = [np.full_like(image, level) for level in (dark, light)]
    low, high = (int(render(one, {name: value})[0, 0, 0]) for one in flat)
    row = render(image, {name: value})[side // 2, :, 0].astype(int)
    return 100 * max(int(row.max()) - high, low - int(row.min())) / (light - dark)


def canceling() -> Lines:
    """dE of programs whose tools cancel, and the least dE of one of their tools alone."""
    yield ["program", "dE", "least dE of a tool alone"]
    for program in CANCELING:
        singles = [program, *({name: value} for name, value in program.items())]
        together, *alone = (np.mean([looks.delta_e(image, render(image, one)) for image in small()]) for one in singles)
        yield [str(program), float(together), float(min(alone))]


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
    "large_sizes": large_sizes,
    "preview": preview,
    "regions": regions,
    "alike": alike,
    "halos": halos,
    "ends": ends,
    "canceling": canceling,
}


HEAD = f"""# The tools, judged by a photographer's measures

Made by `python tests/benchmarks/photographer.py --page docs/photographer.md`, from the bundled photographs, reduced to {SIDE} px where
nothing else is said. dE is the mean CIEDE2000 over the pixels. hue is the angle in OKLab, in degrees, weighted by chroma. The sheets
of all tools and of extreme programs are in [tools.md](tools.md).

"""


def main(
    only: Annotated[list[str] | None, typer.Option(help=f"{', '.join(TABLES)} or sheets; default: all tables")] = None,
    page: Annotated[
        Path | None, typer.Option(help="Markdown file for the tables; tools.jpg and piles.jpg beside it")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="folder for one large sheet per tool")] = None,
) -> None:
    """Print the tables, with --page write them, and draw the sheets."""
    cv2.setNumThreads(1)
    text = HEAD
    for name in only or TABLES:
        if name in TABLES:
            head, *lines = TABLES[name]()
            table = f"## {name.capitalize().replace('_', ' ')}\n\n{inspect.getdoc(TABLES[name])}\n\n{markdown_table(head, lines)}\n"
            typer.echo(table)
            text += table + "\n"
    if page is not None:
        with replacing(page) as partial:
            partial.write_text(text.rstrip() + "\n")
        draw_docs(page.parent)
    if out is not None:
        draw_sheets(out)


if __name__ == "__main__":
    typer.run(main)
