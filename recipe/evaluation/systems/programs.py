"""Answers in a file, `programs=FILE`: JSON, JSON lines or parquet, of any system that was run elsewhere.

A record has the `name` of its row, or its `index`, and a `program`, {"exposure": 20}, or an `answer`, the text of a model:

    {"name": "gier/a-b/edit-0", "program": {"exposure": 20}}
    {"index": 17, "answer": "<think>...</think><answer>...</answer>"}

A JSON file may also be one object, name -> program or answer. A record with the key `editor`, or the whole file with the option
of that name, is for another editor than ours: "released", see docs/released.md.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from iea.data_prep.runner.tables import read_rows
from iea.editor.io import regular
from iea.recipe.evaluation.editors import EDITORS, OURS, editor_of
from iea.recipe.evaluation.systems.system import Answer, Failed, Session, by_editor, session_system


@dataclass(frozen=True)
class ProgramSettings:
    """Options of a file of answers.

    file : JSON, JSON lines (.jsonl) or parquet
    editor : name of the editor that records without one are for, a key of `iea.recipe.evaluation.editors.EDITORS`
    """

    file: Path
    editor: str = OURS

    def __post_init__(self) -> None:
        editor_of(self.editor)


def start(settings: ProgramSettings) -> Session:
    """Read the file once; return the function that answers rows: by their records, or Failed("no_answer").

    Raises
    ------
    ValueError : the file is not as above, or answers a row twice
    """
    found: dict[object, str] = {}
    editors: dict[object, str] = {}
    for number, record in enumerate(_records(settings.file)):
        place = f"record {number} of {str(settings.file)!r}"
        key = next((record[key] for key in ("name", "index") if record.get(key) is not None), None)
        if type(key) not in (str, int):
            raise ValueError(
                f"{place} must have the name or the index of a row, got {json.dumps(record, default=str)[:80]}"
            )
        if key in found:
            raise ValueError(f"{place} must be of another row than the ones before, got {key!r} again; remove one")
        found[key], editors[key] = _answer(record, settings.editor, place)

    def answer(source: str, extra: Mapping[str, Any]) -> Answer:
        key = next((key for key in (extra["name"], int(extra["index"])) if key in found), None)
        if key is None:
            return Failed("no_answer", "the file has no answer to the row")
        return by_editor(editors[key], source, found[key])

    return lambda rows: [answer(*row) for row in zip(rows.data_source, rows.extra_info, strict=True)]


def _records(path: Path) -> Iterator[Mapping[str, Any]]:
    """Yield the records of a file. Raises ValueError if it holds something else, OSError if it cannot be read."""
    if path.suffix == ".parquet":
        yield from read_rows(path)
        return
    text = regular(path).read_text(encoding="utf-8")
    try:
        lines = path.suffix == ".jsonl"
        read = [json.loads(line) for line in text.split("\n") if line.strip()] if lines else json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(
            f"programs must be a file of JSON, JSON lines or parquet, got {str(path)!r}: {error}"
        ) from None
    if isinstance(read, dict):
        read = [
            {"name": name, "answer" if isinstance(value, str) else "program": value} for name, value in read.items()
        ]
    if not isinstance(read, list) or not all(isinstance(record, dict) for record in read):
        raise ValueError(f"{str(path)!r} must hold records, JSON objects, got another value")
    yield from read


def _answer(record: Mapping[str, Any], default: str, place: str) -> tuple[str, str]:
    """Return the answer of a record, and the name of its editor."""
    text, program, editor = record.get("answer"), record.get("program"), str(record.get("editor") or default)
    if editor not in EDITORS:
        raise ValueError(f"the editor in {place} must be one of {', '.join(EDITORS)}, got {editor!r}")
    if text is None and program is not None:
        text = program if isinstance(program, str) else EDITORS[editor].write(program)
    if type(text) is not str:
        raise ValueError(f"{place} must have a program, or an answer that is a text, got {text!r:.60}")
    return text, editor


SYSTEM = session_system("programs", start, options=ProgramSettings, value="file")
