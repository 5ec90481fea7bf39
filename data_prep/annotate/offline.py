"""A teacher without a network: measurements in words, a short search for the program, a grammar for the summaries.

It makes the errors of a model on purpose, those of `label_noise`, so that the later search and the training get realistic
input. Equal requests have equal annotations on every machine.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from iea.data_prep import runner
from iea.data_prep.annotate.annotation import READS, Annotation, AnnotationRequest, annotated_row, request_of
from iea.data_prep.annotate.images import reduced_pair
from iea.data_prep.annotate.label_noise import named_rng, noisy_label
from iea.data_prep.annotate.rationale import reasoning
from iea.data_prep.label.method import search
from iea.data_prep.label.methods import METHODS
from iea.data_prep.label.objective import without_zeros
from iea.data_prep.language.phrases import Persona
from iea.data_prep.language.requests import paraphrase
from iea.data_prep.runner import Item, RejectedError, Row, Step
from iea.data_prep.schema import ANNOTATED
from iea.editor import Image, Program

SEARCH = "Stepwise"
HINT = 1  # value of tools known to be used: the search starts from them and finds their signs


@dataclass(frozen=True)
class Offline:
    """The offline teacher.

    seed : seed of everything random, together with the request's name
    noise : errors in its programs, from 0 = none to 1 = those of a model
    evaluations : renderings per search, when the true program is unknown
    side : longest side that images are reduced to, px
    summaries : sentences per persona
    """

    seed: int = 0
    noise: float = 1.0
    evaluations: int = 120
    side: int = 96
    summaries: int = 3

    def __post_init__(self) -> None:
        if self.seed < 0 or not 0 <= self.noise <= 1:
            raise ValueError(f"seed must be >= 0 and noise in [0, 1], got {self.seed} and {self.noise}")
        if self.evaluations < 1 or self.side < 8 or self.summaries < 1:
            raise ValueError(
                "evaluations must be >= 1, side >= 8 and summaries >= 1, got "
                f"{self.evaluations}, {self.side} and {self.summaries}"
            )

    @property
    def name(self) -> str:
        return "offline"

    def described(self) -> dict[str, Any]:
        """Return the settings as JSON values."""
        return {"teacher": self.name, **asdict(self)}

    def annotate(self, request: AnnotationRequest) -> Annotation:
        """Annotate one pair.

        Raises
        ------
        RejectedError : "unreadable", "other_size", "no_change", or "no_program": no tool brings the images closer
        """
        before, after = reduced_pair(request.original, request.reference, self.side)
        rng = named_rng(self.seed, request.name)
        exact = self._exact(request, before, after)
        start = noisy_label(exact, self.noise, rng)
        return Annotation(
            reasoning(before, after, request.operators, start),
            start,
            self._summaries(exact, "expert", rng),
            self._summaries(exact, "amateur", rng),
        )

    def _exact(self, request: AnnotationRequest, before: Image, after: Image) -> Program:
        """Return the true program, or the one found by search, without tools at 0."""
        exact = request.program
        if exact is None:
            hint = Program({tool: HINT for tool in request.operators})
            exact = search(METHODS[SEARCH], before, after, hint, limit=self.evaluations).program
        exact = without_zeros(exact)
        if not exact:
            raise RejectedError("no_program", f"{request.name}: no tool brings the original closer to the reference")
        return exact

    def _summaries(self, program: Program, persona: Persona, rng: np.random.Generator) -> tuple[str, ...]:
        return tuple(dict.fromkeys(paraphrase(rng, program, persona) for _ in range(self.summaries)))


def annotate_offline(
    pairs: Sequence[Item], out: Path, teacher: Offline, *, workers: int = 0, address: str | None = None
) -> runner.Report:
    """Annotate pairs with the offline teacher; parameters and errors as of runner.run."""
    step = Step("annotate", ANNOTATED, partial(_rows, teacher), teacher.described(), READS)
    return runner.run(step, pairs, out, workers=workers, address=address)


def _rows(teacher: Offline, item: Item) -> list[Row]:
    return [annotated_row(item, teacher.name, teacher.annotate(request_of(item)))]
