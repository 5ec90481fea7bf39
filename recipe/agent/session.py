"""A conversation about one photograph: turns, each refining the last, with undo and redo; kept as JSON."""

import hashlib
import json
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from iea.data_prep.files import write_json
from iea.data_prep.label.match import reduced
from iea.editor import Image, Program, ProgramError
from iea.editor.io import regular
from iea.recipe.agent.commands import Command, command_of
from iea.recipe.agent.limits import explained, reminders, split_request
from iea.recipe.agent.models.model import Model, ModelError

SEEN = 768  # px, longer side of the copy that models see
VERSION = 1


@dataclass(frozen=True)
class Turn:
    """One step of a conversation.

    request : as it was said, "" for a program that was given
    program : the complete program after it
    base : the program before it; "less" and "more" move between both
    by : the model, or "command", "style", "program"
    why : the model's reasons
    notes : for the user: limits of the tools, words that were not understood
    result : path of the file that shows it, "" = none was written
    at : seconds since 1970
    """

    request: str
    program: Mapping[str, int]
    base: Mapping[str, int]
    by: str
    why: str = ""
    notes: tuple[str, ...] = ()
    result: str = ""
    at: float = 0.0


@dataclass
class Session:
    """A conversation about one photograph.

    photo : its path
    sha256 : of its file, "" = not known
    turns : all steps, those that were undone included
    length : number of steps that hold; the others can be redone
    """

    photo: str
    sha256: str = ""
    turns: list[Turn] = field(default_factory=list)
    length: int = 0

    @classmethod
    def begin(cls, photo: Path) -> "Session":
        """Begin a conversation about a file."""
        return cls(str(photo.resolve()), hashlib.sha256(regular(photo).read_bytes()).hexdigest())

    @property
    def program(self) -> Program:
        """The present program."""
        return Program(self.turns[self.length - 1].program) if self.length else Program()

    @property
    def turn(self) -> Turn | None:
        """The last step that holds."""
        return self.turns[self.length - 1] if self.length else None

    def say(self, request: str, image: Image, model: Model, *, fresh: bool = False) -> Turn:
        """Take a step: a command such as "undo", or a request to a model.

        Parameters
        ----------
        image : the photograph, at any size
        fresh : edit the original instead of the last result

        Returns
        -------
        the step that holds afterwards; after "undo" of the first one, an empty program

        Raises
        ------
        ModelError : nothing in the request can be done, or the model has no answer; the conversation is unchanged
        ValueError : a command has nothing to act on
        """
        command = None if fresh else command_of(request)
        if command is not None:
            return self._obey(command, request)
        rest, limits = split_request(request)
        said = explained(limits)
        if limits and not rest.strip():
            raise ModelError(" ".join(said))
        previous = Program() if fresh else self.program
        small = reduced(image, SEEN)
        try:
            answer = (
                model.refine(small, rest, self.turn.request if self.turn else "", previous)
                if previous
                else model.edit(small, rest)
            )
        except ModelError as error:
            if said:
                raise ModelError(f"{' '.join(said)} Of the rest: {error}", error.exit_status) from error
            raise
        notes = (*said, *reminders(rest), *answer.notes)
        return self._add(Turn(request, answer.program, previous, model.name, answer.why, notes))

    def give(self, program: Program, request: str = "", by: str = "program") -> Turn:
        """Take a step to a program from elsewhere: a style, or values that were set by hand."""
        return self._add(Turn(request, program, self.program, by))

    def show(self, path: Path) -> None:
        """Remember the file that shows the present program."""
        if self.turn is not None:
            self.turns[self.length - 1] = Turn(**{**vars(self.turn), "result": str(path.resolve())})

    def save(self, path: Path) -> None:
        """Write the conversation as JSON, atomically."""
        write_json(path, self.as_dict())

    def as_dict(self) -> dict[str, Any]:
        """Return the conversation as JSON values; `program` is the present one, for other commands."""
        return {"version": VERSION, "program": dict(self.program), **asdict(self)}

    @classmethod
    def open(cls, path: Path) -> "Session":
        """Read a conversation that was saved.

        Raises
        ------
        ValueError : the file does not exist, or holds something else
        """
        try:
            loaded = json.loads(regular(path).read_text(encoding="utf-8"))
            turns = [Turn(**{**turn, "notes": tuple(turn["notes"])}) for turn in loaded["turns"]]
            session = cls(str(loaded["photo"]), str(loaded["sha256"]), turns, int(loaded["length"]))
            for turn in turns:
                Program(turn.program), Program(turn.base)
                "".join((turn.request, turn.by, turn.why, turn.result, *turn.notes))  # texts, all of them
            if loaded["version"] != VERSION or not 0 <= session.length <= len(turns):
                raise ValueError(f"version {loaded['version']}, {session.length} of {len(turns)} steps")
        except FileNotFoundError as error:
            raise ValueError(
                f"a conversation must begin with `iea edit`, got no file {str(path)!r}; edit the photograph first"
            ) from error
        except (OSError, ValueError, KeyError, TypeError, ProgramError, OverflowError, RecursionError) as error:
            raise ValueError(
                f"{str(path)!r} must be a conversation saved by `iea edit`, got {error}; remove it, or name another file by --session"
            ) from error
        return session

    def _obey(self, command: Command, request: str) -> Turn:
        if command.kind in ("undo", "redo"):
            moved = self.length + (1 if command.kind == "redo" else -1)
            if not 0 <= moved <= len(self.turns):
                raise ValueError(f"there must be a step to {command.kind}, got none")
            self.length = moved
            return self.turn or Turn(request, {}, {}, "command", notes=("back at the original photograph",))
        if command.kind == "reset":
            return self._add(Turn(request, {}, self.program, "command", notes=("back at the original photograph",)))
        if self.turn is None:
            raise ValueError(f"there must be an edit before {request!r}, got none; name a change first")
        base = Program(self.turn.base)
        if command.kind == "scale" and self.program.items() <= base.items():
            raise ValueError("the last step must have set a value, it only took some back; name a change")
        program = command.apply(self.program, base)
        if command.kind == "scale" and program == self.program:
            raise ValueError("a value must change, all stay as they are; name a change")
        if command.kind == "only" and not program:
            raise ValueError(
                f"the edit must have tools for the {command.part}, got {', '.join(self.program) or 'none'}; name a change"
            )
        kept = base if command.kind == "scale" else self.program
        return self._add(Turn(request, program, kept, "command"))

    def _add(self, turn: Turn) -> Turn:
        turn = Turn(
            **{**vars(turn), "program": dict(turn.program), "base": dict(turn.base), "at": round(time.time(), 3)}
        )
        del self.turns[self.length :]
        self.turns.append(turn)
        self.length += 1
        return turn
