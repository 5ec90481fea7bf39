"""Statistics of rankings: Friedman's test and Kendall's W, pairs with Holm's correction, Bradley-Terry, bootstrap over raters.

Rankings of one rater resemble each other. A test whose blocks are raters x images therefore rejects too often where raters
have tastes of their own; here the test, the pairs and the intervals have raters as their blocks. The other form is computed
too, since papers print it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import friedmanchisquare

from iea.recipe.evaluation.statistics import CONFIDENCE, ELO, Floats

RESAMPLES = 2000
PRIOR = 0.01
"""Regularization of Bradley-Terry strengths (choix's alpha): finite for a system that always wins."""


@dataclass(frozen=True)
class Friedman:
    """Friedman's test; NaN with fewer than two blocks or three systems.

    blocks : number of rankings N
    chi2 : statistic, corrected for ties, with k - 1 degrees of freedom
    p : probability of such a statistic where no system is preferred
    w : Kendall's W, in [0, 1]: 0 = no agreement of the blocks, 1 = all rank alike
    """

    blocks: int
    chi2: float
    p: float
    w: float


def kendall_w(chi2: float, blocks: int, systems: int) -> float:
    """Return Kendall's W = chi2 / (N (k - 1)).

    Examples
    --------
    >>> kendall_w(11.142857, blocks=22, systems=3).__round__(4)
    0.2532
    """
    return chi2 / (blocks * (systems - 1))


def friedman(ranks: Floats) -> Friedman:
    """Test if some system is preferred.

    Parameters
    ----------
    ranks : (N, k), one block in each row: ranks, or any numbers to rank within the block, the smallest first

    Examples
    --------
    >>> friedman(np.array([[1, 2, 3], [1, 2, 3], [2, 1, 3.0]])).w.__round__(3)
    0.778
    """
    blocks, systems = ranks.shape
    if blocks < 2 or systems < 3:
        return Friedman(blocks, np.nan, np.nan, np.nan)
    chi2, p = friedmanchisquare(*ranks.T)
    return Friedman(blocks, float(chi2), float(p), kendall_w(float(chi2), blocks, systems))


def pairwise(ranks: Floats) -> Floats:
    """Compare all pairs of systems by Wilcoxon's signed-rank test, with Holm's correction.

    Unlike a post-hoc test on mean ranks, the p of a pair does not depend on the other systems in the study, but for the
    number of pairs. It is exact for up to 13 raters, which takes seconds a pair, and asymptotic for more if ranks are tied.

    Parameters
    ----------
    ranks : (N, k), independent blocks: the mean rank of each system for each rater

    Returns
    -------
    (k, k) corrected p, 1 on the diagonal; NaN with fewer than two blocks
    """
    import scikit_posthocs

    blocks, systems = ranks.shape
    if blocks < 2:
        return np.full((systems, systems), np.nan)
    with np.errstate(invalid="ignore"):  # two equal systems: scipy divides 0 by 0, and returns p = 1
        found = scikit_posthocs.posthoc_wilcoxon(list(ranks.T), p_adjust="holm")
    return np.asarray(found, dtype=np.float64)


def strengths(rankings: Sequence[tuple[int, ...]], systems: int) -> Floats:
    """Estimate Bradley-Terry strengths from rankings (Plackett-Luce: repeated choices of the best of those left).

    Parameters
    ----------
    rankings : systems by their index, best first; of all or some of the systems

    Returns
    -------
    (systems,) in points of Elo with mean 0: 400 more is 10 times the odds

    Examples
    --------
    >>> strengths([(0, 1)] * 10 + [(1, 0)], 2).round(-1)
    array([ 200., -200.])
    """
    import choix

    found = np.asarray(choix.ilsr_rankings(systems, list(rankings), alpha=PRIOR), dtype=np.float64)
    return np.asarray(ELO * (found - found.mean()), dtype=np.float64)


def mean_rank_intervals(cube: Floats, *, over_images: bool = False, resamples: int = RESAMPLES) -> Floats:
    """Estimate the 95 % intervals of mean ranks by a bootstrap over raters, or over raters and images.

    A resample draws raters with replacement and takes all rankings of each. With `over_images` it draws images too, each
    drawn rater having all the drawn images (the pigeonhole bootstrap of Owen, 2007): the interval is then about other images
    as well, and not only about other raters of the same ones.

    Parameters
    ----------
    cube : (raters, images, systems) ranks, NaN where a rater did not rank an image
    resamples : of the bootstrap, which has a fixed seed

    Returns
    -------
    (systems, 2) lower and upper ends; NaN with fewer than two raters
    """
    raters, images, systems = cube.shape
    if raters < 2:
        return np.full((systems, 2), np.nan)
    rng = np.random.default_rng(0)
    seen = ~np.isnan(cube[:, :, 0])
    times = rng.multinomial(raters, np.full(raters, 1 / raters), resamples)
    times_image = np.ones((resamples, images))
    if over_images:
        times_image = rng.multinomial(images, np.full(images, 1 / images), resamples).astype(float)
    sums = np.einsum("bi,bis->bs", times_image, np.tensordot(times, np.nan_to_num(cube), 1))
    counts = np.einsum("bi,bi->b", times_image, times @ seen)
    means = sums[counts > 0] / counts[counts > 0, None]
    ends = [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2]
    return np.asarray(np.quantile(means, ends, axis=0).T, dtype=np.float64)
