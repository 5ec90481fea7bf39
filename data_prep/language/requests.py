"""Requests for a program: template instructions, paraphrases, refinements, and requests that name no edit.

    instruction(rng, {"shadows": 20})              -> "please lift the shadows a little"
    paraphrase(rng, {"exposure": 20}, "expert")    -> "let in a little more light, please"
    paraphrase(rng, {"brightness": 20}, "amateur") -> "my photo is too dark, can you light it up a bit?"
    refinement(rng, {"fade": 45}, {"fade": 20}, "amateur") -> "good, but it looks a bit too faded now"

Each sentence determines tool, direction and level (`iea.editor.levels`) of every edit. After a complaint and an order about
the same edit, the order states the level. All is lower case and one sentence. Texts of the phrase split "val" share no
phrase and no template with those of "train".
"""

from collections.abc import Mapping, Sequence

import numpy as np

from iea.data_prep.language import frames as words
from iea.data_prep.language.frames import FRAMES, Frames
from iea.data_prep.language.phrases import Persona, PhraseSplit, Speaker, tool_phrases
from iea.editor.levels import level

COMPLAINTS: Mapping[Persona, float] = {"expert": 0.2, "amateur": 0.35}  # share of edits requested by a complaint alone
REASONS: Mapping[Persona, float] = {"expert": 0.0, "amateur": 0.2}  # ... by a complaint and an order
AMOUNTS: Mapping[Persona, float] = {"expert": 0.15, "amateur": 0.0}  # share of requests in numbers
FIRST = 0.3  # of orders that can have their strength before the verb
COMPARED = 0.3  # of comparisons in refinements that name the other side
FRAMED = 0.5  # of vague requests

IT = "{it}"


def instruction(rng: np.random.Generator, program: Mapping[str, int]) -> str:
    """Return a template request for every tool of `program`, its direction and strength, in random order.

    Parameters
    ----------
    program : 1 or more tools with non-zero values within their ranges; templates call an extreme change strong
    """
    return ordered_instruction(rng, program)[0]


def ordered_instruction(rng: np.random.Generator, program: Mapping[str, int]) -> tuple[str, list[str]]:
    """Return the template request of `instruction`, and the order of its tools."""
    clauses = [clause(rng, tool, value) for tool, value in program.items()]
    order = [int(i) for i in rng.permutation(len(clauses))]
    frame = _pick(rng, FRAMES["train"].do)
    text = frame.format(do=_join(rng, [clauses[i] for i in order], words.TEMPLATE_AND))
    return text, [list(program)[i] for i in order]


def clause(rng: np.random.Generator, tool: str, value: int) -> str:
    """Return the template request for one tool: `clause(rng, "shadows", 20)` -> "lift the shadows a little"."""
    return _order(rng, _pick(rng, _templates(tool, value)), _template_level(value), words.NAMES["expert"])


def plain_sentence(program: Mapping[str, int]) -> str:
    """Return the one plainest request for a program, its tools in the given order.

    >>> plain_sentence({"exposure": 20, "tint": -45})
    'raise the exposure slightly and shift the tint to pink'
    """
    clauses = []
    for tool, value in program.items():
        strength = _template_level(value)
        how, more, some = (table[strength][0] for table in (words.HOW, words.MORE, words.SOME))
        clauses.append(" ".join(_templates(tool, value)[0].format(it="it", how=how, more=more, some=some).split()))
    return " and ".join(filter(None, [", ".join(clauses[:-1]), clauses[-1]]))


def _templates(tool: str, value: int) -> tuple[str, ...]:
    """Return the template orders; less of a tool without negative values, wanted only after an edit, has an expert's."""
    phrases = tool_phrases(tool).direction(value)
    return phrases.template or phrases.expert.do


def _template_level(value: int) -> str:
    return min(level(value), "strong", key=("slight", "moderate", "strong", "extreme").index)


def auto_instruction(rng: np.random.Generator) -> str:
    """Return a request to repair a damaged photograph; it names no tool."""
    return _pick(rng, words.AUTO_FRAMES).format(_pick(rng, words.AUTO))


def paraphrase(
    rng: np.random.Generator, program: Mapping[str, int], persona: Persona, phrase_split: PhraseSplit = "train"
) -> str:
    """Return a request for every tool of `program`, in random order; see `ordered_paraphrase`."""
    return ordered_paraphrase(rng, program, persona, phrase_split)[0]


def ordered_paraphrase(
    rng: np.random.Generator, program: Mapping[str, int], persona: Persona, phrase_split: PhraseSplit = "train"
) -> tuple[str, list[str]]:
    """Return a request for every tool of `program`, and the order of its tools.

    Parameters
    ----------
    program : 1 or more tools; values of 0 are left out
    persona : "expert" = photographers' words, tools and sometimes amounts; "amateur" = everyday words
    phrase_split : "val" for held-out texts

    Returns
    -------
    the sentence, and its tools in order; a tool with a complaint and an order counts at the order

    Raises
    ------
    ValueError : all values are 0
    """
    edits = _shuffled(rng, program)
    frames = FRAMES[phrase_split]
    if rng.random() < AMOUNTS[persona]:
        return _in_numbers(rng, edits, frames), [tool for tool, _ in edits]
    return _request(rng, edits, persona, phrase_split, frames, than="")


def refinement(
    rng: np.random.Generator,
    before: Mapping[str, int],
    after: Mapping[str, int],
    persona: Speaker,
    phrase_split: PhraseSplit = "train",
) -> str:
    """Return a request for the difference between two programs, made in view of the result of `before`.

    Parameters
    ----------
    before, after : programs, both of the same original
    persona : as for `ordered_paraphrase`, or "template": `instruction` for the difference

    Raises
    ------
    ValueError : the programs are equal
    """
    tools = [*before, *(tool for tool in after if tool not in before)]
    edits = _shuffled(rng, {tool: after.get(tool, 0) - before.get(tool, 0) for tool in tools})
    if persona == "template":
        return instruction(rng, dict(edits))
    frames = FRAMES[phrase_split]
    plain = frames.model_copy(update={"do": ("{do}",), "wrong": ("{wrong}", "{wrong} now")})
    body, _ = _request(rng, edits, persona, phrase_split, plain, than=frames.than)
    return _pick(rng, frames.good).format(body)


def vague(rng: np.random.Generator, phrase_split: PhraseSplit = "train") -> str:
    """Return a request that names no edit, for example "make it nicer, please"."""
    frames = FRAMES[phrase_split]
    text = _pick(rng, frames.vague)
    return _pick(rng, frames.do).format(do=text) if rng.random() < FRAMED else text


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
    amount = _pick(rng, frames.amount)  # the same for all tools, as in a list
    clauses = [amount.format(tool=tool.replace("_", " "), value=f"{value:+d}") for tool, value in edits]
    return _join(rng, clauses, frames.and_wrong)


def _request(
    rng: np.random.Generator,
    edits: Sequence[tuple[str, int]],
    persona: Persona,
    phrase_split: PhraseSplit,
    frames: Frames,
    than: str,
) -> tuple[str, list[str]]:
    """Phrase each edit as a complaint, as an order, or as an order after a bare complaint; complaints come first.

    Returns the text, and the tools in its order.
    """
    orders, complaints, ordered, complained = [], [], [], []
    for tool, value in edits:
        phrases = tool_phrases(tool).direction(value)
        complaint = _pick(rng, phrases.complaints(persona, phrase_split))
        chance = rng.random()
        if chance < COMPLAINTS[persona]:
            complaints.append(complaint.replace("{too}", _pick(rng, words.TOO[level(value)])))
            complained.append(tool)
            continue
        if chance < COMPLAINTS[persona] + REASONS[persona]:
            complaints.append(complaint.replace("{too}", words.JUST_TOO))
        order = _pick(rng, phrases.orders(persona, phrase_split))
        orders.append(_order(rng, order, level(value), (IT,), than))
        ordered.append(tool)
    do, wrong = _join(rng, orders, frames.and_do), _join(rng, complaints, frames.and_wrong)
    options = frames.mixed if orders and complaints else frames.do if orders else frames.wrong
    text = _pick(rng, options).replace("{do}", do).replace("{wrong}", wrong)
    text = text.replace(IT, _pick(rng, words.NAMES[persona]), 1).replace(IT, "it")  # named once, then "it"
    return text, [*complained, *ordered]


def _order(rng: np.random.Generator, phrase: str, strength: str, names: Sequence[str], than: str = "") -> str:
    """Fill the slots of a phrase: `{it}` by one of `names`; `than` may follow a comparison."""
    if phrase.endswith(" {how}") and rng.random() < FIRST:
        phrase = f"{_pick(rng, words.HOW_FIRST[strength])} {phrase.removesuffix(' {how}')}"
    if than and "{more}" in phrase and rng.random() < COMPARED:
        phrase += than
    filled = phrase.format(
        it=_pick(rng, names),
        how=_pick(rng, words.HOW[strength]),
        more=_pick(rng, words.MORE[strength]),
        some=_pick(rng, words.SOME[strength]),
    )
    return " ".join(filled.split())


def _join(rng: np.random.Generator, clauses: list[str], last: Sequence[str]) -> str:
    """Join clauses with one of `last` before the last one: "a", "a and b", "a, b and c"; "" for none."""
    if len(clauses) < 2:
        return "".join(clauses)
    return _pick(rng, last).join([", ".join(clauses[:-1]), clauses[-1]])
