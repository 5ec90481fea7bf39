"""Read a system of the command line: [LABEL:]NAME[=VALUE][,OPTION=VALUE...].

    untouched    checkpoint=work/stage1/huggingface    gpt:endpoint=https://api.openai.com/v1,model=gpt-4.1,key_env=OPENAI_API_KEY

VALUE is the option that each system names as its `value`; the others are the fields of its options, by name.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from iea.data_prep.files import file_sha256
from iea.recipe.evaluation.systems import SYSTEMS, System

_ARGUMENT = re.compile(r"(?:(?P<label>[\w.-]+):)?(?P<name>\w+)(?:=(?P<value>[^,]*))?(?P<options>(?:,\w+=[^,]*)*)")


@dataclass(frozen=True)
class LabeledSystem:
    """A system of one evaluation: the name of its results, the system and its options."""

    label: str
    system: System
    options: Any

    def described(self) -> dict[str, Any]:
        """Return the system and the options that differ from the defaults, with digests of files, as JSON values."""
        shown = {}
        for one in fields(self.options):
            value = getattr(self.options, one.name)
            if value != one.default and one.name != "cache":
                shown[one.name] = _described(value)
        return {"system": self.system.name, "options": shown}


def read_labeled_system(text: str) -> LabeledSystem:
    """Read one argument.

    >>> labeled = read_labeled_system("low:noisy_labels=0.5,seed=1")
    >>> labeled.label, labeled.options.noise, labeled.options.seed
    ('low', 0.5, 1)

    Raises
    ------
    ValueError : another form, no such system or option, or a value that the option does not allow
    """
    found = _ARGUMENT.fullmatch(text)
    if not found:
        raise ValueError(
            f"a system must be [LABEL:]NAME[=VALUE][,OPTION=VALUE...], without commas in values, got {text!r}"
        )
    name = found["name"]
    if name not in SYSTEMS:
        raise ValueError(f"a system must be one of {', '.join(SYSTEMS)}, got {name!r}")
    system = SYSTEMS[name]
    given = dict(pair.split("=", 1) for pair in found["options"].split(",")[1:])
    if found["value"] is not None:
        if not system.value:
            raise ValueError(f"{name} must be given without a value, got {text!r}")
        given = {system.value: found["value"]} | given
    known = [one.name for one in fields(system.options)]
    if unknown := sorted(set(given) - set(known)):
        raise ValueError(f"an option of {name} must be one of {', '.join(known)}, got {unknown[0]!r}")
    return LabeledSystem(found["label"] or name, system, _options(system, given, text))


def read_labeled_systems(texts: Sequence[str]) -> list[LabeledSystem]:
    """Read all arguments. Raises ValueError also where two have one label."""
    systems = [read_labeled_system(text) for text in texts]
    labels = [labeled.label for labeled in systems]
    if twice := [label for label in labels if labels.count(label) > 1]:
        raise ValueError(f"systems must have different labels, got {twice[0]!r} twice; write LABEL:{twice[0]}...")
    return systems


def _options(system: System, given: dict[str, str], text: str) -> Any:
    try:
        return TypeAdapter(system.options).validate_python(given)
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        place = ".".join(map(str, fault["loc"])) or system.name
        missing = f"; give {system.name}={system.value.upper()}" if fault["type"] == "missing" else ""
        message = fault["msg"].removeprefix("Value error, ")
        raise ValueError(f"the options of {text!r} must be usable: {place}: {message}{missing}") from None


def _described(value: Any) -> Any:
    """Return a value as JSON; of a file also its digest, of a folder that of the names, sizes and times of its files."""
    if not isinstance(value, Path):
        return value
    path = value.resolve()
    if path.is_dir():
        files = sorted(one for one in path.rglob("*") if one.is_file())
        facts = [(one.relative_to(path).as_posix(), one.stat().st_size, one.stat().st_mtime_ns) for one in files]
        return {"path": str(path), "files_sha256": hashlib.sha256(repr(facts).encode()).hexdigest()}
    return {"path": str(path), "sha256": file_sha256(path)}
