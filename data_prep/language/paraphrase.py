"""Other words for an edit program: orders and complaints, in photographers' words or everybody's.

    paraphrase(rng, {"exposure": 20}, "expert")    -> "let in a little more light, please"
    paraphrase(rng, {"brightness": 20}, "amateur") -> "my photo is too dark, can you light it up a bit?"
    refinement(rng, {"fade": 45}, {"fade": 20}, "amateur") -> "good, but it looks a bit too faded now"

Tool, direction and level (`iea.editor.levels`) of every edit can be read from the sentence: no surface phrase stands
for two of them. Where a complaint and an order are about the same, the order says how much. All is lower case and one
sentence. The wording "val" shares no phrase and no template with "train" but has no word that "train" lacks, so it
measures what was understood rather than learned by heart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from iea.data_prep.language.phrasebook import PHRASEBOOK, Persona, Wording
from iea.data_prep.language.phrasebook.frames import (
    FRAMES,
    HOW,
    HOW_FIRST,
    JUST_TOO,
    MORE,
    NAMES,
    SOME,
    TOO,
    Frames,
)
from iea.editor.levels import level

COMPLAINTS: Mapping[Persona, float] = {
    "expert": 0.2,
    "amateur": 0.35,
}  # share of edits asked for by a complaint alone
REASONS: Mapping[Persona, float] = {
    "expert": 0.0,
    "amateur": 0.2,
}  # share of edits ordered and complained about
AMOUNTS: Mapping[Persona, float] = {"expert": 0.15, "amateur": 0.0}  # share of requests in numbers
FIRST = 0.3  # of orders that can have their strength before the verb
COMPARED = 0.3  # of comparisons in refinements that say with what
FRAMED = 0.5  # of vague requests

IT = "{it}"


def paraphrase(
    rng: np.random.Generator, program: Mapping[str, int], persona: Persona, wording: Wording = "train"
) -> str:
    """A request for every tool of `program`, in random order. See `worded`."""
    return worded(rng, program, persona, wording)[0]


def worded(
    rng: np.random.Generator, program: Mapping[str, int], persona: Persona, wording: Wording = "train"
) -> tuple[str, list[str]]:
    """A request for every tool of `program`, in random order, and which order that is.

    Parameters
    ----------
    program : 1 or more tools; values of 0 are not asked for
    persona : "expert" = photographers' words, tools and sometimes amounts; "amateur" = everyday words
    wording : "val" for held-out texts

    Returns
    -------
    the sentence, and the tools as it asks for them; one that is complained about and then ordered is where the order is

    Raises
    ------
    ValueError : there is nothing to ask for
    """
    edits = _shuffled(rng, program)
    if rng.random() < AMOUNTS[persona]:
        return _in_numbers(rng, edits, FRAMES[wording]), [tool for tool, _ in edits]
    return _request(rng, edits, persona, wording, FRAMES[wording], than="")


def refinement(
    rng: np.random.Generator,
    before: Mapping[str, int],
    after: Mapping[str, int],
    persona: Persona,
    wording: Wording = "train",
) -> str:
    """What someone says who sees the result of `before` and wants that of `after`: a request for the difference.

    Parameters
    ----------
    before, after : programs, both of the same original

    Raises
    ------
    ValueError : they do the same
    """
    tools = [*before, *(tool for tool in after if tool not in before)]
    edits = _shuffled(rng, {tool: after.get(tool, 0) - before.get(tool, 0) for tool in tools})
    frames = FRAMES[wording]
    plain = replace(frames, do=("{do}",), wrong=("{wrong}", "{wrong} now"))
    body, _ = _request(rng, edits, persona, wording, plain, than=frames.than)
    return _pick(rng, frames.good).format(body)


def vague(rng: np.random.Generator, wording: Wording = "train") -> str:
    """A request that names no edit, for example "make it nicer, please"."""
    text = _pick(rng, FRAMES[wording].vague)
    return _pick(rng, FRAMES[wording].do).format(do=text) if rng.random() < FRAMED else text


def _pick(rng: np.random.Generator, options: Sequence[str]) -> str:
    return options[int(rng.integers(len(options)))]


def _shuffled(rng: np.random.Generator, program: Mapping[str, int]) -> list[tuple[str, int]]:
    edits = [(tool, value) for tool, value in program.items() if value]
    if not edits:
        raise ValueError(
            f"a request must be for one edit or more, got {dict(program)} to change; leave it out or use vague()"
        )
    return [edits[i] for i in rng.permutation(len(edits))]


def _in_numbers(rng: np.random.Generator, edits: Sequence[tuple[str, int]], frames: Frames) -> str:
    amount = _pick(rng, frames.amount)  # one form throughout, as in a list
    clauses = [amount.format(tool=tool.replace("_", " "), value=f"{value:+d}") for tool, value in edits]
    return _joined(rng, clauses, frames.and_wrong)


def _request(
    rng: np.random.Generator,
    edits: Sequence[tuple[str, int]],
    persona: Persona,
    wording: Wording,
    frames: Frames,
    than: str,
) -> tuple[str, list[str]]:
    """Each edit as a complaint, as an order, or as an order after a bare complaint; complaints come first.

    Returns the text, and the tools in its order.
    """
    orders, complaints = [], []
    ordered, complained = [], []
    for tool, value in edits:
        phrases = PHRASEBOOK[persona][tool, 1 if value > 0 else -1]
        complaint = _pick(rng, phrases.complaints(wording))
        chance = rng.random()
        if chance < COMPLAINTS[persona]:
            complaints.append(complaint.replace("{too}", _pick(rng, TOO[level(value)])))
            complained.append(tool)
            continue
        if chance < COMPLAINTS[persona] + REASONS[persona]:
            complaints.append(complaint.replace("{too}", JUST_TOO))
        orders.append(_order(rng, _pick(rng, phrases.orders(wording)), level(value), than))
        ordered.append(tool)
    do, wrong = _joined(rng, orders, frames.and_do), _joined(rng, complaints, frames.and_wrong)
    options = frames.mixed if orders and complaints else frames.do if orders else frames.wrong
    text = _pick(rng, options).replace("{do}", do).replace("{wrong}", wrong)
    named = text.replace(IT, _pick(rng, NAMES[persona]), 1).replace(IT, "it")  # named once, then "it"
    return named, [*complained, *ordered]


def _order(rng: np.random.Generator, phrase: str, strength: str, than: str) -> str:
    """The phrase with its slots of strength filled; `than` may follow a comparison."""
    if phrase.endswith(" {how}") and rng.random() < FIRST:
        phrase = f"{_pick(rng, HOW_FIRST[strength])} {phrase.removesuffix(' {how}')}"
    if than and "{more}" in phrase and rng.random() < COMPARED:
        phrase += than
    filled = phrase.format(
        it=IT,
        how=_pick(rng, HOW[strength]),
        more=_pick(rng, MORE[strength]),
        some=_pick(rng, SOME[strength]),
    )
    return " ".join(filled.split())


def _joined(rng: np.random.Generator, clauses: list[str], last: Sequence[str]) -> str:
    """ "a", "a and b", "a, b and c"; "" of none."""
    return (
        _pick(rng, last).join([", ".join(clauses[:-1]), clauses[-1]])
        if len(clauses) > 1
        else "".join(clauses)
    )
