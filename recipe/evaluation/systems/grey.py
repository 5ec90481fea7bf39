"""Control: a trained policy that is shown grey images.

The reward is computed on the real photographs, so the loss against the checkpoint is what the policy reads from pixels.
"""

import pandas as pd

from iea.recipe.evaluation.systems.checkpoint import generate
from iea.recipe.evaluation.systems.system import Settings, System


def answers(rows: pd.DataFrame, settings: Settings) -> list[str]:
    """Generate the answers of the policy without its photographs. Raises ValueError if `settings.model` is None."""
    return generate(rows, settings, grey=True)


SYSTEM = System("grey", answers)
