"""Pairs without a request: a photograph is degraded, and the program that best restores it is the answer."""

import numpy as np

from iea.data_prep.runner import RejectedError
from iea.data_prep.synthesize.crops import AUTO_CROP
from iea.data_prep.synthesize.draw_pair import MAX_TRIES, MIN_CHANGE, Crops, Pair, shows
from iea.editor import Image, Program, distance, leave_one_out, render
from iea.reward_fns.terms import term_values

# Degradations that are detectable on unseen photographs, and that the same tools can undo. Every degraded image is far
# too dark or too bright: of all faults, a classifier of color statistics detected this one best when trained on five
# photographs. Some have one other fault besides, with its chance. Alone each of those is hard to detect: scenes have
# color casts of their own, and a flat image resembles an overexposed one. Not among them: brightness (resembles exposure),
# vibrance (saturation), the four tone-range tools and natural_contrast (slight on most crops), blur and grain
# (cannot be undone), vignette (resembles the light of the scene) and fade (no negative).
DAMAGE = "exposure"
SECOND_DAMAGE = {"contrast": 0.4, "saturation": 0.2, "temperature": 0.2, "tint": 0.2}
SECOND_CHANCE = 0.3
DAMAGE_VALUE = 80  # strong: less is within the range of natural photographs
MIN_UNDONE = 0.5  # least R_like of the best inverse found


def draw_restoration(draw: Crops, rng: np.random.Generator) -> Pair:
    """Return a degraded crop, the crop itself, and the program that best undoes the degradation.

    Raises
    ------
    RejectedError : "no_pair": nothing acceptable in `MAX_TRIES` tries
    """
    for _ in range(MAX_TRIES):
        reference = draw(AUTO_CROP)
        damage = _damage(rng)
        original = render(reference, damage)
        if distance(original, reference) < MIN_CHANGE:
            continue
        program = best_inverse(original, reference, damage)
        result = leave_one_out(original, reference, program)
        r_like = term_values(result)["r_like"]
        if r_like >= MIN_UNDONE and shows(result):
            return Pair(original, reference, program, result.before, r_like)
    raise RejectedError(
        "no_pair", f"no degraded crop can be restored in {MAX_TRIES} tries; it may be too flat, dark or bright"
    )


def _damage(rng: np.random.Generator) -> dict[str, int]:
    """Draw the tools that degrade an image, and their values; each can be negative."""
    tools = [DAMAGE]
    if rng.random() < SECOND_CHANCE:
        tools.append(str(rng.choice(list(SECOND_DAMAGE), p=list(SECOND_DAMAGE.values()))))
    return {tool: DAMAGE_VALUE * (-1 if rng.random() < 0.5 else 1) for tool in tools}


def best_inverse(original: Image, reference: Image, damage: dict[str, int]) -> Program:
    """Return the values of the degrading tools that best undo them.

    Coordinate search in steps of 20, 10 and 5 from the negated values, on images reduced four times by box means: that
    costs a sixteenth and hardly changes the effect of color and curve tools. The caller rates the result at full size.
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
    """Return the means over 4 x 4 pixels; of sides that are not multiples of 4 the rest is dropped."""
    height, width = image.shape[0] // 4 * 4, image.shape[1] // 4 * 4
    blocks = image[:height, :width].reshape(height // 4, 4, width // 4, 4, 3)
    means: Image = np.rint(blocks.mean(axis=(1, 3))).astype(image.dtype)
    return means
