"""Examples of a labeled pair: rows of EXAMPLES from one row of LABELED.

Of every pair: an edit for each known request, five vague ones and two without a text, as many as the paper has per pair; and
a summary for each sentence that describes the edit.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain

import numpy as np

from iea.data_prep.language.phrases import PERSONAS, PhraseSplit
from iea.data_prep.language.requests import vague
from iea.data_prep.runner.shard import Item, Row
from iea.data_prep.synthesize.rows import BLANK

VAGUE = 5  # requests per pair that name no edit
WORDLESS = 2  # requests per pair without a text


def examples_of(item: Item) -> list[Row]:
    """Return rows of EXAMPLES from one of LABELED, edits first.

    Where the source has no request of a persona, the teacher's summaries serve as requests. Texts that differ only in white
    space count as one.
    """
    rows = [
        _row(item, "edit", persona, text=text, program=item["label"], reasoning=item["reasoning"])
        for persona, text in _requests(item)
    ]
    rows += [
        _row(item, "summary", persona, summary=text)
        for persona in PERSONAS
        for text in _distinct(item[persona], item[f"summaries_{persona}"])
    ]
    numbered = Counter[str]()
    for row in rows:
        row["name"] = f"{item['source']}/{item['name']}/{row['task']}-{numbered[row['task']]}"
        numbered[row["task"]] += 1
    return rows


def _requests(item: Item) -> Iterator[tuple[str, str]]:
    """Yield (persona, text) of every edit."""
    for persona in PERSONAS:
        known = _distinct(item[persona]) or _distinct(item[f"summaries_{persona}"])
        yield from ((persona, text) for text in known)
    yield from (("vague", text) for text in _vague(item))
    yield from [("none", "")] * WORDLESS


def _vague(item: Item) -> list[str]:
    """Return VAGUE different requests, which depend on the pair's name alone."""
    digest = hashlib.sha256(f"{item['source']}\0{item['name']}".encode()).digest()
    rng = np.random.default_rng(list(digest))
    phrase_split: PhraseSplit = "train" if item["split"] == "train" else "val"
    drawn: dict[str, None] = {}
    while len(drawn) < VAGUE:
        drawn[vague(rng, phrase_split)] = None
    return list(drawn)


def _distinct(*groups: Iterable[str]) -> list[str]:
    """Return the texts in their order, with single spaces, none empty and none twice."""
    return list(dict.fromkeys(text for text in (" ".join(text.split()) for text in chain(*groups)) if text))


def _row(item: Item, task: str, persona: str, **answer: str) -> Row:
    columns = ("photo", "group", "split", "original", "reference", "d_before", "oracle_r_like")
    known = {"task": task, "origin": item["source"], "persona": persona}
    return BLANK | {key: item[key] for key in columns} | known | answer
