"""What every search minimises: the distance of a program's result from the reference, with what it costs counted."""

from collections.abc import Mapping, Sequence

from iea.editor import TOOLS, Image, Program, distances, render


class OutOfBudgetError(Exception):
    """The search has used the evaluations it was given; its best program stands in the objective."""


class Objective:
    """D(program) of one pair, remembered: what was measured before costs nothing again.

    Parameters
    ----------
    original, reference : pictures of one shape and dtype
    limit : evaluations allowed, None = any number

    Attributes
    ----------
    evaluations : different programs rendered so far; programs that differ in tools at 0 only are one
    best, distance : the closest program so far, tools at 0 left out, and its distance in [0, 1]
    trace : (evaluations, distance) whenever a closer one was found
    """

    def __init__(self, original: Image, reference: Image, limit: int | None = None) -> None:
        self.original, self.reference, self.limit = original, reference, limit
        self._known: dict[Program, float] = {}
        self.best, self.distance = Program(), float("inf")
        self.trace: list[tuple[int, float]] = []

    @property
    def evaluations(self) -> int:
        return len(self._known)

    def __call__(self, edits: Mapping[str, int]) -> float:
        """D of one program."""
        return self.many([edits])[0]

    def many(self, programs: Sequence[Mapping[str, int]]) -> list[float]:
        """D of several, together faster than one by one.

        Raises
        ------
        OutOfBudgetError : `limit` does not allow for all of them; those it allows for are measured
        """
        wanted = [without_zeros(edits) for edits in programs]
        new = list(dict.fromkeys(program for program in wanted if program not in self._known))
        if self.limit is not None and self.evaluations + len(new) > self.limit:
            self._measure(new[: self.limit - self.evaluations])
            raise OutOfBudgetError
        self._measure(new)
        return [self._known[program] for program in wanted]

    def closest(self, programs: Sequence[Mapping[str, int]]) -> Program:
        """The program with the least D, the first of equals."""
        measured = self.many(programs)
        return without_zeros(programs[measured.index(min(measured))])

    def render(self, edits: Mapping[str, int]) -> Image:
        """The program's result; an evaluation like any other."""
        self(edits)
        return render(self.original, without_zeros(edits))

    def _measure(self, programs: Sequence[Program]) -> None:
        for program, found in zip(programs, distances(self.original, self.reference, programs), strict=True):
            self._known[program] = found
            if found < self.distance:
                self.best, self.distance = program, found
                self.trace.append((self.evaluations, found))


def without_zeros(edits: Mapping[str, int]) -> Program:
    """The program less its tools at 0."""
    return Program({name: value for name, value in edits.items() if value})


def changed(program: Mapping[str, int], tool: str, value: int) -> Program:
    """The program with one tool at another value, brought into its range."""
    return Program({**program, tool: min(max(value, TOOLS[tool].low), TOOLS[tool].high)})


def same_sign(tool: str, value: int, other: int) -> bool:
    """Whether `other` is a value of `tool` on the same side of 0 as `value`."""
    return value * other > 0 and TOOLS[tool].low <= other <= TOOLS[tool].high
