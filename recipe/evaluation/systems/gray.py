"""Control: a trained policy that sees gray images in place of the photograph and, in Refine, of the previous result.

The reward is computed on the real photographs, so the loss against the checkpoint is what the policy reads from pixels.
"""

from functools import partial

from iea.recipe.evaluation.systems.checkpoint import generate, start
from iea.recipe.evaluation.systems.system import PROGRAMS, System

SYSTEM = System("gray", partial(generate, gray=True), PROGRAMS, start=partial(start, gray=True), value="model")
