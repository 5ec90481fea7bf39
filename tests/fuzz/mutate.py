"""Mutate model answers for fuzzing: programs in every accepted form, broken on purpose."""

import json
import random
from collections.abc import Callable, Iterator

from iea.editor import TOOLS

LONGEST = 100_000  # characters of one inserted run; a quadratic parser would need minutes for it
ODD_VALUES = [
    *("NaN", "-Infinity", "1e999", "1e-999", "20.0", "2e1", "-0", "+5", "020", "0x14", "1_0", "true", "null"),
    *('"20"', "[20]", '{"exposure": 20}', "101", "-101", "٢٠", "20,", ""),
]
ODD_TEXTS = [
    *("\ufeff", "\x00", "\u202e", "\u200b", "\u2028", "\xa0", "é", "🌈", "\udc80"),
    *("\\ud800", "\\u0022", "\\", '"', "'", "//", "/*", "#", ",", ":", "{", "}", "[", "]"),
    *("```", "```json", "<think>", "</think>", "<answer>", "</answer>"),
]
RUNS = [
    *(" ", "\n", "\t \r\n", "{", "[", '{"exposure":', "[[", '"', '\\"', "\\\\", "9", "-", "`", "```json\n"),
    *("<", "<think>", "</think>", "<answer>", "</answer>", "}", "]", ",", '"exposure": 1, ', "a", "\u0301", "🌈"),
]


def answers(seed: int) -> Iterator[str]:
    """Yield answers without end: one in eight unchanged, the others with 1 to 3 mutations."""
    rng = random.Random(seed)
    while True:
        text = _answer(rng)
        for _ in range(rng.choice((0, 1, 1, 1, 1, 2, 2, 3))):
            text = rng.choice(MUTATIONS)(text, rng)[: 2 * LONGEST]
        yield text


def random_program(rng: random.Random, most: int = 6) -> dict[str, int]:
    """Draw up to `most` tools in any order, zeros among their values."""
    names = rng.sample(list(TOOLS), rng.randint(0, most))
    return {name: rng.choice((0, rng.randint(TOOLS[name].low, TOOLS[name].high))) for name in names}


def _answer(rng: random.Random) -> str:
    program = json.dumps(random_program(rng), indent=rng.choice((None, None, 2)))
    fenced = f"```json\n{program}\n```"
    thought = f"<think>{rng.choice(('', 'The sky is dull.', 'More {light}, less ```noise```.'))}</think>"
    return rng.choice(
        (program, program, fenced, f"{thought}<answer>{fenced}", f"{thought}\n<answer>\n{fenced}\n</answer>")
    )


def _span(text: str, rng: random.Random) -> tuple[int, int]:
    start, end = sorted((rng.randint(0, len(text)), rng.randint(0, len(text))))
    return start, end


def _insert(text: str, rng: random.Random, what: str) -> str:
    at = rng.choice((0, len(text), rng.randint(0, len(text))))
    return text[:at] + what + text[at:]


def _replace_value(text: str, rng: random.Random, value: str) -> str:
    """Put `value` where one of the program's numbers is."""
    parts = text.split(": ")
    if len(parts) < 2:
        return text + value
    at = rng.randrange(1, len(parts))
    parts[at] = value + parts[at].lstrip("-0123456789")
    return ": ".join(parts)


def flip_bytes(text: str, rng: random.Random) -> str:
    """Flip one bit in up to 8 bytes; invalid UTF-8 becomes U+FFFD, or a lone surrogate."""
    data = bytearray(text.encode("utf-8", "surrogatepass"))
    for _ in range(rng.randint(1, 8) if data else 0):
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    return data.decode("utf-8", rng.choice(("replace", "surrogateescape")))


def truncate(text: str, rng: random.Random) -> str:
    """Cut off, as at the response's length limit."""
    return text[: rng.randint(0, len(text))]


def delete_span(text: str, rng: random.Random) -> str:
    """Leave out a part."""
    start, end = _span(text, rng)
    return text[:start] + text[end:]


def duplicate(text: str, rng: random.Random) -> str:
    """Repeat a part, or the whole text several times."""
    start, end = _span(text, rng)
    return rng.choice((text[:end] + text[start:], text * rng.randint(2, 40)))


def repeat_key(text: str, rng: random.Random) -> str:
    """Repeat a tool, first or last."""
    key = f'"{rng.choice(list(TOOLS))}": {rng.randint(-100, 100)}'
    return rng.choice((text.replace("{", "{" + f"{key}, {key}, ", 1), text.replace("}", f", {key}, {key}" + "}", 1)))


def rename_tool(text: str, rng: random.Random) -> str:
    """Replace the name of a tool by another case, another word or an empty one."""
    name = rng.choice(list(TOOLS))
    return text.replace(
        f'"{rng.choice(list(TOOLS))}"', f'"{rng.choice((name.upper(), name + " ", "hue", "", "__class__"))}"'
    )


def nest(text: str, rng: random.Random) -> str:
    """Wrap in brackets, up to beyond Python's recursion limit."""
    depth = _run_length(rng)
    opening, closing = rng.choice((("[", "]"), ('{"exposure": ', "}"), ("(", ")"), ("```json\n", "\n```")))
    return opening * depth + text + closing * rng.choice((depth, depth - 1))


def no_object(text: str, rng: random.Random) -> str:
    """Replace the program by JSON of another kind."""
    before, _, rest = text.partition("{")
    return before + rng.choice(("[1, 2]", "[]", "20", '"exposure"', "null", "true")) + rest.rpartition("}")[2]


def odd_value(text: str, rng: random.Random) -> str:
    """Use a value of another type or notation."""
    return _replace_value(text, rng, rng.choice(ODD_VALUES))


def huge_number(text: str, rng: random.Random) -> str:
    """Use a number of very many digits."""
    return _replace_value(text, rng, rng.choice(("", "-", "1.", "1e")) + "9" * _run_length(rng))


def odd_text(text: str, rng: random.Random) -> str:
    """Insert a stray mark, an invisible character or a piece of the format."""
    return _insert(text, rng, rng.choice(ODD_TEXTS))


def long_string(text: str, rng: random.Random) -> str:
    """Use a very long key or value."""
    string = '"' + rng.choice(("a", "\\n", "\\ud83d", "é", "\\")) * _run_length(rng) + '"'
    return rng.choice((_replace_value(text, rng, string), text.replace("{", "{" + string + ": 1, ", 1)))


def long_run(text: str, rng: random.Random) -> str:
    """Repeat one piece, as a collapsed policy does."""
    piece = rng.choice(RUNS)
    return _insert(text, rng, piece * max(1, _run_length(rng) // len(piece)))


def many_keys(text: str, rng: random.Random) -> str:
    """Add up to thousands of distinct keys, perhaps with one twice."""
    keys = [f'"k{number}": 1' for number in range(_run_length(rng) // 10)]
    return text.replace("{", "{" + ", ".join([*keys, *rng.choice(([], keys[-1:]))]) + ", ", 1)


def _run_length(rng: random.Random) -> int:
    """Draw a length from 1 to LONGEST, every order of magnitude equally likely."""
    return int(LONGEST ** rng.random())


MUTATIONS: list[Callable[[str, random.Random], str]] = [
    flip_bytes,
    truncate,
    delete_span,
    duplicate,
    repeat_key,
    rename_tool,
    nest,
    no_object,
    odd_value,
    huge_number,
    odd_text,
    long_string,
    long_run,
    many_keys,
]
