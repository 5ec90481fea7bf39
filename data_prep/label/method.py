"""The type of a search method, and the call that runs one."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from iea.data_prep.label.objective import Objective, OutOfBudgetError, without_zeros
from iea.editor import Image, Program, leave_one_out
from iea.editor.plugins import PluginError
from iea.reward_fns.terms import TERMS, term_values

Run: TypeAlias = Callable[[Objective, Program, np.random.Generator], Program]
"""(the distance to minimize, the program to start from, the generator of all draws) -> the program found."""


@dataclass(frozen=True)
class Method:
    """A search with its name and its source. The start is measured before it runs."""

    name: str
    reference: str
    run: Run


@dataclass(frozen=True)
class SearchResult:
    """Result of a search.

    program : without tools at 0
    rating : its reward terms, see `rate`
    evaluations, seconds : cost of the search, without the rating
    trace : (evaluations, distance) whenever a closer program was found
    """

    program: Program
    rating: dict[str, float]
    evaluations: int
    seconds: float = 0.0
    trace: tuple[tuple[int, float], ...] = ()


def search(
    method: Method, original: Image, reference: Image, start: Program, *, limit: int | None = None, seed: int = 0
) -> SearchResult:
    """Search one pair.

    Parameters
    ----------
    original, reference : images of one shape and dtype, not equal
    start : the program to start from; may be empty
    limit : evaluations after which the best program so far is the result, None = until the method ends
    seed : of methods that draw

    Raises
    ------
    ValueError : the images are equal
    PluginError : the method returns no program
    """
    if np.array_equal(original, reference):
        raise ValueError("original and reference must differ, got equal images; leave such pairs out")
    objective = Objective(original, reference, limit)
    started = time.perf_counter()
    try:
        objective(start)
        found = method.run(objective, start, np.random.default_rng(seed))
        if not isinstance(found, Program):
            raise PluginError(f"the method {method.name} must return a Program, got {found!r}; correct its `run`")
        program = without_zeros(found)
    except OutOfBudgetError:
        program = objective.best
    seconds = time.perf_counter() - started
    rating = rate(original, reference, program)
    return SearchResult(program, rating, objective.evaluations, seconds, tuple(objective.trace))


def rate(original: Image, reference: Image, program: Program) -> dict[str, float]:
    """Return the reward terms of a program, name -> value, at the images' own size.

    An empty program leaves the original as it is: R_like is 0, and every other term -1.
    """
    if not program:
        return dict.fromkeys(TERMS, -1.0) | {"r_like": 0.0}
    return term_values(leave_one_out(original, reference, program))
