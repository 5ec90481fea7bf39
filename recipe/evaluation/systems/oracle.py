"""Upper bound: the closest program that a long search finds, from the row's own program and the two images.

The search sees the reference, which no other system does. Rows of one pair share a search.
"""

import asyncio
import os
from collections.abc import Mapping
from typing import Any

import pandas as pd

from iea.data_prep.label.match import upper_bound
from iea.editor import Program
from iea.editor.io import read_image
from iea.recipe.evaluation.systems.system import PROGRAMS, System
from iea.reward_fns.workers import WorkerError, shared_pool

LIMIT_S = 3600.0  # of one search; large images on a busy machine take minutes


def answers(rows: pd.DataFrame, _: object) -> list[str]:
    """Search the pair of every row, on all CPUs."""
    return asyncio.run(_answers([_key(extra) for extra in rows.extra_info]))


def _key(extra: Mapping[str, Any]) -> tuple[str, str, str]:
    return extra["original"], extra["reference"], extra["program"]


async def _answers(keys: list[tuple[str, str, str]]) -> list[str]:
    pool, pairs = shared_pool(os.cpu_count() or 1), list(dict.fromkeys(keys))
    try:
        found = await asyncio.gather(*(pool.run(LIMIT_S, best_program, *pair) for pair in pairs))
    except WorkerError as error:
        raise ValueError(f"the oracle must read the images of every row, got {str(error).splitlines()[-1]}") from error
    program = dict(zip(pairs, found, strict=True))
    return [program[key] for key in keys]


def best_program(original: str, reference: str, known: str) -> str:
    """Return the JSON of the closest program to the pair of these files, never further than `known`, "" for none.

    Raises
    ------
    OSError, ValueError : an image cannot be read, or `known` is not a program
    """
    start = Program.from_json(known) if known else Program()
    return upper_bound(read_image(original), read_image(reference), start).program.to_json()


SYSTEM = System("oracle", answers, PROGRAMS)
