"""The published editor stays apart: only the baseline imports it, and it takes nothing of ours but the type of an image."""

import ast
from pathlib import Path

ROOT = Path(__file__).parents[3]
PACKAGE = "iea.editor.released"
USERS = {"recipe/evaluation/editors.py", "recipe/evaluation/convert.py"}


def imported(path: Path) -> set[str]:
    """Return the full names that a module imports, anywhere in it."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        if isinstance(node, ast.ImportFrom):
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def test_only_the_baseline_imports_it() -> None:
    modules = [
        path for folder in ("editor", "reward_fns", "data_prep", "recipe") for path in (ROOT / folder).rglob("*.py")
    ]
    users = {
        str(path.relative_to(ROOT)) for path in modules if any(name.startswith(PACKAGE) for name in imported(path))
    }
    assert {user for user in users if not user.startswith("editor/released/")} == USERS


def test_it_imports_nothing_of_our_editor_but_images() -> None:
    for path in (ROOT / "editor/released").glob("*.py"):
        ours = {name for name in imported(path) if name.startswith("iea.") and not name.startswith(PACKAGE)}
        assert ours <= {"iea.editor.image.Image", "iea.editor.image.check_image"}, path
