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
from iea.data_prep.synthesize.random_programs import deal, draw_card, draw_other_level, draw_program, draw_value
from iea.editor import TOOLS, Program
from iea.editor.levels import level

TOOLS_PER_REQUEST = (0.3, 0.3, 0.2, 0.1, 0.06, 0.04)  # chance of 1, 2, ... tools: requests name fewer than programs use
SEVERAL = (2, 3)  # fewest and most faults
OTHERS = (1, 3)  # fewest and most tools of a prediction that has none right
PROGRAM, ROWS = 1, 2  # last entropy words of the generators
VERBATIM = 0.1  # of exact predictions in the persona of the reference that repeat it word for word

Edits = dict[str, int]
Fault = Callable[[np.random.Generator, Program, Edits], Edits | None]
"""(rng, reference, prediction so far) -> the prediction with one fault more; None if it cannot have it."""


def _exact(rng: np.random.Generator, reference: Program, predicted: Edits) -> Edits:
    return predicted


def _magnitude(rng: np.random.Generator, reference: Program, predicted: Edits) -> Edits | None:
    tool = _pick(rng, [t for t in reference if predicted.get(t) == reference[t]])
    return None if tool is None else {**predicted, tool: draw_other_level(rng, predicted[tool])}


def _sign_flip(rng: np.random.Generator, reference: Program, predicted: Edits) -> Edits | None:
    tool = _pick(rng, [t for t in reference if predicted.get(t, 0) * reference[t] > 0 and TOOLS[t].low < 0])
    return None if tool is None else {**predicted, tool: -predicted[tool]}


def _opposite(rng: np.random.Generator, reference: Program, predicted: Edits) -> Edits | None:
    return None if any(TOOLS[t].low == 0 for t in predicted) else {t: -value for t, value in predicted.items()}


def _missing(rng: np.random.Generator, reference: Program, predicted: Edits) -> Edits | None:
    tool = _pick(rng, [t for t in reference if t in predicted]) if len(predicted) > 1 else None
    return None if tool is None else {t: value for t, value in predicted.items() if t != tool}


def _extra(rng: np.random.Generator, reference: Program, predicted: Edits) -> Edits:
    similar = {SUBSTITUTE[t]: 0 for t in reference if t in SUBSTITUTE}  # would be a substitute
    card = draw_card(rng, without={**reference, **predicted, **similar})
    return {**predicted, card.tool: draw_value(rng, card.sign, card.level)}


def _substitute(rng: np.random.Generator, reference: Program, predicted: Edits) -> Edits | None:
    tool = _pick(rng, [t for t in predicted if t in SUBSTITUTE and SUBSTITUTE[t] not in {**reference, **predicted}])
    return None if tool is None else {SUBSTITUTE[t] if t == tool else t: value for t, value in predicted.items()}


FAULTS: tuple[Fault, ...] = (_magnitude, _sign_flip, _missing, _extra, _substitute)


def _several(rng: np.random.Generator, reference: Program, predicted: Edits) -> Edits | None:
    left = int(rng.integers(SEVERAL[0], SEVERAL[1] + 1))
    for i in rng.permutation(len(FAULTS)):
        worse = FAULTS[i](rng, reference, predicted) if left else None
        if worse is not None:
            predicted, left = worse, left - 1
    return None if left else predicted


def _others(rng: np.random.Generator, reference: Program, predicted: Edits) -> Edits:
    predicted = {}
    for _ in range(int(rng.integers(OTHERS[0], OTHERS[1] + 1))):
        predicted = _extra(rng, reference, predicted)
    return predicted


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
"""Kind -> (rows per item, change of the prediction). Besides, an item has one vague row and one of nonsense."""


@dataclass(frozen=True)
class JudgedMaker:
    """Makes the rows of an item: `number` among all items, and `split`; rows of val have the held-out phrases."""

    seed: int

    def __call__(self, item: Item) -> list[Row]:
        """Return the rows of an item; none is rejected."""
        number, split = item["number"], item["split"]
        phrase_split: PhraseSplit = "train" if split == "train" else "val"
        rng = np.random.default_rng([self.seed, number, PROGRAM])
        count = 1 + int(rng.choice(len(TOOLS_PER_REQUEST), p=TOOLS_PER_REQUEST))
        reference = draw_program(rng, deal(self.seed, number), count)
        rows = _rows(np.random.default_rng([self.seed, number, ROWS]), reference, phrase_split)
        return [{"split": split} | row | {"name": f"{number:08d}-{place:02d}"} for place, row in enumerate(rows)]


def _rows(rng: np.random.Generator, reference: Program, phrase_split: PhraseSplit) -> Iterator[Row]:
    for kind, (times, change) in KINDS.items():
        for _ in range(times):
            predicted = change(rng, reference, {t: draw_value(rng, v, level(v)) for t, v in reference.items()})
            if predicted is not None:
                yield _predicted(rng, kind, reference, Program(predicted), phrase_split)
    without_edit = {"vague": ("vague", vague, VAGUE), "nonsense": ("none", nonsense, WORST)}
    texts = {kind: write(rng, phrase_split) for kind, (_, write, _) in without_edit.items()}
    for kind, (persona, _, score) in without_edit.items():
        sentence, order = ordered_paraphrase(rng, reference, _persona(rng), phrase_split)
        yield {
            "kind": kind,
            "persona": persona,
            "reference": sentence,
            "prediction": texts[kind],
            "score": score,
            "reference_program": _in_order(reference, order),
            "prediction_program": "",
        }


def _predicted(
    rng: np.random.Generator, kind: str, reference: Program, predicted: Program, phrase_split: PhraseSplit
) -> Row:
    personas = _persona(rng), _persona(rng)
    sentence, order = ordered_paraphrase(rng, reference, personas[0], phrase_split)
    prediction, predicted_order = ordered_paraphrase(rng, predicted, personas[1], phrase_split)
    if kind == "exact" and personas[0] == personas[1] and rng.random() < VERBATIM:
        prediction, predicted, predicted_order = sentence, reference, order
    return {
        "kind": kind,
        "persona": personas[1],
        "reference": sentence,
        "prediction": prediction,
        "score": score_programs(reference, predicted),
        "reference_program": _in_order(reference, order),
        "prediction_program": _in_order(predicted, predicted_order),
    }


def _in_order(program: Program, order: list[str]) -> str:
    """Return JSON with the tools in the order of a sentence: the tiny judge learns to read them in it."""
    return json.dumps({tool: program[tool] for tool in order})


def _persona(rng: np.random.Generator) -> Persona:
    return PERSONAS[int(rng.integers(len(PERSONAS)))]


def _pick(rng: np.random.Generator, tools: list[str]) -> str | None:
    return tools[int(rng.integers(len(tools)))] if tools else None
