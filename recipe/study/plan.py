"""Plan the pages of a rater: order of items, of questions and of results, attention checks and repeated items."""

import random
from dataclasses import dataclass
from typing import Literal

from iea.recipe.study.study import DAMAGED, QUESTIONS, Study

Kind = Literal["item", "check", "repeat"]


@dataclass(frozen=True)
class Page:
    """One question about one item.

    item : index in the study's items
    kind : "check" shows a damaged image in the place of one result; "repeat" shows an item again
    question : of QUESTIONS
    shown : systems in the order of their places on the page
    """

    item: int
    kind: Kind
    question: str
    shown: tuple[str, ...]


def plan_pages(study: Study, rater: int) -> list[Page]:
    """Plan all pages of a rater; the same study and rater give the same pages.

    Items are in random order, with the checks evenly between them; the items seen first come again at the end. The two
    questions about an item follow each other and show its results at the same places. Their order is the rater's.

    Parameters
    ----------
    rater : number of the rater, from 1
    """
    rng = random.Random(f"{study.seed}/{rater}")
    items = rng.sample(range(len(study.items)), len(study.items))
    trials: list[tuple[Kind, int]] = [("item", item) for item in items]
    trials += [("repeat", item) for item in items[: study.repeats]]
    checks = [number for number, item in enumerate(study.items) if item.damaged]
    rng.shuffle(checks)
    step = len(trials) / (len(checks) + 1)
    for number in reversed(range(len(checks))):
        trials.insert(round(step * (number + 1)), ("check", checks[number]))
    questions = rng.sample(QUESTIONS, len(QUESTIONS))
    pages = []
    for kind, item in trials:
        shown = rng.sample(study.systems, len(study.systems))
        if kind == "check":
            shown[rng.randrange(len(shown))] = DAMAGED
        pages += [Page(item, kind, question, tuple(shown)) for question in questions]
    return pages
