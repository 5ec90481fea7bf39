"""A model as the agent uses it, and its answer."""

from dataclasses import dataclass
from typing import Protocol

from iea.editor import Image, Program

UNREACHED, NO_PROGRAM = 3, 4
"""Exit statuses: the endpoint cannot be used; the model, or the tools, have no program for the request."""


class ModelError(RuntimeError):
    """A model has no answer; no photograph was changed. `exit_status` is that of a command that ends with it."""

    def __init__(self, text: str, exit_status: int = NO_PROGRAM) -> None:
        super().__init__(text)
        self.exit_status = exit_status


@dataclass(frozen=True)
class Answer:
    """Answer to a request.

    program : for the original photograph, complete
    why : the model's reasons, "" = none given
    notes : for the user: words that were not understood, for example
    """

    program: Program
    why: str = ""
    notes: tuple[str, ...] = ()


class Model(Protocol):
    """A model with vision, or the offline interpreter. Images are small copies of photographs, uint8."""

    @property
    def name(self) -> str:
        """Name for the user."""

    def edit(self, original: Image, request: str) -> Answer:
        """Return the program for a first request. Raises ModelError."""

    def refine(self, original: Image, request: str, first: str, previous: Program) -> Answer:
        """Return the complete program after a further request; `first` is the request before. Raises ModelError."""

    def summarize(self, original: Image, edited: Image) -> str:
        """Return the request behind an edit as a sentence; both images have one shape. Raises ModelError."""
