"""The offline interpreter: reads requests by the grammar of the phrase files. It looks at the photograph only to improve it."""

from collections.abc import Iterator

from iea.data_prep.label import fit_program
from iea.data_prep.language.requests import plain_sentence
from iea.editor import TOOLS, Image, Program, render
from iea.recipe.agent.grammar.amounts import Edit
from iea.recipe.agent.grammar.reading import Reading, read_request
from iea.recipe.agent.look import IMPROVING, improved_look, match_look
from iea.recipe.agent.models.model import Answer, ModelError

MOST = 60  # of a value that no words ask for
UNMEASURED = {"vibrance": 30, "natural_contrast": 30, "sharpness": 30}
"""Tool that is to be better and whose measure the statistics lack -> its value."""


class Offline:
    """An interpreter without a model.

    >>> import numpy as np
    >>> answer = Offline().edit(np.full((8, 8, 3), 99, np.uint8), "much warmer, and fluffier")
    >>> answer.program, answer.notes
    (Program({'temperature': 80}), ('not understood: "fluffier"',))
    """

    name = "offline interpreter"

    def edit(self, original: Image, request: str) -> Answer:
        """Read a first request."""
        return self.refine(original, request, "", Program())

    def refine(self, original: Image, request: str, first: str, previous: Program) -> Answer:
        """Read a request, and add its edits to the previous program."""
        reading = read_request(request).possible(previous)
        program = reading.applied(previous)
        if reading.improved:
            program = self._improved(original, reading, program)
        notes = tuple(_notes(reading, previous, program))
        if program == previous:
            raise ModelError(_nothing(notes, understood=reading != Reading(unknown=reading.unknown)))
        return Answer(program, "", notes)

    def summarize(self, original: Image, edited: Image) -> str:
        """Return the plainest request for the program that explains the edit best."""
        program = fit_program(original, edited)
        if not program:
            raise ModelError("an edit must be one that the tools can make, got one that none of them comes closer to")
        return plain_sentence(program)

    def _improved(self, original: Image, reading: Reading, program: Program) -> Program:
        """Add values that bring the tones and the color cast of the photograph to the usual ones."""
        taken = {edit.tool for edit in reading.edits} | {*reading.kept, *reading.dropped}
        everything = len(reading.improved) == len(TOOLS)
        wanted = [tool for tool in (IMPROVING if everything else reading.improved) if tool not in taken]
        tools = [tool for tool in wanted if tool not in (*UNMEASURED, "saturation")]
        current = render(original, program)
        found = match_look(current, improved_look(current), tools, MOST).program if tools else Program()
        others = {tool: value for tool, value in UNMEASURED.items() if tool in wanted}
        values = {tool: program.get(tool, 0) + value for tool, value in {**found, **others}.items()}
        return Program({**program, **{t: min(max(v, TOOLS[t].low), TOOLS[t].high) for t, v in values.items()}})


def _notes(reading: Reading, previous: Program, program: Program) -> Iterator[str]:
    if reading.improved:
        done = "are about the usual ones" if program == previous else "were moved towards the usual ones"
        yield f"no kind of change was named: the tones and color cast that were measured {done}"
    for edit in reading.edits:
        if program.get(edit.tool, 0) == previous.get(edit.tool, 0):
            yield f"{edit.tool} stays at {program.get(edit.tool, 0)}{_bound(edit)}"
    for name, tools in (("left as it is", reading.kept), ("not used", reading.dropped)):
        if tools:
            yield f"{name}: {', '.join(tools)}"
    if reading.unknown:
        yield "not understood: " + ", ".join(f'"{words}"' for words in reading.unknown)


def _bound(edit: Edit) -> str:
    """Return why an edit does not change the value of its tool."""
    tool = TOOLS[edit.tool]
    if edit.absolute or not edit.value:
        return ""
    if edit.value < 0 and tool.low == 0:
        return f", no tool takes {tool.name} away that the photograph has by itself"
    return f", its range is {tool.low} to {tool.high}"


def _nothing(notes: tuple[str, ...], *, understood: bool) -> str:
    if understood:
        return f"the request changes nothing: {'; '.join(notes)}; name another change"
    about = f" ({'; '.join(notes)})" if notes else ""
    return (
        f'the request must name a change that the offline interpreter reads, such as "warmer and a bit brighter"{about}; '
        "say it in other words, or give --endpoint for a model with vision"
    )
