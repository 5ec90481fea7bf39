"""The control `shrunk`, chosen by the reward in the paper's form."""

from dataclasses import replace

from iea.recipe.evaluation.systems.shrunk import answers
from iea.recipe.evaluation.systems.system import PROGRAMS, System
from iea.reward_fns.weights import PAPER_WEIGHTS

SYSTEM = System(
    "shrunk_paper",
    lambda rows, settings: answers(rows, replace(settings, terms=dict(PAPER_WEIGHTS))),
    PROGRAMS,
    value="results",
    whole=True,
)
