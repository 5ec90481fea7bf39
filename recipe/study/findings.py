"""Analyze the rankings of a study: attentive raters, preferences for each question, consistency of the raters."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import kendalltau

from iea.recipe.evaluation.statistics import Floats
from iea.recipe.study.statistics import Friedman, friedman, mean_rank_intervals, pairwise, strengths
from iea.recipe.study.study import DAMAGED


@dataclass(frozen=True)
class Findings:
    """The answer to one question.

    systems : one line per system, best mean rank first: mean_rank, low and high (95 % over raters), low_images and
        high_images (over raters and images), win_rate, first (shares of pairs won and of first places), elo
    over_raters : test whose blocks are raters
    over_rankings : the form of papers, whose blocks are raters x images and depend on each other
    image_w : Kendall's W of the raters, for each image
    pairs : better, worse, win_rate of the better, p (Holm)
    """

    systems: pd.DataFrame
    over_raters: Friedman
    over_rankings: Friedman
    image_w: pd.Series
    pairs: pd.DataFrame


def attention(rankings: pd.DataFrame) -> pd.Series:
    """Return the share of attention checks that each rater passed: the damaged image has the last place.

    Examples
    --------
    >>> lines = pd.DataFrame({"rater": 1, "page": 1, "kind": "check", "system": ["a", "damaged"], "rank": [1, 2]})
    >>> attention(lines)[1].item()
    1.0
    """
    checks = rankings[rankings.kind == "check"]
    last = checks.groupby(["rater", "page"])["rank"].transform("max")
    damaged = checks.system == DAMAGED
    return (checks["rank"] == last)[damaged].groupby(checks.rater[damaged]).mean()


def consistency(rankings: pd.DataFrame) -> float:
    """Return the mean of Kendall's tau between two rankings of one item by one rater, in [-1, 1]; NaN without repeats."""
    keys = ["rater", "item", "question", "system"]
    first, again = (rankings[rankings.kind == kind].set_index(keys)["rank"] for kind in ("item", "repeat"))
    both = pd.concat([first, again], axis=1, join="inner", keys=["first", "again"])
    taus = [kendalltau(pair["first"], pair["again"]).statistic for _, pair in both.groupby(keys[:3])]
    return float(np.mean(taus)) if taus else np.nan


def analyze(rankings: pd.DataFrame, systems: Sequence[str]) -> Findings:
    """Analyze the rankings of one question, without checks and repeats.

    Parameters
    ----------
    rankings : rater, item, system, rank; each rater's ranking of an item has all systems
    systems : names

    Raises
    ------
    ValueError : the table is empty
    """
    if rankings.empty:
        raise ValueError("a report needs rankings of every question, got none of one; wait for raters")
    table = rankings.pivot(index=["rater", "item"], columns="system", values="rank")[list(systems)].astype(float)
    cube = _cube(table)
    per_rater = table.groupby("rater").mean().to_numpy()
    blocks = table.to_numpy()
    wins = (blocks[:, :, None] < blocks[:, None, :]).mean(0)
    lines = pd.DataFrame(
        {
            "system": list(systems),
            "mean_rank": blocks.mean(0),
            **_ends(mean_rank_intervals(cube), ""),
            **_ends(mean_rank_intervals(cube, over_images=True), "_images"),
            "win_rate": wins.sum(1) / (len(systems) - 1),
            "first": (blocks == 1).mean(0),
            "elo": strengths([tuple(row) for row in blocks.argsort(1, kind="stable").tolist()], len(systems)),
        }
    )
    order = lines.mean_rank.argsort(kind="stable")
    return Findings(
        systems=lines.iloc[order].reset_index(drop=True),
        over_raters=friedman(per_rater),
        over_rankings=friedman(blocks),
        image_w=table.groupby("item").apply(lambda block: friedman(block.to_numpy()).w),
        pairs=_pairs(systems, order.to_list(), wins, pairwise(per_rater)),
    )


def _cube(table: pd.DataFrame) -> Floats:
    """Return (raters, images, systems), NaN where a rater did not rank an image."""
    raters, items = table.index.get_level_values("rater"), table.index.get_level_values("item")
    rater_codes, item_codes = pd.factorize(raters)[0], pd.factorize(items)[0]
    cube = np.full((raters.nunique(), items.nunique(), table.shape[1]), np.nan)
    cube[rater_codes, item_codes] = table.to_numpy()
    return cube


def _ends(intervals: Floats, suffix: str) -> dict[str, Floats]:
    return {f"low{suffix}": intervals[:, 0], f"high{suffix}": intervals[:, 1]}


def _pairs(systems: Sequence[str], order: Sequence[int], wins: Floats, p: Floats) -> pd.DataFrame:
    lines = [
        {"better": systems[one], "worse": systems[other], "win_rate": wins[one, other], "p": p[one, other]}
        for place, one in enumerate(order)
        for other in order[place + 1 :]
    ]
    return pd.DataFrame(lines)
