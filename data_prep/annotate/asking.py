"""Put many questions to a teacher, several at once, and keep what becomes of each."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from tqdm import tqdm

from iea.data_prep.annotate.teacher import Answer, Question, Teacher, UnansweredError
from iea.data_prep.runner import RejectedError

ASKED = "asked.json"  # beside the report: what became of the questions, and what the last run spent


class UnfinishedError(Exception):
    """Questions are left without an answer; the text says how many, why, and what to do."""


@dataclass
class Outcomes:
    """By a question's name: the answers, the rejections, and what was not answered this time."""

    answers: dict[str, Answer] = field(default_factory=dict)
    rejected: dict[str, RejectedError] = field(default_factory=dict)
    unanswered: dict[str, UnansweredError] = field(default_factory=dict)

    def described(self) -> dict[str, Any]:
        """Counts, and the tokens of all answers, whenever they were paid for."""
        answers = self.answers.values()
        return {
            "answers": len(answers),
            "rejected": _by_reason(self.rejected.values()),
            "unanswered": _by_reason(self.unanswered.values()),
            "unanswered_because": sorted({error.text for error in self.unanswered.values()})[:3],
            "tokens_in": sum(answer.tokens_in for answer in answers),
            "tokens_out": sum(answer.tokens_out for answer in answers),
        }


async def ask(
    teacher: Teacher,
    questions: Sequence[Question],
    *,
    at_once: int,
    quiet: bool = False,
    shown: Callable[[], str] = str,
) -> Outcomes:
    """Put every question once.

    Parameters
    ----------
    questions : names must differ
    at_once : questions under way at any time, >= 1
    shown : what stands at the end of the progress bar, for example what was spent
    """
    outcomes = Outcomes()
    waiting = iter(questions)
    with tqdm(total=len(questions), desc=f"ask {teacher.name}", unit="pair", disable=quiet) as bar:

        def done() -> None:
            bar.set_postfix_str(shown(), refresh=False)
            bar.update()

        await asyncio.gather(*(_worker(teacher, waiting, outcomes, done) for _ in range(at_once)))
    return outcomes


async def _worker(
    teacher: Teacher, waiting: Iterator[Question], outcomes: Outcomes, done: Callable[[], None]
) -> None:
    for question in waiting:
        try:
            outcomes.answers[question.name] = await teacher.answer(question)
        except RejectedError as error:
            outcomes.rejected[question.name] = error
        except UnansweredError as error:
            outcomes.unanswered[question.name] = error
        done()


def _by_reason(errors: Any) -> dict[str, int]:
    return dict(sorted(Counter(error.reason for error in errors).items()))
