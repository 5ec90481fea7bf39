"""FLIP: mean difference that a viewer sees while the images alternate (Andersson et al. 2020)."""

import numpy as np

from iea.recipe.evaluation.metrics.compared import Shown
from iea.recipe.evaluation.metrics.metric import MetricSettings, image_metric, lacks


def flip(shown: Shown) -> float:
    """Return the mean of LDR-FLIP at 67 pixels per degree, its default: a 4K display, 0.7 m wide and 0.7 m away."""
    from flip_evaluator import evaluate

    result, reference = (levels.astype(np.float32) for levels in shown.levels())
    _, mean, _ = evaluate(reference, result, "LDR", applyMagma=False)
    return float(mean)


def unavailable(_: MetricSettings) -> str:
    """Return the reason why it cannot be computed."""
    return lacks("flip-evaluator", "flip_evaluator")


METRIC = image_metric(
    "flip",
    "FLIP",
    lambda _: flip,
    better="lower",
    span="0 to 1",
    source="flip-evaluator: LDR, 67 pixels per degree, mean over pixels",
    rank=27,
    unavailable=unavailable,
)
