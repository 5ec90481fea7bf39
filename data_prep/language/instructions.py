"""What a person would write: an instruction in plain words for a program, and the phrase table behind it.

One table, `PHRASES`, holds every phrase beside the tool and direction it asks for. A phrase has one slot that
takes the strength: `{how}` an adverb after or before a verb ("lift the shadows a little", "slightly lift the
shadows"), `{more}` before a comparative ("make it much warmer"), `{some}` an amount ("add a lot of grain").
Exposure and brightness move a picture the same way; the table keeps them apart by vocabulary: photographers'
words (exposure, light, expose) for the first, plain words (bright, dark) for the second.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from iea.editor.levels import TYPICAL

BIN_VALUES = TYPICAL
"""The value of each strength that an instruction can name; one value a word, because nothing in the text or the photograph
could tell 40 from 45."""

PHRASES: Mapping[tuple[str, int], tuple[str, ...]] = {
    ("exposure", +1): ("raise the exposure {how}", "push up the exposure {how}", "let in {more} more light"),
    ("exposure", -1): (
        "lower the exposure {how}",
        "pull down the exposure {how}",
        "let in {more} less light",
    ),
    ("brightness", +1): ("brighten {it} {how}", "make {it} {more} brighter", "turn up the brightness {how}"),
    ("brightness", -1): ("darken {it} {how}", "make {it} {more} darker", "turn down the brightness {how}"),
    ("contrast", +1): ("raise the contrast {how}", "make {it} {more} punchier", "add {some} contrast"),
    ("contrast", -1): ("lower the contrast {how}", "make {it} {more} flatter", "remove {some} contrast"),
    ("natural_contrast", +1): (
        "raise the natural contrast {how}",
        "add {some} depth",
        "bring out the shape of things {how}",
    ),
    ("natural_contrast", -1): (
        "lower the natural contrast {how}",
        "remove {some} depth",
        "even out the tones {how}",
    ),
    ("highlights", -1): (
        "tame the highlights {how}",
        "pull down the highlights {how}",
        "make the bright areas {more} darker",
    ),
    ("highlights", +1): (
        "boost the highlights {how}",
        "push up the highlights {how}",
        "make the bright areas {more} brighter",
    ),
    ("shadows", +1): (
        "lift the shadows {how}",
        "open up the dark areas {how}",
        "make the shadows {more} lighter",
    ),
    ("shadows", -1): (
        "deepen the shadows {how}",
        "close down the dark areas {how}",
        "make the shadows {more} darker",
    ),
    ("whites", -1): ("dull the whites {how}", "tone down the whites {how}", "make the whites {more} greyer"),
    ("whites", +1): ("clean up the whites {how}", "push the whites {how}", "make the whites {more} brighter"),
    ("blacks", +1): ("lift the blacks {how}", "raise the blacks {how}", "make the blacks {more} lighter"),
    ("blacks", -1): ("crush the blacks {how}", "sink the blacks {how}", "make the blacks {more} deeper"),
    ("saturation", +1): (
        "boost the saturation {how}",
        "make the colours {more} stronger",
        "make {it} {more} more colourful",
    ),
    ("saturation", -1): (
        "lower the saturation {how}",
        "make the colours {more} weaker",
        "make {it} {more} less colourful",
    ),
    ("vibrance", +1): (
        "boost the vibrance {how}",
        "wake up the muted colours {how}",
        "make the dull colours {more} livelier",
    ),
    ("vibrance", -1): (
        "lower the vibrance {how}",
        "quiet the muted colours {how}",
        "make the dull colours {more} calmer",
    ),
    ("temperature", -1): ("cool {it} down {how}", "make {it} {more} cooler", "make {it} {more} bluer"),
    ("temperature", +1): ("warm {it} up {how}", "make {it} {more} warmer", "make {it} {more} more golden"),
    ("tint", +1): ("shift the tint to green {how}", "make {it} {more} greener", "add {some} green"),
    ("tint", -1): ("shift the tint to pink {how}", "make {it} {more} pinker", "add {some} pink"),
    ("sharpness", -1): ("soften {it} {how}", "blur the details {how}", "make {it} {more} softer"),
    ("sharpness", +1): ("sharpen {it} {how}", "bring out the details {how}", "make {it} {more} crisper"),
    ("vignette", -1): ("darken the corners {how}", "make the edges {more} darker", "add {some} vignette"),
    ("vignette", +1): (
        "lighten the corners {how}",
        "make the edges {more} brighter",
        "remove {some} vignette",
    ),
    ("fade", +1): ("fade {it} {how}", "wash {it} out {how}", "make {it} {more} more faded"),
    ("grain", +1): ("add {some} grain", "make {it} {more} grainier", "add {some} film grain"),
}

HOW = {  # after the verb; "" = no word of strength, which asks for a moderate change
    "slight": ("slightly", "a little", "a bit", "a touch"),
    "moderate": ("", "moderately", "noticeably", "clearly"),
    "strong": ("strongly", "a lot", "heavily", "a great deal"),
}
HOW_FIRST = {  # before the verb
    "slight": ("slightly", "gently"),
    "moderate": ("moderately", "noticeably"),
    "strong": ("strongly", "heavily"),
}
MORE = {
    "slight": ("slightly", "a little", "a bit", "a touch"),
    "moderate": ("", "moderately", "noticeably", "clearly"),
    "strong": ("much", "a lot", "far", "way"),
}
SOME = {
    "slight": ("a little", "a bit of", "a touch of", "a hint of"),
    "moderate": ("some", "a fair amount of", "a moderate amount of"),
    "strong": ("a lot of", "lots of", "plenty of"),
}
IT = ("it", "it", "the photo", "the picture", "the image")

FRAMES = (
    "{}",
    "{}",
    "please {}",
    "{}, please",
    "can you {}?",
    "could you please {}?",
    "i want you to {}",
    "i would like you to {}",
    "{}, thanks",
    "for this one, {}",
)
AUTO = (
    "make it look natural",
    "make this look natural again",
    "fix this photo",
    "make this picture look right",
    "correct this image",
    "make this look real again",
    "bring back the natural look",
    "make it look like a normal photo",
)
AUTO_FRAMES = ("{}", "{}", "please {}", "{}, please", "can you {}?", "could you please {}?", "{}, thanks")


def _pick(rng: np.random.Generator, options: tuple[str, ...]) -> str:
    return options[int(rng.integers(len(options)))]


def strength_bin(value: int) -> str:
    """The bin of `BIN_VALUES` nearest to |value| (steps of the slider)."""
    return min(BIN_VALUES, key=lambda name: abs(BIN_VALUES[name] - abs(value)))


def clause(rng: np.random.Generator, tool: str, value: int) -> str:
    """One tool's request, for example `clause(rng, "shadows", 20)` -> "lift the shadows a little".

    Raises
    ------
    KeyError : no phrase for this tool in this direction; add one to `PHRASES`
    """
    phrase = _pick(rng, PHRASES[tool, 1 if value > 0 else -1])
    strength = strength_bin(value)
    if phrase.endswith(" {how}") and rng.random() < 0.3:
        phrase = f"{_pick(rng, HOW_FIRST[strength])} {phrase.removesuffix(' {how}')}"
    filled = phrase.format(
        it=_pick(rng, IT),
        how=_pick(rng, HOW[strength]),
        more=_pick(rng, MORE[strength]),
        some=_pick(rng, SOME[strength]),
    )
    return " ".join(filled.split())


def _join(rng: np.random.Generator, clauses: list[str]) -> str:
    """ "a", "a and b", "a, b and c"; now and then "a, then b"."""
    if len(clauses) == 1:
        return clauses[0]
    last = _pick(rng, (" and ", " and ", ", then "))
    return ", ".join(clauses[:-1]) + last + clauses[-1]


def instruction(rng: np.random.Generator, program: Mapping[str, int]) -> str:
    """A lower-case request for every tool of `program`, its direction and strength, in random order.

    Parameters
    ----------
    program : 1 or more tools with non-zero values
    """
    clauses = [clause(rng, tool, value) for tool, value in program.items()]
    order = rng.permutation(len(clauses))
    return _pick(rng, FRAMES).format(_join(rng, [clauses[i] for i in order]))


def auto_instruction(rng: np.random.Generator) -> str:
    """A request that names no tool: the photograph itself must show what is wrong with it."""
    return _pick(rng, AUTO_FRAMES).format(_pick(rng, AUTO))
