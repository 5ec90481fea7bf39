"""Divide a request into clauses, and take out of each its frame, its strength and its direction of excess."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from iea.data_prep.language import frames
from iea.data_prep.language.phrases import PERSONAS, tool_phrases
from iea.editor import TOOLS
from iea.recipe.agent.grammar.lexicon import EXCESS
from iea.recipe.agent.grammar.vocabulary import complaints, ignored, own_words, plain, strengths, words

_BREAK = re.compile(
    r"[,;:!?\n]+|\.(?!\d)|\b(?:and then|and also|then|also|plus|while|but|yet|with|though|although|because|so (?=that|it|you|i|we)|in order to|to (?=show|see|reveal|get)|and)\b|\b(?=without\b)"
)
_TWO_FAULTS = re.compile(
    r"\b((?:is|are|looks?|seems?|feels?|came out)(?: (?:a bit|a little|slightly|much|far|way))?(?: too| very)?) (\w+) and (?:too )?(\w+)(?= *(?:$|[,.;!?]))"
)
"""Words for two faults: "it is dark and blue"."""
_FAULT = re.compile(r"^(?:fix|correct|repair) (?=.*\w)")
_NEGATED = re.compile(
    r"^(?:(?:please )?(?:dont|do not|never|without|no|avoid|not|keep|leave|preserve)\b(?: (?:any|change|changing|touch|make|making|add|alter|the|it|too much))*)"
)
_ENOUGH = re.compile(r"\b(?:is|are|looks?|seems?)?(?:nt| not)?\s*(?:nearly )?(\w+) enough\b")
_STATED = re.compile(r"\b(?:is|are|was|looks?|seems?|feels?|came out|has|have|got|shows?|stand out)\b")
_STATEMENT = re.compile(
    r"^((?!make |let |have |want )(?:.*\b)?(?:is|are|was|looks?|seems?|feels?|came out)) "
    r"((?!more\b|less\b|better\b)(?!\w+er\b)\w+(?: out)?)$"
)
_COMPARATIVE = re.compile(r"^(?:more|less|\w+er)\b")


@dataclass(frozen=True)
class Clause:
    """A part of a request.

    text : as it was said, in plain form
    core : without its frame and its strength
    level : its strength by name, "" where none is said
    complaint : True if it names a fault
    negated : True if it names something that must not change
    """

    text: str
    core: str
    level: str = ""
    complaint: bool = False
    negated: bool = False


def clauses(request: str) -> Iterator[Clause]:
    """Yield the clauses of a request.

    >>> [(one.core, one.level) for one in clauses("Please make it much warmer, and the sky is a bit too dark.")]
    [('make it warmer', 'strong'), ('the sky is less dark', 'slight')]
    """
    for said in split_clauses(request):
        if bare := _unframed(said):
            yield _clause(said, bare)


def split_clauses(request: str) -> Iterator[str]:
    """Yield the clauses of a request in plain form, with their frames.

    >>> list(split_clauses("It's dull; make light and dark more different, please"))
    ['it is dull', 'make light and dark more different', 'please']
    """
    text = re.sub(r"\bits\b(?! own)", "it is", re.sub(r"\btheyre\b", "they are", plain(request)))
    text = re.sub(r"(?<=\w):\s*(?=[+-]?\d)", " ", text)  # "contrast: 20"
    text = re.sub(r"\b(is|are|looks?|seems?) off\b", r"\1 wrong", text)
    text = re.sub(r"\b(everything|all|anything) but\b", r"\1 except", text)
    text = re.sub(r"\b(?:one|1) and a half\b", "1.5", text)
    text = _TWO_FAULTS.sub(r"\1 \2, it \1 \3", text)
    for phrase in _joined():
        text = re.sub(rf"\b{phrase}\b", phrase.replace(" and ", " _ "), text)
    for part in _BREAK.split(text):
        said = part.replace(" _ ", " and ").strip(" .")
        if said:
            yield said


def _clause(said: str, bare: str) -> Clause:
    negation = _NEGATED.match(bare)
    if negation and not re.match(r"not (?:as|so|that|very|too|quite|really|\w+ enough)\b", bare):
        return Clause(said, bare[negation.end() :].strip(), negated=True)
    core = re.sub(r"\b(?:nt|not) (?:as|so|that|too|overly)\b", "less", bare)
    core = re.sub(r"\b(?:isnt|arent|not) (?:very|really|quite)\b", "more", core)
    core = _ENOUGH.sub(r"more \1", core)
    if (fault := _FAULT.match(core)) and not _improves(core):  # "fix this blurry photo"
        return Clause(said, f"{EXCESS} {core[fault.end() :]}", complaint=True)
    core = re.sub(r"\bmore little\b|\bmore few\b", "more", core)
    for phrase, level in complaints():
        found = re.search(rf"\b{phrase}\b", core)
        if found and ("too" in phrase or _STATED.search(core[: found.start()])):
            core = re.sub(r"\bless +(?:much|many)\b", "less", f"{core[: found.start()]} {EXCESS} {core[found.end() :]}")
            return Clause(said, _spaced(core), level, complaint=True)
    core, level = _without_strength(core)
    stated = _STATEMENT.match(core)
    if stated and not stated[1].endswith("what is"):  # "it is dark"
        return Clause(said, f"{stated[1]} {EXCESS} {stated[2]}", level, complaint=True)
    return Clause(said, core, level)


def _improves(core: str) -> bool:
    """Return True if nothing follows that may be a fault: "fix the white balance"."""
    rest = set(words(core)) - set(words(own_words()["vague"])) - ignored()
    nouns = {word for name in (*TOOLS, *own_words()["groups"]) for word in words(name.replace("_", " "))}
    return rest <= nouns


def _without_strength(core: str) -> tuple[str, str]:
    for phrase, level in strengths():
        found = re.search(rf"\b{phrase}\b", core)
        if found and _is_strength(phrase, core[found.end() :].strip()):
            return _spaced(f"{core[: found.start()]} {core[found.end() :]}"), level
    return core, ""


def _is_strength(phrase: str, after: str) -> bool:
    """Return False for a word of strength that has another meaning where it stands, as in "far from"."""
    if phrase in ("far", "way", "much") and after:
        return bool(_COMPARATIVE.match(after))
    return not (phrase == "some" and not after)


def _spaced(text: str) -> str:
    return " ".join(text.split())


def _unframed(clause: str) -> str:
    """Take the words of a frame away from both ends, until none is left."""
    while True:
        for fragment in _fragments():
            if clause == fragment:
                return ""
            if fragment in _praise():
                continue
            if clause.startswith(f"{fragment} "):
                clause = clause[len(fragment) + 1 :]
                break
            if clause.endswith(f" {fragment}"):
                clause = clause[: -len(fragment) - 1]
                break
        else:
            return clause.strip()


@cache
def _fragments() -> tuple[str, ...]:
    """Return the words around the slots of all templates, longest first."""
    templates = [text for one in frames.FRAMES.values() for text in (*one.do, *one.wrong, *one.mixed, *one.good)]
    templates += [
        *frames.AUTO_FRAMES,
        *(one.than for one in frames.FRAMES.values()),
        *own_words()["frames"],
        *own_words()["praise"],
    ]
    parts = {part.strip() for text in templates for part in re.split(r"\{\w*\}|[,.?]", plain(text))}
    return tuple(sorted(filter(None, parts - {"not"}), key=lambda part: (-len(part), part)))


@cache
def _praise() -> frozenset[str]:
    """Return the words of praise that stand alone, as in "better, but"; in a clause they are its aim."""
    texts = [text for one in frames.FRAMES.values() for text in one.good] + own_words()["praise"]
    return frozenset(part.strip() for text in texts for part in re.split(r"\{\w*\}|[,.?]", plain(text)))


@cache
def _joined() -> tuple[str, ...]:
    """Return the phrases of words that an "and" joins into one: "light and dark"."""
    texts = [*own_words()["looks"], *own_words()["joined"]]
    for tool in TOOLS:
        for direction in (tool_phrases(tool).plus, tool_phrases(tool).minus):
            for persona in PERSONAS:
                for split in ("train", "val"):
                    texts += [*direction.orders(persona, split), *direction.complaints(persona, split)]
    return tuple(sorted({found for text in texts for found in re.findall(r"\w+ and \w+", text)}))
