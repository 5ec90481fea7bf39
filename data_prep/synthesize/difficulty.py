"""Difficulty of synthetic examples: which programs are drawn, and which tasks and texts are made of them.

`paper` is the published setting. `easy` is for models that learn from scratch on two cores: few tools, one value for each
of three levels, requests from templates, and edits alone. `lane` adds summaries and refinements, in templates too, and
varied originals.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

from iea.data_prep.language.phrases import Speaker
from iea.editor.levels import LEVELS, TIMES_IN_20, TYPICAL


@dataclass(frozen=True)
class Difficulty:
    """A setting of the synthesis.

    tools : number of tools in a program -> its chance
    levels : name of a level -> its values
    shares : name of a level -> its relative frequency, in whole numbers
    by_popularity : draw the tools beside the dealt one by the weights of the phrase files, otherwise uniformly
    tasks : made of a pair with a request: edit, summary, refine
    personas : of its edit requests: expert, amateur, template
    speakers : of its summaries and refinements
    without_request : of the restorations: none = no text, vague = a text that names no edit
    varied : change the orientation and the colors of the training originals that have a request at random
    """

    name: str
    tools: Mapping[int, float]
    levels: Mapping[str, tuple[int, ...]]
    shares: Mapping[str, int]
    by_popularity: bool
    tasks: tuple[str, ...]
    personas: tuple[Speaker, ...]
    speakers: tuple[Speaker, ...]
    without_request: tuple[str, ...]
    varied: bool = False


def normal_chances(mean: float, spread: float, fewest: int, most: int) -> dict[int, float]:
    """Return the chances of the whole numbers `fewest` to `most`: a normal distribution, rounded and clipped.

    >>> {count: round(chance, 2) for count, chance in normal_chances(4, 1, 2, 7).items()}
    {2: 0.07, 3: 0.24, 4: 0.38, 5: 0.24, 6: 0.06, 7: 0.01}
    """
    edges = [-math.inf, *(count + 0.5 for count in range(fewest, most)), math.inf]
    below = [(1 + math.erf((edge - mean) / (spread * math.sqrt(2)))) / 2 for edge in edges]
    return {fewest + i: upper - lower for i, (lower, upper) in enumerate(pairwise(below))}


PAPER = Difficulty(
    name="paper",
    tools=normal_chances(mean=4, spread=1, fewest=2, most=7),
    levels=LEVELS,
    shares=TIMES_IN_20,
    by_popularity=True,
    tasks=("edit", "summary", "refine"),
    personas=("expert", "amateur", "template"),
    speakers=("expert", "amateur"),
    without_request=("none", "vague"),
)
EASY = Difficulty(
    name="easy",
    tools={1: 0.35, 2: 0.35, 3: 0.18, 4: 0.08, 5: 0.04},  # mean 2.11
    levels={name: (value,) for name, value in TYPICAL.items()},
    shares=dict.fromkeys(TYPICAL, 1),
    by_popularity=False,
    tasks=("edit",),
    personas=("template",),
    speakers=("template",),
    without_request=("vague",),
)
LANE = replace(EASY, name="lane", tasks=("edit", "summary", "refine"), varied=True)
DIFFICULTIES: Mapping[str, Difficulty] = {one.name: one for one in (PAPER, EASY, LANE)}
