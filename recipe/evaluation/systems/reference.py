"""Control: the reference itself, for which every metric of images has its best value."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from iea.editor import Image
from iea.editor.io import read_image
from iea.recipe.evaluation.systems.system import PROGRAMS, Answer, Edited, System


def wanted(extra: Mapping[str, Any]) -> Image:
    """Return the image that the edit should give."""
    return read_image(extra["reference"])


def answers(rows: pd.DataFrame, _: object) -> list[Answer]:
    """Return the reference of every row."""
    return [Edited(wanted)] * len(rows)


SYSTEM = System("reference", answers, PROGRAMS)
