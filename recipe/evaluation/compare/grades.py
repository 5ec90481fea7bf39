"""Grade every edit by itself, as VIEScore does: semantic consistency SC, perceptual quality PQ, and the overall grade.

SC = min(instruction, preservation), PQ = min(naturalness, artifacts), overall = sqrt(SC PQ), all from 0 to 10. SC is of one
call with the original, the result and the request, PQ of another with the result alone.

References
----------
Ku et al., VIEScore: Towards Explainable Metrics for Conditional Image Synthesis Evaluation (2024), arXiv 2312.14867. The
words of the prompts are ours, and so are the grades of photographs in place of generated images.
"""

from math import nan, sqrt

from iea.recipe.evaluation.compare.grader import Outcome, Question
from iea.recipe.evaluation.compare.items import Edits, Item
from iea.recipe.evaluation.compare.prompts.following import FOLLOWING, Following
from iea.recipe.evaluation.compare.prompts.quality import QUALITY, Quality


def grade_questions(edits: Edits, system: str, item: Item) -> tuple[Question, Question]:
    """Return the questions of SC and of PQ."""
    shown = edits.shown(system, item)
    return Question(FOLLOWING, item.request, (item.original, shown)), Question(QUALITY, "", (shown,))


def grade(following: Outcome, quality: Outcome) -> dict[str, float]:
    """Return the grades, from 0 to 10; NaN where an answer is missing, and so for `overall` if either is.

    Examples
    --------
    >>> found = grade(Following(reason="", instruction=8, preservation=4), Quality(reason="", naturalness=9, artifacts=9))
    >>> found["SC"], found["PQ"], found["overall"]
    (4.0, 9.0, 6.0)
    """
    instruction = preservation = naturalness = artifacts = nan
    if isinstance(following, Following):
        instruction, preservation = following.instruction, following.preservation
    if isinstance(quality, Quality):
        naturalness, artifacts = quality.naturalness, quality.artifacts
    consistency, perceptual = min(instruction, preservation), min(naturalness, artifacts)
    return {
        "instruction": instruction,
        "preservation": preservation,
        "SC": consistency,
        "naturalness": naturalness,
        "artifacts": artifacts,
        "PQ": perceptual,
        "overall": sqrt(consistency * perceptual),
    }
