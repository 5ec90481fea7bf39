"""The score of one answer: one fixed set of keys for all tasks and paths, because verl takes the keys of a batch from its
first sample.
"""

import math
from collections.abc import Mapping
from typing import TypeAlias

from iea.editor import TOOLS
from iea.editor.plugins import PluginError
from iea.reward_fns.terms import TERMS

Score: TypeAlias = dict[str, float]
"""The value of one answer, with the keys of `RANGES`."""

_COMMON: Mapping[str, tuple[float, float]] = {
    "first_score": (-1, 1),  # of the first answer, where a conversation has two; else the score
    "d_before": (0, 1),  # distance to the reference, of the original (refine: of the previous result)
    "d_after": (0, 1),  # distance of the edited original to the reference; d_before where nothing was edited
    "n_tools": (0, len(TOOLS)),  # tools in the program, zeros included
    "parsable": (0, 1),  # 1 where the answer held a program, or a sentence that could be put to the judge
    "judge": (-1, 1),  # the judge's score / 10; 0 where the judge was not asked or unavailable
    "rouge_l": (0, 1),  # ROUGE-L; reported, never part of the score
    "fallback": (0, 1),  # 1 where the judge was needed and unavailable; the score is 0 then
    "error": (0, 1),  # 1 where no score could be computed, through no fault of the answer
    "reward_ms": (0, math.inf),  # wall-clock ms of work, not of waiting; after an error, of the whole call
    "judge_ms": (0, math.inf),  # wall-clock ms that the caller waited for the judge
}

RANGES: Mapping[str, tuple[float, float]] = {"score": (-1, 1), **dict.fromkeys(TERMS, (-1, 1)), **_COMMON}
"""Every key of a score, in order, with its smallest and largest value: the training reward, the terms, and the facts above.
A key that a task does not use is 0; `Task.reported` names those it uses."""

ROW_FACTS: tuple[str, ...] = (
    *("index", "photo", "kind", "original", "reference", "program", "data_source", "instruction", "answer"),
    *("name", "previous", "text", "scope", "oracle_r_like", "failure", "failure_text", "editor", "edited", "resized"),
)
"""Columns that an evaluation shows beside the keys of a score."""

if clash := {"score", *_COMMON, *ROW_FACTS} & set(TERMS):
    raise ValueError(f"a term must not have the name of another key of a score, got {sorted(clash)}; rename it")

NO_EDIT = dict.fromkeys(TERMS, -1.0)
"""The terms of an answer that edits nothing, and of one that could not be scored."""


def make_score(**values: float) -> Score:
    """Return a score with these values, the score itself as `first_score`, and 0 for all other keys.

    Raises
    ------
    TypeError : a value without a key in `RANGES`

    Examples
    --------
    >>> score = make_score(score=1, parsable=1)
    >>> score["score"], score["judge"]
    (1.0, 0.0)
    """
    if unknown := set(values) - set(RANGES):
        raise TypeError(f"a score must have keys among {', '.join(RANGES)}, got {sorted(unknown)}")
    values = {"first_score": values.get("score", 0), **values}
    return dict.fromkeys(RANGES, 0.0) | {key: float(value) for key, value in values.items()}


def check_score(score: Score) -> Score:
    """Return the score of a task if it is complete and within `RANGES`.

    Raises
    ------
    ValueError : keys are missing or unknown, or a value leaves its range
    """
    if not isinstance(score, dict):
        raise PluginError(f"a task must return a score, got {score!r:.60}; use make_score")
    if score.keys() != RANGES.keys():
        raise ValueError(f"a score must have the keys {', '.join(RANGES)}, got {', '.join(score)}; use make_score")
    for key, (low, high) in RANGES.items():
        if not isinstance(score[key], int | float) or not low <= score[key] <= high:
            raise ValueError(f"{key} of a score must be in [{low}, {high}], got {score[key]}; correct the task's score")
    return score


def failed_score(reward_ms: float) -> Score:
    """Return the score of an answer that could not be scored: the worst of everything, and error = 1."""
    return make_score(score=-1, **NO_EDIT, d_before=1, d_after=1, error=1, reward_ms=reward_ms)
