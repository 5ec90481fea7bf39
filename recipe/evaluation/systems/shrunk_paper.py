"""The control `shrunk`, chosen by the reward in the paper's form."""

from dataclasses import replace

from iea.recipe.evaluation.metrics.reward_paper import PAPER
from iea.recipe.evaluation.systems.shrunk import answers
from iea.recipe.evaluation.systems.system import PROGRAMS, System

SYSTEM = System("shrunk_paper", lambda rows, settings: answers(rows, replace(settings, terms=PAPER)), PROGRAMS)
