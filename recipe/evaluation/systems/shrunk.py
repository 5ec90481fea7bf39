"""Control for GRPO: the answers of another system, only smaller and fewer.

All values of a program are multiplied by one factor, and its largest tools are kept. For each kind of row, the factor and
the number of tools with the highest mean reward on these same rows are taken: an upper bound of the gain that needs no new
knowledge, since the choice sees the rewards that it is measured by.
"""

from collections.abc import Mapping
from itertools import product

import pandas as pd

from iea.editor import Program, ProgramError
from iea.recipe.evaluation.scoring import score_answers
from iea.recipe.evaluation.systems.system import PROGRAMS, Settings, System
from iea.reward_fns.parse import parse_answer

FACTORS = (1.0, 0.8, 0.6, 0.4, 0.2)


def answers(rows: pd.DataFrame, settings: Settings) -> list[str]:
    """Shrink the answers in `settings.results`.

    Raises
    ------
    ValueError : no results are given, or they are of other rows
    """
    if settings.results is None:
        raise ValueError("the system shrunk must have results to shrink, got none; give shrunk=RESULTS.parquet")
    found = pd.read_parquet(settings.results, columns=["index", "answer"]).set_index("index").answer
    indices = [extra["index"] for extra in rows.extra_info]
    if missing := set(indices) - set(found.index):
        raise ValueError(
            f"{settings.results} must be results of the same rows, but lacks {len(missing)}; evaluate again"
        )
    answered = rows.assign(answer=found.loc[indices].to_numpy(), kind=[extra["kind"] for extra in rows.extra_info])
    best = {place: text for _, part in answered.groupby("kind") for place, text in _best(part, settings.terms).items()}
    return [best[place] for place in answered.index]


def _best(rows: pd.DataFrame, terms: Mapping[str, float] | None) -> "pd.Series[str]":
    """Return the shrunk answers with the highest mean reward; of equal ones the least shrunk."""
    programs = [_program(text) for text in rows.answer]
    most = max((len(program) for program in programs if program), default=1)
    tried = []
    for factor, count in product(FACTORS, range(most, 0, -1)):
        texts = [
            text if program is None else shrunk(program, factor, count).to_json()
            for text, program in zip(rows.answer, programs, strict=True)
        ]
        tried.append(pd.Series(texts, rows.index))
    asked = pd.concat([rows.assign(answer=texts) for texts in tried])
    keys = list(zip(asked.index, asked.answer, strict=True))
    once = asked[~pd.Series(keys, asked.index).duplicated()]
    scores = score_answers(once, once.answer.tolist(), terms=terms)
    reward = {key: score["score"] for key, score in zip(dict.fromkeys(keys), scores, strict=True)}
    return max(tried, key=lambda texts: sum(reward[key] for key in texts.items()))


def _program(text: str) -> Program | None:
    try:
        return parse_answer(text)
    except ProgramError:
        return None


def shrunk(program: Program, factor: float, count: int) -> Program:
    """Multiply the values by a factor and keep the largest tools, in their order; a value stays at least 1 from 0.

    >>> shrunk(Program({"exposure": 20, "tint": -45, "fade": 30}), 0.5, 2)
    Program({'tint': -22, 'fade': 15})
    """
    kept = sorted(program, key=lambda tool: -abs(program[tool]))[:count]
    smaller = {tool: round(factor * value) or (value > 0) - (value < 0) for tool, value in program.items()}
    return Program({tool: smaller[tool] for tool in program if tool in kept})


SYSTEM = System("shrunk", answers, PROGRAMS, value="results", whole=True)
