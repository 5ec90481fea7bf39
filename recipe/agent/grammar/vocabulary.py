"""The vocabulary of the reader: words as they are compared, words of strength, and the content of words.yaml."""

import re
from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from iea.data_prep.language import frames
from iea.data_prep.language.phrases import tool_phrases
from iea.editor import TOOLS
from iea.editor.levels import TYPICAL
from iea.recipe.agent.grammar.chinese import in_english

VALUES: Mapping[str, int] = {**TYPICAL, "extreme": 100}
"""Level -> value of an edit that is requested in words."""
LEAST_SLIP, CLOSE = 6, 0.86
"""Letters of a word that may be a slip, and its likeness to the right one, as of difflib."""
_ENDS = ("iest", "ening", "ened", "est", "ier", "ens", "en", "er")


@cache
def own_words() -> dict[str, Any]:
    """Return the content of words.yaml."""
    loaded: dict[str, Any] = yaml.safe_load((files(__package__) / "words.yaml").read_text(encoding="utf-8"))
    return loaded


def plain(text: str) -> str:
    """Return a text in lower case, in English and the spelling of the phrase files, without quotes and hyphens.

    >>> plain("Isn't the SKY too  dark-blue?")
    'isnt the sky too dark blue?'
    """
    text = (
        re.sub(r"['\u2019`\"\u201c\u201d]", "", in_english(text).lower()).replace("\u2212", "-").replace("&", " and ")
    )
    text = re.sub(r"\bcolor", "colour", re.sub(r"\bgray", "grey", text))
    return " ".join(re.sub(r"(?<=[a-z])-(?=[a-z])", " ", text).split())


@cache
def stem(word: str) -> str:
    """Return the form in which a word is compared: that of an adjective without its comparison, of a noun without s.

    >>> [stem(word) for word in ("warmer", "brighten", "punchier", "lights")]
    ['warm', 'bright', 'punch', 'light']
    """
    if word not in _whole():
        for end in _ENDS:
            if word.endswith(end) and len(word) - len(end) >= 3:
                base = word.removesuffix(end)
                return base[:-1] if len(base) > 3 and base[-1] == base[-2] and base[-1] not in "els" else base
    return word[:-1] if word.endswith("s") and len(word) > 4 and not word.endswith(("ss", "us")) else word


def words(text: str) -> tuple[str, ...]:
    """Return the words of a plain text as they are compared.

    >>> words("desaturate the borders")
    ('lower', 'saturation', 'the', 'edge')
    """
    same = own_words()["same"]
    said = (corrected(word) for word in re.findall(r"[a-z]+", text))
    return tuple(stem(part) for word in said for part in same.get(word, word).split())


@cache
def corrected(word: str) -> str:
    """Return a word, or the only one that it is a slip of.

    >>> corrected("saturnation"), corrected("fluffier")
    ('saturation', 'fluffier')
    """
    if len(word) < LEAST_SLIP or word in _spelled():
        return word
    return next(iter(get_close_matches(word, _spelled(), 1, CLOSE)), word)


@cache
def _spelled() -> dict[str, None]:
    """Return all words of the phrase files and of words.yaml, in their order."""
    texts = [str(own_words())]
    for tool in TOOLS:
        phrases = tool_phrases(tool)
        texts += [str(one.model_dump()) for one in (phrases.plus, phrases.minus)]
    return dict.fromkeys(re.findall(r"[a-z]+", plain(" ".join(texts))))


@cache
def ignored() -> frozenset[str]:
    """Return the words that change nothing by themselves, as they are compared."""
    return frozenset(words(own_words()["ignored"]))


@cache
def strengths() -> tuple[tuple[str, str], ...]:
    """Return (words, level) of every word of strength, longest first; those of complaints are not among them."""
    tables = (frames.MORE, frames.HOW_FIRST, frames.HOW, frames.SOME, own_words()["strengths"])
    found = {plain(text): level for table in tables for level, texts in table.items() for text in texts if text}
    return tuple(sorted(found.items(), key=lambda one: -len(one[0])))


@cache
def complaints() -> tuple[tuple[str, str], ...]:
    """Return (words, level) of every word of excess, longest first."""
    found = {text: level for level, texts in frames.TOO.items() for text in texts}
    return tuple(sorted(found.items(), key=lambda one: -len(one[0])))


@cache
def _whole() -> frozenset[str]:
    return frozenset(own_words()["whole"].split())
