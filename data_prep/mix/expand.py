"""Examples of a labeled pair: rows of EXAMPLES from one row of LABELED.

Of every pair: an edit for each known request, five that ask for nothing in particular and two without a text, as many as
the paper has a pair; and a summary for each sentence that describes the edit.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain

import numpy as np

from iea.data_prep.language.phrases import PhraseSplit
from iea.data_prep.language.requests import vague
from iea.data_prep.runner.shard import Item, Row

VAGUE = 5  # requests a pair that name no edit
WORDLESS = 2  # requests a pair without a text


def examples_of(item: Item) -> list[Row]:
    """Return rows of EXAMPLES from one of LABELED, edits first.

    Where the source has no request of a persona, the teacher's summaries serve as requests. Texts that differ only in white
    space count as one.
    """
    edits = [
        _row(item, "edit", persona, text=text, program=item["label"], reasoning=item["reasoning"])
        for persona, text in _requests(item)
    ]
    summaries = [
        _row(item, "summary", persona, summary=text)
        for persona in ("expert", "amateur")
        for text in _distinct(item[persona], item[f"summaries_{persona}"])
    ]
    numbered = Counter[str]()
    for row in chain(edits, summaries):
        row["name"] = f"{item['source']}/{item['name']}/{row['task']}-{numbered[row['task']]}"
        numbered[row["task"]] += 1
    return edits + summaries


def _requests(item: Item) -> Iterator[tuple[str, str]]:
    """(persona, text) of every edit to be asked for."""
    for persona in ("expert", "amateur"):
        known = _distinct(item[persona]) or _distinct(item[f"summaries_{persona}"])
        yield from ((persona, text) for text in known)
    yield from (("vague", text) for text in _vague(item))
    yield from [("none", "")] * WORDLESS


def _vague(item: Item) -> list[str]:
    """VAGUE different requests; the same for one pair always."""
    digest = hashlib.sha256(f"{item['source']}\0{item['name']}".encode()).digest()
    rng = np.random.default_rng(list(digest))
    phrase_split: PhraseSplit = "train" if item["split"] == "train" else "val"
    drawn: dict[str, None] = {}
    while len(drawn) < VAGUE:
        drawn[vague(rng, phrase_split)] = None
    return list(drawn)


def _distinct(*groups: Iterable[str]) -> list[str]:
    """The texts in their order, white space made even, none empty and none twice."""
    return list(dict.fromkeys(text for text in (" ".join(text.split()) for text in chain(*groups)) if text))


def _row(item: Item, task: str, persona: str, **answer: str) -> Row:
    shared = {key: item[key] for key in ("photo", "group", "split", "original", "reference", "d_before")}
    texts = dict.fromkeys(("previous", "first_text", "text", "previous_program", "program", "reasoning", "summary"), "")
    known = {"task": task, "origin": item["source"], "persona": persona, "oracle_r_like": item["oracle_r_like"]}
    return shared | texts | known | answer
