"""Control for Summary: a trained policy that sees the pair of images of another photograph.

The reward is computed with the row's own sentences, so the loss against the checkpoint is what the policy reads from the pair.
"""

import pandas as pd

from iea.recipe.evaluation.systems.checkpoint import generate
from iea.recipe.evaluation.systems.system import Settings, System


def answers(rows: pd.DataFrame, settings: Settings) -> list[str]:
    """Generate the answers of a policy to every row, shown the images of another one."""
    places = other_photographs([str(extra["photo"]) for extra in rows.extra_info])
    return generate(rows.assign(images=rows.images.to_numpy()[places]), settings)


def other_photographs(photos: list[str]) -> list[int]:
    """Return the place of a row of another photograph for every row; every row is taken once.

    The rows, sorted by photograph, are rotated by the rows of the most frequent one.

    Raises
    ------
    ValueError : a photograph has more than half of the rows

    Examples
    --------
    >>> other_photographs(["a", "b", "a", "b"])
    [1, 0, 3, 2]
    """
    order = sorted(range(len(photos)), key=lambda place: photos[place])
    most = max(map(photos.count, set(photos)))
    if 2 * most > len(photos):
        raise ValueError(
            f"no photograph may have more than half of the rows that are shuffled, got {most} of {len(photos)}; "
            "evaluate summaries of more photographs"
        )
    taken = dict(zip(order, order[most:] + order[:most], strict=True))
    return [taken[place] for place in range(len(photos))]


SYSTEM = System("shuffled", answers, ("summary",), value="model", whole=True)
