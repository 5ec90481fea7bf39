"""Reads the phrases of a persona from its YAML file in this folder.

exposure +:         # a tool and the sign of its value
  do:               # the four lists of `Phrases`
    - raise the exposure {how}
  do_val:
    - push the exposure up {how}
  wrong:
    - the exposure is {too} low
  wrong_val:
    - the exposure looks {too} low
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib.resources import files

import yaml

from iea.data_prep.language.phrasebook.phrases import Key, Persona, Phrases
from iea.editor import TOOLS

SIGNS = {"+": 1, "-": -1}
KEYS: Mapping[str, Key] = {f"{tool} {sign}": (tool, SIGNS[sign]) for tool in TOOLS for sign in SIGNS}
STRENGTHS: Mapping[str, frozenset[str]] = {  # slot for the strength that a phrase of each list has one of
    "do": frozenset({"how", "more", "some"}),
    "do_val": frozenset({"how", "more", "some"}),
    "wrong": frozenset({"too"}),
    "wrong_val": frozenset({"too"}),
}


def read_phrases(persona: Persona, given: Mapping[Key, tuple[str, ...]] | None = None) -> dict[Key, Phrases]:
    """The phrases of `persona`, by tool and sign.

    Parameters
    ----------
    given : training orders to put before those of the file

    Raises
    ------
    ValueError : the file is not as above; the message says where
    """
    return parse_phrases(
        (files("iea.data_prep.language") / "phrasebook" / f"{persona}.yaml").read_text(), given
    )


def parse_phrases(text: str, given: Mapping[Key, tuple[str, ...]] | None = None) -> dict[Key, Phrases]:
    """As `read_phrases`, of the text of a file."""
    loaded = yaml.safe_load(text)
    if not isinstance(loaded, dict) or not loaded.keys() <= KEYS.keys():
        wrong = sorted(map(str, loaded.keys() - KEYS.keys())) if isinstance(loaded, dict) else loaded
        raise ValueError(f"phrases must be of a tool and a sign, as in 'exposure +', got {wrong!r}")
    book = {}
    for name, lists in loaded.items():
        if not isinstance(lists, dict) or lists.keys() != STRENGTHS.keys():
            got = ", ".join(map(str, lists)) if isinstance(lists, dict) else repr(lists)
            raise ValueError(f"{name!r} must have the lists {', '.join(STRENGTHS)}, got {got}")
        phrases = {
            which: _phrases(f"{which} of {name!r}", lists[which], STRENGTHS[which]) for which in STRENGTHS
        }
        phrases["do"] = (*(given or {}).get(KEYS[name], ()), *phrases["do"])
        book[KEYS[name]] = Phrases(**phrases)
    return book


def _phrases(where: str, listed: object, strengths: frozenset[str]) -> tuple[str, ...]:
    """`listed` if it is of phrases with one slot of `strengths` each, and none but `{it}` beside it."""
    if not isinstance(listed, list) or not listed:
        raise ValueError(f"{where} must be a list of one phrase or more, got {listed!r}")
    for phrase in listed:
        slots = [slot for slot in re.findall(r"{(\w*)}", str(phrase)) if slot != "it"]
        if not isinstance(phrase, str) or len(slots) != 1 or slots[0] not in strengths:
            wanted = " or ".join(f"{{{slot}}}" for slot in sorted(strengths))
            raise ValueError(
                f"a phrase in {where} must have {wanted} once and no slot but {{it}}, got {phrase!r}"
            )
    return tuple(listed)
