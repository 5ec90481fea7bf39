"""Rows of EXAMPLES from one photograph, and their pictures.

Original and reference are PNG, for the reward reads them; the picture before a refinement is JPEG (quality 95, 4:4:4),
for only a model looks at it: how far it is from the reference, `d_before`, is of its exact pixels.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from iea.data_prep.language.phrases import PERSONAS
from iea.data_prep.language.requests import auto_instruction, instruction, paraphrase, refinement
from iea.data_prep.runner import Item, Row
from iea.data_prep.synthesize.pair import Pair, crops_of, draw_pair, undone_pair
from iea.data_prep.synthesize.previous import draw_previous
from iea.data_prep.synthesize.programs import deal
from iea.editor.io import write_image

ORIGIN = "synthetic"
AUTO_EVERY = 4  # every 4th item is a damaged picture, to be brought back without an instruction
PICTURES_A_FOLDER = 1000
PICTURES, WORDS = 1, 2  # last entropy words of the generators: more sentences would not change a picture


@dataclass(frozen=True)
class ExamplesMaker:
    """Makes the rows of an item: `number` among all items, `photo`, `group`, `split` and path of the `original`.

    images : folder for the pictures, absolute
    size : side of the pictures, pixels
    """

    images: str
    size: int
    seed: int

    def __call__(self, item: Item) -> list[Row]:
        """Its rows, their pictures written.

        Raises
        ------
        RejectedError : the photograph cannot be read, is too small, or shows nothing of what programs do
        """
        number = item["number"]
        rng, words = (np.random.default_rng([self.seed, number, purpose]) for purpose in (PICTURES, WORDS))
        draw = crops_of(item["original"], self.size, rng)
        if number % AUTO_EVERY == AUTO_EVERY - 1:
            pair = undone_pair(draw, rng)
            rows = [*self._edits(pair, {"none": "", "vague": auto_instruction(words)})]
        else:
            pair = draw_pair(draw, deal(self.seed, number - number // AUTO_EVERY), rng)
            texts: dict[str, str] = {p: paraphrase(words, pair.program, p) for p in PERSONAS}
            texts["template"] = instruction(words, pair.program)
            rows = [
                *self._edits(pair, texts),
                *_summaries(pair, words),
                *self._refinements(item, pair, rng, words),
            ]
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

    def _edits(self, pair: Pair, texts: dict[str, str]) -> Iterator[Row]:
        """One row a text; keys are personas."""
        for persona, text in texts.items():
            yield {
                "task": "edit",
                "persona": persona,
                "text": text,
                "program": pair.program.to_json(),
                "d_before": pair.d_before,
                "oracle_r_like": pair.r_like,
            }

    def _refinements(
        self, item: Item, pair: Pair, rng: np.random.Generator, words: np.random.Generator
    ) -> Iterator[Row]:
        """One row a persona; none where no small change could be seen."""
        previous = draw_previous(rng, pair)
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


def _summaries(pair: Pair, words: np.random.Generator) -> Iterator[Row]:
    """One row a persona."""
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
