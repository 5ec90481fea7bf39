"""Make the rows of JUDGED: a reference request, a predicted request, and the rubric's score.

An item is one program; each of its rows is a request for it and a prediction with other faults. `KINDS` states the number
of rows of each kind per item. Of the 34,397 rows of 2,000 items 17.4 % score 10, 19.9 % score 9 and 15.9 % score -10;
20.5 % lie from 5 to 8, 6.9 % from 1 to 4, 9.7 % at 0 and 9.6 % from -9 to -1: no constant guess is right for more than one
in five.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from iea.data_prep.language.phrases import PERSONAS, Persona, PhraseSplit
from iea.data_prep.language.requests import ordered_paraphrase, vague
from iea.data_prep.language.rubric import SUBSTITUTE, VAGUE, WORST, score_programs
from iea.data_prep.runner import Item, Row
from iea.data_prep.synthesize.nonsense import nonsense
from iea.data_prep.synthesize.programs import deal, draw_card, draw_program, draw_value
from iea.editor import TOOLS, Program
from iea.editor.levels import LEVELS, level

TOOLS_PER_WISH = (0.3, 0.3, 0.2, 0.1, 0.06, 0.04)  # chance of 1, 2, ... tools: people ask for less than an editor does
SEVERAL = (2, 3)  # faults
OTHERS = (1, 3)  # tools of a prediction that has none right
PROGRAM, ROWS = 1, 2  # last entropy words of the generators
VERBATIM = 0.1  # of exact predictions in the persona of the reference that repeat it word for word

Edits = dict[str, int]
Fault = Callable[[np.random.Generator, Program, Edits], Edits | None]
"""(rng, reference, prediction so far) -> the prediction with one fault more; None where it cannot have it."""


def _magnitude(rng: np.random.Generator, reference: Program, said: Edits) -> Edits | None:
    tool = _pick(rng, [t for t in reference if said.get(t) == reference[t]])
    if tool is None:
        return None
    names = [name for name in LEVELS if name != level(said[tool])]
    return {**said, tool: draw_value(rng, _sign(said[tool]), names[int(rng.integers(len(names)))])}


def _sign_flip(rng: np.random.Generator, reference: Program, said: Edits) -> Edits | None:
    tool = _pick(rng, [t for t in reference if said.get(t, 0) * reference[t] > 0 and TOOLS[t].low < 0])
    return None if tool is None else {**said, tool: -said[tool]}


def _opposite(rng: np.random.Generator, reference: Program, said: Edits) -> Edits | None:
    return None if any(TOOLS[t].low == 0 for t in said) else {t: -value for t, value in said.items()}


def _missing(rng: np.random.Generator, reference: Program, said: Edits) -> Edits | None:
    tool = _pick(rng, [t for t in reference if t in said]) if len(said) > 1 else None
    return None if tool is None else {t: value for t, value in said.items() if t != tool}


def _extra(rng: np.random.Generator, reference: Program, said: Edits) -> Edits | None:
    near = {SUBSTITUTE[t]: 0 for t in reference if t in SUBSTITUTE}  # would be a substitute, no stranger
    card = draw_card(rng, without={**reference, **said, **near})
    return {**said, card.tool: draw_value(rng, card.sign, card.level)}


def _substitute(rng: np.random.Generator, reference: Program, said: Edits) -> Edits | None:
    free = [t for t in said if t in SUBSTITUTE and SUBSTITUTE[t] not in {**reference, **said}]
    tool = _pick(rng, free)
    return None if tool is None else {SUBSTITUTE.get(t, t) if t == tool else t: v for t, v in said.items()}


FAULTS: Mapping[str, Fault] = {
    "magnitude": _magnitude,
    "sign": _sign_flip,
    "missing": _missing,
    "extra": _extra,
    "substitute": _substitute,
}


def _exact(rng: np.random.Generator, reference: Program, said: Edits) -> Edits:
    return said


def _several(rng: np.random.Generator, reference: Program, said: Edits) -> Edits | None:
    left = int(rng.integers(SEVERAL[0], SEVERAL[1] + 1))
    for i in rng.permutation(len(FAULTS)):
        worse = list(FAULTS.values())[int(i)](rng, reference, said) if left else None
        if worse is not None:
            said, left = worse, left - 1
    return None if left else said


def _others(rng: np.random.Generator, reference: Program, said: Edits) -> Edits:
    said = {}
    for _ in range(int(rng.integers(OTHERS[0], OTHERS[1] + 1))):
        said = _extra(rng, reference, said) or said
    return said


KINDS: Mapping[str, tuple[int, Fault]] = {
    "exact": (3, _exact),
    "magnitude": (3, _magnitude),
    "sign": (2, _sign_flip),
    "opposite": (1, _opposite),
    "missing": (2, _missing),
    "extra": (2, _extra),
    "substitute": (1, _substitute),
    "several": (3, _several),
    "others": (1, _others),
}
"""Kind -> (rows an item, how the prediction comes about). Besides, an item has one vague row and one of nonsense."""


@dataclass(frozen=True)
class JudgedMaker:
    """Makes the rows of an item: `number` among all items, and `split`; rows of val have the held-out phrases."""

    seed: int

    def __call__(self, item: Item) -> list[Row]:
        """Its rows; none is rejected."""
        number, split = item["number"], item["split"]
        phrase_split: PhraseSplit = "train" if split == "train" else "val"
        rng = np.random.default_rng([self.seed, number, PROGRAM])
        count = 1 + int(rng.choice(len(TOOLS_PER_WISH), p=TOOLS_PER_WISH))
        reference = draw_program(rng, deal(self.seed, number), count)
        rows = _rows(np.random.default_rng([self.seed, number, ROWS]), reference, phrase_split)
        return [{"split": split} | row | {"name": f"{number:08d}-{place:02d}"} for place, row in enumerate(rows)]


def _rows(rng: np.random.Generator, reference: Program, phrase_split: PhraseSplit) -> Iterator[Row]:
    for kind, (times, change) in KINDS.items():
        for _ in range(times):
            said = change(rng, reference, {t: draw_value(rng, _sign(v), level(v)) for t, v in reference.items()})
            if said is not None:
                yield _predicted(rng, kind, reference, Program(said), phrase_split)
    for kind, text, score in (
        ("vague", vague(rng, phrase_split), VAGUE),
        ("nonsense", nonsense(rng, phrase_split), WORST),
    ):
        meant, order = ordered_paraphrase(rng, reference, _register(rng), phrase_split)
        yield {
            "kind": kind,
            "persona": "vague" if kind == "vague" else "none",
            "reference": meant,
            "prediction": text,
            "score": score,
            "reference_program": _in_order(reference, order),
            "prediction_program": "",
        }


def _predicted(
    rng: np.random.Generator, kind: str, reference: Program, said: Program, phrase_split: PhraseSplit
) -> Row:
    meant_by, said_by = _register(rng), _register(rng)
    meant, meant_order = ordered_paraphrase(rng, reference, meant_by, phrase_split)
    prediction, order = ordered_paraphrase(rng, said, said_by, phrase_split)
    if kind == "exact" and meant_by == said_by and rng.random() < VERBATIM:
        prediction, said, order = meant, reference, meant_order
    return {
        "kind": kind,
        "persona": said_by,
        "reference": meant,
        "prediction": prediction,
        "score": score_programs(reference, said),
        "reference_program": _in_order(reference, meant_order),
        "prediction_program": _in_order(said, order),
    }


def _in_order(program: Program, order: list[str]) -> str:
    """JSON with the tools as a sentence names them: what the tiny judge learns to read off it."""
    return json.dumps({tool: program[tool] for tool in order})


def _register(rng: np.random.Generator) -> Persona:
    return PERSONAS[int(rng.integers(len(PERSONAS)))]


def _pick(rng: np.random.Generator, tools: list[str]) -> str | None:
    return tools[int(rng.integers(len(tools)))] if tools else None


def _sign(value: int) -> int:
    return 1 if value > 0 else -1
