"""Image-Summary: the original and the edited photograph -> one English sentence that says what the edit was for.

A judge compares the sentence with the first of the row's reference sentences and gives -10 to 10; the score is a tenth
of it. What needs no model is settled before (`judge.checks`). Where the judge cannot be had the score is 0 and
`fallback` 1, and the trainer's side must see to it that the whole group learns nothing (`iea.recipe.hooks.fallback`).
"""

import asyncio
import time
from collections.abc import Iterable

from iea.reward_fns.judge import JudgeError, JudgeSettings, Rejection, rejection, shared_judge
from iea.reward_fns.result import Result, Score
from iea.reward_fns.rouge import rouge_l
from iea.reward_fns.tasks.task import Call, Settings, Task

SCALE = 10.0  # from the rubric's -10..10 to the reward's -1..1
MAX_ROUGE_CHARS = 2_000  # of an answer; its cost grows with the length, and only rambling is longer


async def score(call: Call, settings: Settings) -> Score:
    """The judge's view of an answer.

    Raises
    ------
    NoJudgeError, ValueError : no judge is configured, or none that there could be
    TypeError, ValueError : the row has no reference sentence
    """
    start = time.perf_counter()
    judge = shared_judge(JudgeSettings.read(settings.judge, settings.router))
    references = reference_sentences(call.get("summaries"))
    rejected, rouge = await asyncio.to_thread(_look, references, call.text)
    reward_ms = _ms_since(start)
    if rejected is not None:
        worth = rejected.score / SCALE
        return Result(score=worth, rouge_l=rouge, reward_ms=reward_ms).as_score()
    start = time.perf_counter()
    try:
        judged = await judge.score(references[0], call.text) / SCALE
    except JudgeError:  # logged there
        result = Result(fallback=1.0, parsable=1.0, rouge_l=rouge, reward_ms=reward_ms)
    else:
        result = Result(score=judged, judge=judged, parsable=1.0, rouge_l=rouge, reward_ms=reward_ms)
    return result.as_score() | {"judge_ms": _ms_since(start)}


def reference_sentences(value: object) -> list[str]:
    """What the row says was meant, its own sentence first: a list, or text with one a line; at least one.

    Raises
    ------
    TypeError, ValueError : it is neither
    """
    sentences = value.split("\n") if isinstance(value, str) else value
    if not isinstance(sentences, Iterable):
        raise TypeError(
            f"extra_info['summaries'] must be sentences, got {value!r}; see iea.data_prep for the rows"
        )
    kept = [text.strip() for text in sentences if isinstance(text, str) and text.strip()]
    if not kept:
        raise ValueError(f"extra_info['summaries'] must hold a sentence, got {value!r}; drop this row")
    return kept


def _look(references: list[str], text: str) -> tuple[Rejection | None, float]:
    return rejection(text, references), rouge_l(references, text[:MAX_ROUGE_CHARS])


def _ms_since(start: float) -> float:
    return (time.perf_counter() - start) * 1e3


TASK = Task(
    ("iea/summary",),
    ("score", "judge", "rouge_l", "parsable", "fallback", "error", "reward_ms", "judge_ms"),
    score,
)
