"""Rows of EXAMPLES from one photograph, and their images.

Original and reference are PNG, since the reward reads them. The image before a refinement is JPEG (quality 95, 4:4:4), since
only a model gets it; its distance from the reference, `d_before`, is of the exact pixels.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from iea.data_prep.language.phrases import Speaker
from iea.data_prep.language.requests import (
    auto_instruction,
    ordered_instruction,
    ordered_paraphrase,
    paraphrase,
    plain_sentence,
    refinement,
)
from iea.data_prep.runner import Item, RejectedError, Row
from iea.data_prep.synthesize.difficulty import DIFFICULTIES
from iea.data_prep.synthesize.draw_pair import Pair, crops_of, draw_pair
from iea.data_prep.synthesize.previous import Previous, draw_previous
from iea.data_prep.synthesize.random_programs import deal
from iea.data_prep.synthesize.restoration import draw_restoration
from iea.data_prep.synthesize.variation import varied_crops
from iea.editor import Program
from iea.editor.io import write_image

ORIGIN = "synthetic"
RESTORATION_EVERY = 4  # every 4th item is a degraded image, to be restored without an instruction
IMAGES_PER_FOLDER = 1000
IMAGES, WORDS = 1, 2  # last entropy words of the generators: additional sentences do not change an image

TEXTS = ("previous", "first_text", "text", "previous_program", "program", "reasoning", "summary")
BLANK: Row = dict.fromkeys(TEXTS, "")


@dataclass(frozen=True)
class ExamplesMaker:
    """Makes the rows of an item: `number` among all items, `photo`, `group`, `split` and path of the `original`.

    images : folder for the images, absolute
    size : side of the images, pixels
    difficulty : key of DIFFICULTIES
    looks : also make a row of Look from each edit, with a first program that differs from the answer in one or two tools
    """

    images: str
    size: int
    seed: int
    difficulty: str = "paper"
    looks: bool = False

    def __call__(self, item: Item) -> list[Row]:
        """Return the rows of an item and write their images.

        Raises
        ------
        RejectedError : the row of PAIRS cannot be used; the photograph cannot be read, is too small, or shows no effect of
            programs
        """
        if rejected := item.get("rejected"):
            raise RejectedError(*rejected)
        number = item["number"]
        rng, words = (np.random.default_rng([self.seed, number, purpose]) for purpose in (IMAGES, WORDS))
        draw = crops_of(item["original"], self.size, rng)
        stem = Path(self.images, f"{number // IMAGES_PER_FOLDER:05d}", f"{number:08d}")
        if number % RESTORATION_EVERY == RESTORATION_EVERY - 1:
            pair = draw_restoration(draw, rng)
            rows = self._restorations(pair, stem, rng, words)
        else:
            setting = DIFFICULTIES[self.difficulty]
            draw = varied_crops(draw, rng) if setting.varied and item["split"] == "train" else draw
            pair = draw_pair(draw, deal(self.seed, number - number // RESTORATION_EVERY, setting), rng, setting)
            rows = self._instructed(pair, stem, rng, words)
        shared = {key: item[key] for key in ("photo", "group", "split")} | {
            "origin": ORIGIN,
            "original": f"{stem}-original.png",
            "reference": f"{stem}-reference.png",
            "oracle_r_like": pair.r_like,
        }
        stem.parent.mkdir(parents=True, exist_ok=True)
        made = [BLANK | shared | row | {"name": f"{stem.name}-{row['task']}-{row['persona']}"} for row in rows]
        write_image(shared["original"], pair.original)
        write_image(shared["reference"], pair.reference)
        return made

    def _restorations(
        self, pair: Pair, stem: Path, rng: np.random.Generator, words: np.random.Generator
    ) -> Iterator[Row]:
        setting, texts = DIFFICULTIES[self.difficulty], {"none": "", "vague": auto_instruction(words)}
        requests: dict[str, tuple[str, list[str]]] = {
            persona: (texts[persona], []) for persona in setting.without_request
        }
        yield from _edits(pair, requests)
        if self.looks and (previous := draw_previous(rng, pair, setting)):
            yield from _looks(pair, requests, previous.program, _write_previous(stem, previous))

    def _instructed(
        self, pair: Pair, stem: Path, rng: np.random.Generator, words: np.random.Generator
    ) -> Iterator[Row]:
        """Yield the rows of all tasks: a row per persona, and no refinement if no small change is visible."""
        setting = DIFFICULTIES[self.difficulty]
        requests: dict[str, tuple[str, list[str]]] = {
            persona: _request(words, pair.program, persona) for persona in setting.personas
        }
        yield from _edits(pair, requests)
        for persona in setting.speakers if "summary" in setting.tasks else ():
            if persona == "template":
                summary = plain_sentence({tool: pair.program[tool] for tool in pair.by_effect})
            else:
                summary = paraphrase(words, pair.program, persona)
            yield {"task": "summary", "persona": persona, "summary": summary, "d_before": pair.d_before}
        wanted = self.looks or "refine" in setting.tasks
        previous = draw_previous(rng, pair, setting) if wanted else None
        if previous is None:
            return
        path = _write_previous(stem, previous)
        if self.looks:
            yield from _looks(pair, requests, previous.program, path)
        for persona in setting.speakers if "refine" in setting.tasks else ():
            first_text, order = _request(words, previous.program, persona)
            yield {
                "task": "refine",
                "persona": persona,
                "previous": path,
                "first_text": first_text,
                "text": refinement(words, previous.program, pair.program, persona),
                "previous_program": previous.program.to_json(order),
                "program": pair.program.to_json(order),
                "d_before": previous.d_before,
            }


def _request(rng: np.random.Generator, program: Program, persona: Speaker) -> tuple[str, list[str]]:
    """Return a request, and the order of its tools."""
    return ordered_instruction(rng, program) if persona == "template" else ordered_paraphrase(rng, program, persona)


def _edits(pair: Pair, requests: Mapping[str, tuple[str, list[str]]]) -> Iterator[Row]:
    """Yield one row per persona: its text, and the program in the order of the text's tools, which is learned sooner."""
    for persona, (text, order) in requests.items():
        program = pair.program.to_json(order)
        yield {"task": "edit", "persona": persona, "text": text, "program": program, "d_before": pair.d_before}


def _looks(pair: Pair, requests: Mapping[str, tuple[str, list[str]]], first: Program, path: str) -> Iterator[Row]:
    """Yield the edit rows again, each with a first program and the path of its image."""
    for row in _edits(pair, requests):
        order = json.loads(row["program"])
        yield row | {"task": "look", "previous": path, "previous_program": first.to_json(order)}


def _write_previous(stem: Path, previous: Previous) -> str:
    write_image(path := f"{stem}-previous.jpg", previous.image)
    return path
