"""The quantity that every search minimizes, with a count of its cost, and the moves that several methods share."""

from collections.abc import Iterable, Mapping, Sequence

from iea.editor import TOOLS, Image, Program, distances, render


class OutOfBudgetError(Exception):
    """The search has used up its evaluations; the objective holds its best program."""


class Objective:
    """D(program) of one pair. Results are cached: to measure a program again costs nothing.

    A subclass with another `rendered` searches the programs of another editor whose tools have these names and ranges.

    Parameters
    ----------
    original, reference : images of one shape and dtype
    limit : evaluations allowed, None = any number

    Attributes
    ----------
    evaluations : different programs rendered so far; programs that differ in tools at 0 only are one
    tools : the tools that a search may add
    best, distance : the closest program so far, without tools at 0, and its distance in [0, 1]
    trace : (evaluations, distance) whenever a closer one was found
    """

    tools: Sequence[str] = tuple(TOOLS)

    def __init__(self, original: Image, reference: Image, limit: int | None = None) -> None:
        self.original, self.reference, self.limit = original, reference, limit
        self._known: dict[Program, float] = {}
        self.best, self.distance = Program(), float("inf")
        self.trace: list[tuple[int, float]] = []

    @property
    def evaluations(self) -> int:
        return len(self._known)

    def __call__(self, edits: Mapping[str, int]) -> float:
        """Return D of one program."""
        return self.many([edits])[0]

    def many(self, programs: Sequence[Mapping[str, int]]) -> list[float]:
        """Return D of several programs, together faster than one by one.

        Raises
        ------
        OutOfBudgetError : `limit` does not allow for all of them; those it allows for are measured
        """
        wanted = [without_zeros(edits) for edits in programs]
        new = list(dict.fromkeys(program for program in wanted if program not in self._known))
        left = len(new) if self.limit is None else self.limit - self.evaluations
        affordable = new[:left]
        for program, found in zip(affordable, self.distances(affordable), strict=True):
            self._known[program] = found
            if found < self.distance:
                self.best, self.distance = program, found
                self.trace.append((self.evaluations, found))
        if len(new) > left:
            raise OutOfBudgetError
        return [self._known[program] for program in wanted]

    def closest(self, programs: Sequence[Mapping[str, int]]) -> Program:
        """Return the program with the least D, the first of equals."""
        measured = self.many(programs)
        return without_zeros(programs[measured.index(min(measured))])

    def render(self, edits: Mapping[str, int]) -> Image:
        """Return the program's result; an evaluation like any other."""
        self(edits)
        return self.rendered(without_zeros(edits))

    def rendered(self, program: Program) -> Image:
        """Return the program's result, uncounted."""
        return render(self.original, program)

    def distances(self, programs: Sequence[Program]) -> list[float]:
        """Return D of several programs, uncounted."""
        return distances(self.original, self.reference, programs)


def without_zeros(edits: Mapping[str, int]) -> Program:
    """Return the program without its tools at 0."""
    return Program({name: value for name, value in edits.items() if value})


def changed(program: Mapping[str, int], tool: str, value: int) -> Program:
    """Return the program with one tool at another value, clipped to its range."""
    return Program({**program, tool: min(max(value, TOOLS[tool].low), TOOLS[tool].high)})


def descend(objective: Objective, program: Program, steps: Iterable[int]) -> Program:
    """For every step, from large to small: move tool by tool, up or down, as long as D falls."""
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
    """Leave out tools, the least useful first, until at most `at_most` remain and D rises without any of them.

    R_use of the result is 1.
    """
    while program:
        best = objective.closest([program.without(tool) for tool in program])
        if objective(best) > objective(program) and len(program) <= at_most:
            break
        program = best
    return program
