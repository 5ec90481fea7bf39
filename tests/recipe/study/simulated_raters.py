"""Simulate raters whose preferences are known: rankings as `Store.rankings` returns them."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

SYSTEMS = ("a", "b", "c", "d", "e")


def simulate(
    strengths: Sequence[float], *, raters: int, images: int, seed: int, taste: float = 0.0, scene: float = 0.0
) -> pd.DataFrame:
    """Draw rankings by Plackett-Luce, with random tastes and scenes.

    Parameters
    ----------
    strengths : log-strength of each of SYSTEMS, the first ones if fewer
    taste : standard deviation of a rater's own preference of a system, the same on all images
    scene : standard deviation of how well a system does on an image, the same for all raters
    """
    rng = np.random.default_rng(seed)
    k = len(strengths)
    utility = np.asarray(strengths, dtype=float) + rng.gumbel(size=(raters, images, k))
    utility += taste * rng.standard_normal((raters, 1, k)) + scene * rng.standard_normal((1, images, k))
    rank = (-utility).argsort(-1).argsort(-1) + 1
    index = pd.MultiIndex.from_product(
        [range(1, raters + 1), range(images), SYSTEMS[:k]], names=["rater", "item", "system"]
    )
    return pd.DataFrame({"rank": rank.ravel()}, index=index).reset_index()
