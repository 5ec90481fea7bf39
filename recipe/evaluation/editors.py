"""The editors whose programs can be scored: ours, and the published one as a baseline.

    iea evaluate checkpoint=FOLDER,editor=released --rows rows.parquet

To compare a further editor, add an entry to EDITORS.
"""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from iea.data_prep.ingest.decode import to_8_bits
from iea.editor import TOOLS, Image, LeaveOneOut, Program, ProgramError, distance, released, render
from iea.reward_fns.parse import parse_answer
from iea.reward_fns.result import Score
from iea.reward_fns.score import score_measured
from iea.reward_fns.weights import read_weights


@dataclass(frozen=True)
class Editor:
    """An editor by name.

    read : a model's answer -> tool -> value; ProgramError for one without a program
    render : 8-bit image, program -> image of the same shape
    fence : text of an answer around the JSON of a program, with {} in its place
    """

    name: str
    read: Callable[[str], Mapping[str, Any]]
    render: Callable[[Image, Mapping[str, Any]], Image]
    fence: str = "{}"

    def edit(self, original: Image, answer: str) -> Image:
        """Return the result of an answer on an image of 8 or 16 bits; ProgramError for an answer without a program."""
        return self.render(to_8_bits(original), self.read(answer))

    def write(self, program: Mapping[str, Any]) -> str:
        """Return the answer that holds a program."""
        return self.fence.format(json.dumps(program))


def _read_released(text: str) -> Mapping[str, float]:
    answer = released.read_answer(text)
    if answer.reason:
        raise ProgramError(answer.reason, answer.text)
    return answer.program


OURS = "iea"
EDITORS: Mapping[str, Editor] = {
    OURS: Editor(OURS, parse_answer, render),
    "released": Editor("released", _read_released, released.render, "```json {} ```"),
}
"""name -> editor."""


def editor_of(name: str) -> Editor:
    """Return an editor by its name. Raises ValueError for another name."""
    if name not in EDITORS:
        raise ValueError(f"an editor must be one of {', '.join(EDITORS)}, got {name!r}")
    return EDITORS[name]


def leave_one_out(editor: Editor, original: Image, reference: Image, program: Mapping[str, Any]) -> LeaveOneOut:
    """Measure the contribution of each tool of a program, as `iea.editor.leave_one_out` does for ours."""

    def after(*left_out: str) -> float:
        kept = {name: value for name, value in program.items() if name not in left_out}
        return distance(editor.render(original, kept), reference)

    return LeaveOneOut(distance(original, reference), after(), {name: after(name) for name in program})


def score_with(
    editor: Editor,
    original: Image,
    reference: Image,
    text: str,
    *,
    terms: Mapping[str, float] | None = None,
    previous: Image | None = None,
) -> Score:
    """Score an answer by the results of an editor; for ours the numbers are those of `iea.reward_fns.score_text`.

    Parameters
    ----------
    editor : one of EDITORS
    original, reference, previous : (H, W, 3) uint8 sRGB of one shape
    text : the model's answer, in the form of the editor's models
    terms : weights of the reward's terms, see `iea.reward_fns.weights.read_weights`

    Returns
    -------
    the keys of `iea.reward_fns.result.RANGES`

    Raises
    ------
    TypeError, ValueError : the images or the weights are not as above; no answer raises

    Examples
    --------
    >>> import numpy as np
    >>> original = np.full((8, 8, 3), 100, np.uint8)
    >>> reference = released.render(original, {"exposure": 50})
    >>> answer = '<answer>```json {"exposure": 50} ```</answer>'
    >>> score_with(EDITORS["released"], original, reference, answer)["score"]
    1.0
    """
    start, weights = time.perf_counter(), read_weights(terms)
    try:
        program = editor.read(text)
    except ProgramError:
        program = None
    used = program is not None and any(program.values())
    measured = leave_one_out(editor, original, reference, program) if program is not None and used else None
    before = distance(original if previous is None else previous, reference)
    if measured is not None and previous is not None:
        measured = replace(measured, previous=before)
    return score_measured(program, measured, before, weights, start)


def integers(program: Mapping[str, float]) -> Program:
    """Return a program of any editor with integer values, of the tools and in the ranges of ours."""
    kept = {name: min(max(round(value), TOOLS[name].low), TOOLS[name].high) for name, value in program.items()}
    return Program(kept)
