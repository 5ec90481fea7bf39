"""Moves that several methods make: coordinate steps, and leaving out what does not help."""

from collections.abc import Iterable

from iea.data_prep.label.objective import Objective, changed
from iea.editor import TOOLS, Program


def descend(objective: Objective, program: Program, steps: Iterable[int]) -> Program:
    """For every step, from large to small: move tool by tool, up or down, on as long as it helps."""
    for step in steps:
        for tool in program:
            for signed in (step, -step):
                while tool in program:
                    moved = changed(program, tool, program[tool] + signed)
                    if objective(moved) >= objective(program):
                        break
                    program = moved
    return program


def prune(objective: Objective, program: Program, at_most: int = len(TOOLS)) -> Program:
    """Leave out tools, the least useful first, until at most `at_most` are left and leaving any out makes D worse.

    R_use of what is left is 1.
    """
    while program:
        best = objective.closest([program.without(tool) for tool in program])
        if objective(best) > objective(program) and len(program) <= at_most:
            break
        program = best
    return program
