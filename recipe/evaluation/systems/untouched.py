"""Control: no edit. The result is the original; of Refine the previous result, against which the gain is counted."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from iea.editor import Image
from iea.editor.io import read_image
from iea.recipe.evaluation.systems.system import PROGRAMS, Answer, Edited, System


def unedited(extra: Mapping[str, Any]) -> Image:
    """Return the image before the edit."""
    return read_image(extra.get("previous") or extra["original"])


def answers(rows: pd.DataFrame, _: object) -> list[Answer]:
    """Return no edit for every row."""
    return [Edited(unedited)] * len(rows)


SYSTEM = System("untouched", answers, PROGRAMS)
