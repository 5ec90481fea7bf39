"""Sentences that ask for no edit, from `nonsense.yaml`, for which the rubric gives its lowest score."""

from importlib.resources import files

import numpy as np
import yaml

from iea.data_prep.language.phrases import PhraseSplit
from iea.editor import TOOLS

TEXTS = yaml.safe_load((files(__package__) / "nonsense.yaml").read_text(encoding="utf-8"))
LISTED = (4, 9)  # fewest and most words of a list
SHARES = {"talk": 0.55, "foreign": 0.15, "judge": 0.15, "list": 0.15}


def nonsense(rng: np.random.Generator, phrase_split: PhraseSplit) -> str:
    """Return a text that asks for no edit in English."""
    kind = list(SHARES)[int(rng.choice(len(SHARES), p=list(SHARES.values())))]
    texts = TEXTS[kind][phrase_split]
    if kind == "list":
        names = [name.replace("_", " ") for name in TOOLS]
        count = int(rng.integers(LISTED[0], LISTED[1] + 1))
        return str(texts).join(names[i] for i in rng.choice(len(names), count, replace=False))
    text = texts[int(rng.integers(len(texts)))]
    things, places = TEXTS["things"], TEXTS["places"]
    return str(text.format(thing=things[int(rng.integers(len(things)))], place=places[int(rng.integers(len(places)))]))
