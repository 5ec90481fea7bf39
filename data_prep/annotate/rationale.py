"""A rationale for an edit, in sentences: measurements of the original, the wanted changes, and the tools for them.

The reader has the original and a request, so the sentences mention nothing else: the reference is "wanted", never seen.
"""

from collections.abc import Mapping, Sequence

from iea.data_prep.label.methods.reflect import glance
from iea.editor import TOOLS, Image, Program
from iea.editor.levels import level

# Property -> (bounds between low, medium and high; those three words). The bounds are quartiles of everyday photographs.
KINDS: Mapping[str, tuple[tuple[float, float], tuple[str, str, str]]] = {
    "exposure": ((74.0, 114.0), ("dark", "of medium brightness", "bright")),
    "contrast": ((44.0, 67.0), ("flat", "of moderate contrast", "contrasty")),
    "saturation": ((16.0, 33.0), ("muted in colour", "naturally coloured", "vivid")),
    "temperature": ((-3.0, 43.0), ("cool in tone", "neutral in tone", "warm in tone")),
}

# Property -> (least change that is mentioned, words for less, words for more). The least is about half of the tool's effect
# at 20.
CHANGES: Mapping[str, tuple[float, str, str]] = {
    "exposure": (6.0, "darker", "brighter"),
    "contrast": (1.5, "softer in contrast", "stronger in contrast"),
    "saturation": (2.0, "less colourful", "more colourful"),
    "temperature": (6.5, "cooler", "warmer"),
    "tint": (2.5, "more magenta", "greener"),
}
MUCH = 4.0  # times the least change: "much"
ORDER = ("First", "Then", "Next", "After that")


def reasoning(original: Image, reference: Image, operators: Sequence[str], program: Program) -> str:
    """Return sentences that lead to a program.

    Parameters
    ----------
    original, reference : (H, W, 3) uint8, one shape
    operators : tools known to be used
    program : the conclusion of the sentences, without tools at 0
    """
    seen, wanted = measured(original), measured(reference)
    parts = [_seen(seen), _wanted(seen, wanted, program)]
    if operators:
        parts.append(f"Mainly use {_listed([_spoken(name) for name in operators])}.")
    parts += [_step(number, tool, value) for number, (tool, value) in enumerate(program.items())]
    return " ".join(parts)


def measured(image: Image) -> dict[str, float]:
    """Measure brightness and its spread in levels of 255, and color in percent of the brightness: darkening an image
    reduces the differences between its channels, but not its colorfulness."""
    seen = glance(image)
    brightness = max(seen["exposure"], 1.0)
    return seen | {name: 100 * seen[name] / brightness for name in ("saturation", "temperature", "tint")}


def _seen(seen: Mapping[str, float]) -> str:
    kinds = [words[(seen[name] >= low) + (seen[name] > high)] for name, ((low, high), words) in KINDS.items()]
    return (
        f"The photograph is {_listed(kinds)}: its mean brightness is {seen['exposure']:.0f} of 255, with a spread of "
        f"{seen['contrast']:.0f}, and red minus blue is {seen['temperature']:.0f} % of it."
    )


def _wanted(seen: Mapping[str, float], wanted: Mapping[str, float], program: Program) -> str:
    """Describe the changes of the whole image, without side effects of other tools that oppose the property's own tool:
    the sentences must not contradict the program."""
    changes = []
    for name, (least, less, more) in CHANGES.items():
        change = wanted[name] - seen[name]
        if abs(change) < least or change * program.get(name, 0) < 0:
            continue
        size = "much " if abs(change) >= MUCH * least else "a little " if abs(change) < 2 * least else ""
        changes.append(size + (more if change > 0 else less))
    if not changes:
        return "The overall look should stay, so only single tonal ranges or the detail should change."
    brightness = wanted["exposure"] - seen["exposure"]
    return f"It should become {_listed(changes)}; its mean brightness should change by {brightness:+.0f}."


def _step(number: int, tool: str, value: int) -> str:
    meaning = TOOLS[tool].plus if value > 0 else TOOLS[tool].minus
    first, size = ORDER[min(number, len(ORDER) - 1)], level(value)
    return f"{first} {_spoken(tool)} {value:+d}, {'an' if size[0] in 'aeiou' else 'a'} {size} step: {meaning}."


def _spoken(tool: str) -> str:
    return tool.replace("_", " ")


def _listed(words: Sequence[str]) -> str:
    """Join words: "a", "a and b", "a, b and c"."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
