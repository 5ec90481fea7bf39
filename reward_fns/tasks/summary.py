"""Image-Summary: the original and the edited photograph -> one English sentence with the request behind the edit.

A judge compares the sentence with the row's own reference sentence and gives -10 to 10; the score is a tenth of it. Answers
that need no model are scored before (`judge.checks`). Where the judge is unavailable, the score is 0 and `fallback` 1, and
`iea.recipe.hooks.fallback` masks the group.
"""

import asyncio
import functools
import time
from collections.abc import Iterable, Sequence
from typing import Any

from iea.reward_fns.example import Example
from iea.reward_fns.judge import JudgeError, Rejection, judge_of, rejection
from iea.reward_fns.prompts import Style
from iea.reward_fns.result import Score, make_score
from iea.reward_fns.tasks.task import Call, Settings, Task

SCALE = 10.0  # from the rubric's -10..10 to the reward's -1..1
MAX_ROUGE_CHARS = 2_000  # of an answer; the cost grows with the length

OBSERVER = "You are an expert in photo retouching. From an edited photograph you infer the request behind the edit."
SUMMARY = """The first image is a photograph, the second is the same photograph after retouching. What did the user ask \
for? Answer with that request in one English sentence, and nothing else."""
SHORT_SUMMARY = "what was the request?"


def request(_: Example, style: Style) -> str:
    """Return the question, the same for every example."""
    return SHORT_SUMMARY if style == "short" else SUMMARY


def answer(example: Example, _: Style) -> str:
    """Return the example's sentence, the same in every style."""
    return example.summary


async def score(call: Call, settings: Settings) -> Score:
    """Score a sentence by the judge.

    Raises
    ------
    NoJudgeError, ValueError : no judge is configured, or with wrong settings
    TypeError, ValueError : the row has no reference sentence
    """
    start = time.perf_counter()
    judge = judge_of(settings.judge, settings.router)
    references = reference_sentences(call.get("summaries"))
    rejected, rouge = await asyncio.to_thread(_without_judge, references, call.text)
    facts = {"rouge_l": rouge, "reward_ms": _ms_since(start)}
    if rejected is not None and not rejected.needs_judge:
        return make_score(score=rejected.score / SCALE, **facts)
    start = time.perf_counter()
    try:
        judged = await judge.score(references[0], call.text) / SCALE
    except JudgeError:  # logged there
        return make_score(fallback=1, parsable=1, judge_ms=_ms_since(start), **facts)
    highest = 1.0 if rejected is None else rejected.score / SCALE
    return make_score(score=min(judged, highest), judge=judged, parsable=1, judge_ms=_ms_since(start), **facts)


def reference_sentences(value: object) -> list[str]:
    """Return the row's right answers, its own first, at least one; `value` is a list, or a text with one per line.

    Raises
    ------
    TypeError, ValueError : `value` is neither, or holds no sentence
    """
    sentences = value.split("\n") if isinstance(value, str) else value
    if not isinstance(sentences, Iterable):
        raise TypeError(f"extra_info['summaries'] must be sentences, got {value!r}; see iea.data_prep for the rows")
    kept = [text.strip() for text in sentences if isinstance(text, str) and text.strip()]
    if not kept:
        raise ValueError(f"extra_info['summaries'] must hold a sentence, got {value!r}; drop this row")
    return kept


def rouge_l(references: Sequence[str], prediction: str) -> float:
    """Return the F-measure of the longest common subsequence of stemmed words, the best over the references, in [0, 1].

    Reported as in the literature, and not part of the score: on sentences made from templates a constant answer scores
    about 0.7, so as a reward it would teach that answer.

    References
    ----------
    rouge-score, Google's implementation (`use_stemmer=True`). Other implementations split words otherwise: their values
    are not comparable.
    """
    return float(_rouge_scorer().score_multi(references, prediction)["rougeL"].fmeasure)


@functools.cache
def _rouge_scorer() -> Any:
    from rouge_score import rouge_scorer  # type: ignore[import-untyped]  # here: it takes a second to import

    return rouge_scorer.RougeScorer(["rougeL"], use_stemmer=True)


def _without_judge(references: list[str], text: str) -> tuple[Rejection | None, float]:
    return rejection(text, references), rouge_l(references, text[:MAX_ROUGE_CHARS])


def _ms_since(start: float) -> float:
    return (time.perf_counter() - start) * 1e3


TASK = Task(
    name="summary",
    sources=("iea/summary",),
    images=("original", "reference"),
    system=OBSERVER,
    request=request,
    answer=answer,
    score=score,
    reported=("score", "judge", "rouge_l", "parsable", "fallback", "error", "reward_ms", "judge_ms"),
)
