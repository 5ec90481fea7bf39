"""Draw one example: a crop, a program, an instruction and the pair of pictures that goes with them.

Two kinds of rows. `edit`: the photograph is the original, a sampled program makes the reference and the
instruction says what to do. `auto`: a program damages the photograph, the damaged picture is the original,
the untouched crop is the reference, and the text says only that it should look natural.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from iea.data_prep.language.requests import auto_instruction, instruction
from iea.data_prep.synthesize.crops import AUTO_CROP, EDIT_CROP
from iea.editor import TOOLS, Image, Program, distance, leave_one_out, render
from iea.editor.levels import TYPICAL
from iea.reward_fns.terms import term_values

Card = tuple[str, int]  # a tool and the sign of its value
Draw = Callable[[float], tuple[str, Image] | None]
"""Takes the smallest crop as a share of the short side; gives (photograph's name, crop), or None: again."""

TOOLS_PER_EDIT = (0.35, 0.35, 0.18, 0.08, 0.04)  # chance of 1, 2, 3, 4, 5 tools; mean 2.11
MIN_CHANGE = 0.012  # least D(original, reference): 3 of 255 levels, about what a person notices
MIN_USE = 0.004  # leaving a tool out must cost this much D: 1 of 255 levels
MAX_TRIES = 200
KEEP_CARD = 40  # tries after which any tool may take the place of the dealt one

# Damage that shows in photographs one has never seen, and that the same tools can undo. Every damaged row is far
# too dark or too bright: of all faults a classifier of colour statistics told this one best when it knew five
# photographs only. Some have one of the other faults besides, with its chance. By itself each of those is told too
# badly: scenes have casts of their own, and a flat picture looks like an over-exposed one. Not among them: brightness
# (looks like exposure), vibrance (like saturation), natural_contrast (like contrast), the four tone-range tools
# (slight on most crops), blur and grain (cannot be undone), vignette (like the subject's own light) and fade (no
# negative).
DAMAGE = "exposure"
SECOND_DAMAGE = {"contrast": 0.4, "saturation": 0.2, "temperature": 0.2, "tint": 0.2}
SECOND_CHANCE = 0.3
DAMAGE_BINS = ("strong",)  # less is within what natural photographs differ by
MIN_UNDONE = 0.5  # least R_like of the best inverse found


@dataclass(frozen=True)
class Sample:
    """One example: two (size, size, 3) uint8 sRGB images, the program, its reward terms and the request."""

    kind: str
    photo: str
    original: Image
    reference: Image
    program: Program
    text: str
    d_before: float
    rating: dict[str, float]
    tries: int


def cards() -> list[Card]:
    """The deck that balances tools and directions: two cards a tool, one each way or twice the only way."""
    return [(name, sign) for name, tool in TOOLS.items() for sign in (1, -1 if tool.low < 0 else 1)]


def _signed(tool: str, rng: np.random.Generator) -> Card:
    return tool, -1 if TOOLS[tool].low < 0 and rng.random() < 0.5 else 1


def _values(chosen: list[Card], bins: tuple[str, ...], rng: np.random.Generator) -> dict[str, int]:
    """A value for every card, its strength drawn evenly from `bins`."""
    return {tool: sign * TYPICAL[bins[int(rng.integers(len(bins)))]] for tool, sign in chosen}


def _companions(count: int, first: str, rng: np.random.Generator) -> list[Card]:
    others = [name for name in TOOLS if name != first]
    return [_signed(others[i], rng) for i in rng.choice(len(others), count, replace=False)]


def draw_edit(draw: Draw, card: Card, rng: np.random.Generator) -> Sample:
    """An instructed example that uses the tool and direction of `card`, with up to four others.

    Redrawn until the pair differs by `MIN_CHANGE` and every tool matters by `MIN_USE`. After `KEEP_CARD`
    tries the card gives way to a random one.

    Raises
    ------
    RuntimeError : nothing acceptable in `MAX_TRIES` tries
    """
    wanted = card[0]
    for tries in range(1, MAX_TRIES + 1):
        if tries > KEEP_CARD:
            card = _signed(list(TOOLS)[int(rng.integers(len(TOOLS)))], rng)
        crop = draw(EDIT_CROP)
        if crop is None:
            continue
        count = int(rng.choice(len(TOOLS_PER_EDIT), p=TOOLS_PER_EDIT))
        chosen = [card, *_companions(count, card[0], rng)]
        program = Program(_values(chosen, tuple(TYPICAL), rng))
        photo, original = crop
        reference = render(original, program)
        result = leave_one_out(original, reference, program)
        if result.before >= MIN_CHANGE and min(result.without.values()) - result.after >= MIN_USE:
            text = instruction(rng, program)
            return Sample(
                "edit", photo, original, reference, program, text, result.before, term_values(result), tries
            )
    raise RuntimeError(_exhausted(f"an edit with {wanted}"))


def draw_auto(draw: Draw, rng: np.random.Generator) -> Sample:
    """An example without instruction: a damaged crop, to be brought back.

    Raises
    ------
    RuntimeError : nothing acceptable in `MAX_TRIES` tries
    """
    for tries in range(1, MAX_TRIES + 1):
        crop = draw(AUTO_CROP)
        if crop is None:
            continue
        names = [DAMAGE]
        if rng.random() < SECOND_CHANCE:
            names.append(str(rng.choice(list(SECOND_DAMAGE), p=list(SECOND_DAMAGE.values()))))
        damage = _values([_signed(name, rng) for name in names], DAMAGE_BINS, rng)
        photo, reference = crop
        original = render(reference, damage)
        if distance(original, reference) < MIN_CHANGE:
            continue
        program = best_inverse(original, reference, damage)
        result = leave_one_out(original, reference, program)
        rating = term_values(result)
        if rating["r_like"] >= MIN_UNDONE and min(result.without.values()) - result.after >= MIN_USE:
            text = auto_instruction(rng)
            return Sample("auto", photo, original, reference, program, text, result.before, rating, tries)
    raise RuntimeError(_exhausted("a damaged picture that can be undone"))


def _exhausted(wanted: str) -> str:
    return (
        f"{wanted} must be found within {MAX_TRIES} tries, got none; the photographs may be too flat, "
        "too dark or all grey: use others"
    )


def best_inverse(original: Image, reference: Image, damage: dict[str, int]) -> Program:
    """Values of the damaging tools that best undo them.

    Coordinate search by 20, 10 and 5 from the negated values, on pictures reduced four times by box means,
    which colour and curve tools barely notice and which costs a sixteenth. The caller rates the result at
    full size.
    """
    small, target = _reduced(original), _reduced(reference)
    best = {tool: -value for tool, value in damage.items()}
    least = distance(render(small, best), target)
    for step in (20, -20, 10, -10, 5, -5):
        for tool in damage:
            while abs(value := best[tool] + step) <= 100 and value * best[tool] > 0:
                trial = best | {tool: value}
                d = distance(render(small, trial), target)
                if d >= least:
                    break
                best, least = trial, d
    return Program(best)


def _reduced(image: Image) -> Image:
    """Means over 4 x 4 pixels; sides that are no multiple of 4 lose the rest."""
    height, width = image.shape[0] // 4 * 4, image.shape[1] // 4 * 4
    blocks = image[:height, :width].reshape(height // 4, 4, width // 4, 4, 3)
    means: Image = np.rint(blocks.mean(axis=(1, 3))).astype(image.dtype)
    return means
