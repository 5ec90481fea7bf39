"""Upper bound: the program that made each reference."""

from iea.recipe.evaluation.systems.system import PROGRAMS, System

SYSTEM = System("true_programs", lambda rows, _: [str(extra["program"]) for extra in rows.extra_info], PROGRAMS)
