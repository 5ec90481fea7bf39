"""Rows of EXAMPLES from one photograph, and their pictures.

Original and reference are PNG, since the reward reads them. The picture before a refinement is JPEG (quality 95, 4:4:4),
since only a model looks at it; its distance from the reference, `d_before`, is of the exact pixels.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from iea.data_prep.language.phrases import PERSONAS
from iea.data_prep.language.requests import auto_instruction, instruction, paraphrase, refinement
from iea.data_prep.runner import Item, Row
from iea.data_prep.synthesize.difficulty import DIFFICULTIES, Speaker
from iea.data_prep.synthesize.pair import Pair, crops_of, draw_pair
from iea.data_prep.synthesize.previous import draw_previous
from iea.data_prep.synthesize.programs import deal
from iea.data_prep.synthesize.restoration import draw_restoration
from iea.editor.io import write_image

ORIGIN = "synthetic"
RESTORATION_EVERY = 4  # every 4th item is a degraded picture, to be restored without an instruction
PICTURES_A_FOLDER = 1000
PICTURES, WORDS = 1, 2  # last entropy words of the generators: more sentences would not change a picture


@dataclass(frozen=True)
class ExamplesMaker:
    """Makes the rows of an item: `number` among all items, `photo`, `group`, `split` and path of the `original`.

    images : folder for the pictures, absolute
    size : side of the pictures, pixels
    difficulty : key of DIFFICULTIES
    """

    images: str
    size: int
    seed: int
    difficulty: str = "paper"

    def __call__(self, item: Item) -> list[Row]:
        """Return the rows of an item and write their pictures.

        Raises
        ------
        RejectedError : the photograph cannot be read, is too small, or shows nothing of what programs do
        """
        number = item["number"]
        rng, words = (np.random.default_rng([self.seed, number, purpose]) for purpose in (PICTURES, WORDS))
        draw = crops_of(item["original"], self.size, rng)
        setting = DIFFICULTIES[self.difficulty]
        if number % RESTORATION_EVERY == RESTORATION_EVERY - 1:
            pair = draw_restoration(draw, rng)
            texts = {"none": "", "vague": auto_instruction(words)}
            rows = [*_edits(pair, {persona: texts[persona] for persona in setting.without_request})]
        else:
            card = deal(self.seed, number - number // RESTORATION_EVERY, setting)
            pair = draw_pair(draw, card, rng, setting)
            rows = [*_edits(pair, _requests(words, pair, setting.personas))]
            if "summary" in setting.tasks:
                rows += _summaries(pair, words)
            if "refine" in setting.tasks:
                rows += self._refinements(item, pair, rng, words)
        stem = self._stem(item)
        write_image(original := f"{stem}-original.png", pair.original)
        write_image(reference := f"{stem}-reference.png", pair.reference)
        shared = {
            "origin": ORIGIN,
            "photo": item["photo"],
            "group": item["group"],
            "split": item["split"],
            "original": original,
            "reference": reference,
        }
        return [BLANK | shared | row | {"name": _name(item, row)} for row in rows]

    def _stem(self, item: Item) -> Path:
        folder = Path(self.images, f"{item['number'] // PICTURES_A_FOLDER:05d}")
        folder.mkdir(parents=True, exist_ok=True)
        return folder / f"{item['number']:08d}"

    def _refinements(
        self, item: Item, pair: Pair, rng: np.random.Generator, words: np.random.Generator
    ) -> Iterator[Row]:
        """Yield one row a persona; none where no small change can be seen."""
        previous = draw_previous(rng, pair, DIFFICULTIES[self.difficulty])
        if previous is None:
            return
        write_image(path := f"{self._stem(item)}-previous.jpg", previous.picture)
        for persona in PERSONAS:
            yield {
                "task": "refine",
                "persona": persona,
                "previous": path,
                "first_text": paraphrase(words, previous.program, persona),
                "text": refinement(words, previous.program, pair.program, persona),
                "previous_program": previous.program.to_json(),
                "program": pair.program.to_json(),
                "d_before": previous.d_before,
                "oracle_r_like": pair.r_like,
            }


BLANK: Row = {
    "previous": "",
    "first_text": "",
    "text": "",
    "previous_program": "",
    "program": "",
    "reasoning": "",
    "summary": "",
}


def _requests(words: np.random.Generator, pair: Pair, personas: Sequence[Speaker]) -> dict[str, str]:
    """Return persona -> request for the pair's program."""
    return {
        persona: instruction(words, pair.program) if persona == "template" else paraphrase(words, pair.program, persona)
        for persona in personas
    }


def _edits(pair: Pair, texts: Mapping[str, str]) -> Iterator[Row]:
    """Yield one row a text; keys are personas."""
    for persona, text in texts.items():
        yield {
            "task": "edit",
            "persona": persona,
            "text": text,
            "program": pair.program.to_json(),
            "d_before": pair.d_before,
            "oracle_r_like": pair.r_like,
        }


def _summaries(pair: Pair, words: np.random.Generator) -> Iterator[Row]:
    """Yield one row a persona."""
    for persona in PERSONAS:
        yield {
            "task": "summary",
            "persona": persona,
            "summary": paraphrase(words, pair.program, persona),
            "d_before": pair.d_before,
            "oracle_r_like": pair.r_like,
        }


def _name(item: Item, row: Row) -> str:
    return f"{item['number']:08d}-{row['task']}-{row['persona']}"
