"""The registry of reasons holds all that the code rejects by, and docs/data.md shows it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from iea.data_prep.reasons import REASONS, reason_named, with_table

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/data.md"
PLACES = {"Rejected": 1, "RejectedError": 0, "ReplyError": 0, "ExampleError": 0, "ProgramError": 0, "PictureError": 0}
"""Name of an error -> place of the reason among its arguments."""


def modules() -> list[Path]:
    return [path for folder in ("data_prep", "reward_fns", "editor") for path in sorted((ROOT / folder).rglob("*.py"))]


def literals() -> Iterator[tuple[str, str]]:
    """Yield (place, reason) of every reason that is written in a call; parts that are computed become x."""
    for path in modules():
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call) or getattr(node.func, "id", "") not in PLACES:
                continue
            given = node.args[PLACES[node.func.id]]  # type: ignore[attr-defined]
            parts = given.values if isinstance(given, ast.JoinedStr) else [given]
            if all(not isinstance(part, ast.Constant) for part in parts):
                continue  # passed on from another error
            reason = "".join(str(part.value) if isinstance(part, ast.Constant) else "x" for part in parts)
            yield f"{path.relative_to(ROOT)}:{node.lineno}", reason


def test_every_reason_in_the_code_is_in_the_registry() -> None:
    found = list(literals())
    assert len(found) > 50
    assert [place for place, reason in found if reason_named(reason) is None] == []


@pytest.mark.parametrize("name", REASONS)
def test_every_reason_of_the_registry_is_in_the_code(name: str) -> None:
    stem = name.rstrip("*")
    code = [path.read_text() for path in modules() if path.name != "reasons.py"]
    assert any(re.search(rf"[\"']{stem}(?:[\"']|\{{)", text) for text in code)


def test_the_page_shows_the_registry() -> None:
    page = PAGE.read_text()
    assert with_table(page) == page, "run: iea data reasons --page docs/data.md"


def test_a_page_without_marks_is_an_error() -> None:
    with pytest.raises(ValueError, match="the page must hold the lines"):
        with_table("# Data\n")
