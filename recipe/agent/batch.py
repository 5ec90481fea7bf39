"""Edit many photographs: on all CPUs, one photograph each, resumable; one that fails does not stop the others."""

import asyncio
import hashlib
import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from tqdm import tqdm

from iea.data_prep.ingest.decode import DECODABLE_SUFFIXES
from iea.data_prep.lock import locked
from iea.editor import Program, render
from iea.editor.io import regular
from iea.recipe.agent.look import Look, match_look
from iea.recipe.agent.photo import open_photo, suffix_of
from iea.reward_fns.workers import WorkerDied, WorkerError, WorkerTimeout, shared_pool

JOURNAL = "edited.jsonl"
"""File in the folder of a batch, which makes it resumable: a line when the name of a result is taken, and one when it is written."""
LIMIT_S = 3600.0  # of one photograph

Work = Callable[..., dict[str, Any]]
"""(photograph, result, strip, *arguments) -> JSON values for the journal; importable, since workers run it."""


@dataclass(frozen=True)
class Outcome:
    """Outcome of one photograph: the result, or the reason of its failure; `about` is the journal's line."""

    photo: Path
    result: Path | None = None
    failure: str = ""
    reused: bool = False
    about: dict[str, Any] | None = None


def apply_one(photo: str, result: str, strip: bool, program: str) -> dict[str, Any]:
    """Edit one photograph with a program in JSON, and write the result."""
    opened = open_photo(Path(photo))
    opened.save(render(opened.image, Program.from_json(program)), Path(result), strip=strip)
    return {"program": json.loads(program)}


def match_one(photo: str, result: str, strip: bool, look: Look, strength: float) -> dict[str, Any]:
    """Give one photograph a look, and write the result."""
    opened = open_photo(Path(photo))
    matched = match_look(opened.image, look)
    program = Program({tool: scaled for tool, value in matched.program.items() if (scaled := round(strength * value))})
    opened.save(render(opened.image, program), Path(result), strip=strip)
    return {"program": dict(program), "before": matched.before, "after": matched.after, "left": list(matched.left)}


def photos_in(paths: Sequence[Path]) -> list[Path]:
    """Return the files of the arguments, and of a folder all images and raw files in it but hidden ones, each once."""
    found: dict[str, Path] = {}
    for path in paths:
        inside = [one for one in sorted(path.iterdir()) if _is_photo(one)] if path.is_dir() else [path]
        for one in inside:
            found.setdefault(os.path.abspath(one), one)
    return list(found.values())


def _is_photo(path: Path) -> bool:
    return path.suffix.lower() in DECODABLE_SUFFIXES and not path.name.startswith(".") and path.is_file()


def run_batch(
    work: Work,
    arguments: Sequence[Any],
    photos: Sequence[Path],
    out: Path,
    *,
    strip: bool = False,
    suffix: str = "",
    workers: int = 0,
) -> list[Outcome]:
    """Edit photographs into a folder.

    Parameters
    ----------
    work, arguments : `apply_one` or `match_one`, and its arguments after `strip`
    out : folder of the results; that of an interrupted batch is continued
    suffix : of the results, such as ".jpg"; "" = that of each photograph where it is written
    workers : processes; 0 = one per CPU

    Raises
    ------
    ValueError : there are no photographs, or `out` is the folder of one of them
    LockedError : another batch writes to `out`
    """
    if not photos:
        raise ValueError("there must be photographs to edit, got none; name files, or a folder with images")
    if clash := next((photo for photo in photos if photo.parent.resolve() == out.resolve()), None):
        raise ValueError(
            f"--out must be another folder than that of the photographs, got {str(out)!r} with {clash.name}"
        )
    key = hashlib.sha256(repr((work.__name__, [_text(one) for one in arguments], strip)).encode()).hexdigest()
    with locked(out):
        done = _finished(out / JOURNAL)
        results = dict(_named(photos, out, suffix, done, key))
        return asyncio.run(_run(work, (strip, *arguments), results, done, out / JOURNAL, key, workers))


async def _run(
    work: Work,
    arguments: Sequence[Any],
    results: dict[Path, Path],
    done: dict[str, dict[str, Any]],
    journal: Path,
    key: str,
    workers: int,
) -> list[Outcome]:
    pool = shared_pool(workers or len(os.sched_getaffinity(0)))
    with journal.open("a", encoding="utf-8") as lines, tqdm(total=len(results), unit="photo", disable=None) as bar:
        if lines.tell() and not journal.read_bytes().endswith(b"\n"):
            lines.write("\n")  # after a line that was cut off

        def note(about: dict[str, Any]) -> None:
            lines.write(json.dumps(about) + "\n")
            lines.flush()

        async def one(photo: Path, result: Path) -> Outcome:
            try:
                digest = await asyncio.to_thread(_digest, photo, key)
                if (known := done.get(result.name)) and known["digest"] == digest and result.is_file():
                    return Outcome(photo, result, reused=True, about=known)
                about: dict[str, Any] = {"photo": str(photo.resolve()), "result": str(result), "key": key}
                note(about)
                about |= {"digest": digest, **await pool.run(LIMIT_S, work, str(photo), str(result), *arguments)}
                note(about)
                return Outcome(photo, result, about=about)
            except WorkerError as error:
                last = str(error).splitlines()[-1]
                return Outcome(photo, failure=last.partition(": ")[2] or last)  # a MemoryError may say nothing
            except (WorkerDied, WorkerTimeout, OSError) as error:
                return Outcome(photo, failure=getattr(error, "strerror", None) or str(error))
            finally:
                bar.update()

        return list(await asyncio.gather(*(one(*pair) for pair in results.items())))


def _named(
    photos: Sequence[Path], out: Path, suffix: str, done: dict[str, dict[str, Any]], key: str
) -> Iterator[tuple[Path, Path]]:
    """Yield each photograph with its result: a name that is free, or that of the same photograph and edit in the journal."""
    taken: set[str] = set()
    for photo in photos:
        for number in count(1):
            path = out / f"{photo.stem}{f'-{number}' if number > 1 else ''}{suffix or suffix_of(photo)}"
            known = done.get(path.name, {})
            own = (known.get("photo"), known.get("key")) == (str(photo.resolve()), key)
            if path.name.lower() not in taken and (own or not path.exists()):
                break
        taken.add(path.name.lower())
        yield photo, path


def _finished(journal: Path) -> dict[str, dict[str, Any]]:
    """Return name of a result -> its last line; a line that was cut off is ignored."""
    found: dict[str, dict[str, Any]] = {}
    with suppress(FileNotFoundError):
        for line in journal.read_text(encoding="utf-8", errors="replace").splitlines():
            with suppress(ValueError, TypeError, KeyError):
                about = json.loads(line)
                found[Path(about["result"]).name] = {"digest": "", **about}
    return found


def _digest(photo: Path, key: str) -> str:
    return hashlib.sha256(key.encode() + regular(photo).read_bytes()).hexdigest()


def _text(argument: Any) -> str:
    return argument.vector().tobytes().hex() if isinstance(argument, Look) else repr(argument)
