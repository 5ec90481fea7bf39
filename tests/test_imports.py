"""Imports between modules: one direction, no cycles, commands at the end, and the kernel on numpy alone."""

import ast
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LINE = ("editor", "reward_fns", "data_prep", "recipe")
"""A folder imports from itself and from those before it."""
WITH_LIBRARIES = ("io", "formats", "released")
MODULES = {
    ".".join(("iea", *path.relative_to(ROOT).with_suffix("").parts)).removesuffix(".__init__"): path
    for folder in LINE
    for path in sorted((ROOT / folder).rglob("*.py"))
}


def _imported(path: Path, *, lazily: bool) -> Iterator[str]:
    """Names that a module imports, with those that its functions import if `lazily`."""
    todo: list[ast.AST] = [ast.parse(path.read_text())]
    while todo:
        node = todo.pop()
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        if isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path} must import by full names"
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                yield full if full in MODULES else str(node.module)
        if lazily or not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            todo += ast.iter_child_nodes(node)


@pytest.mark.parametrize("folder", LINE)
def test_imports_flow_one_way(folder: str) -> None:
    allowed = LINE[: LINE.index(folder) + 1]
    for name, path in MODULES.items():
        if name.split(".")[1] == folder:
            used = {one.split(".")[1] for one in _imported(path, lazily=True) if one.startswith("iea.")}
            assert used <= set(allowed), f"{name} imports {used - set(allowed)}"


def test_no_modules_import_each_other() -> None:
    graph = {
        name: {one for one in _imported(path, lazily=False) if one in MODULES and one != name}
        for name, path in MODULES.items()
    }
    TopologicalSorter(graph).prepare()  # raises CycleError, which names the cycle


def test_only_commands_import_commands() -> None:
    for name, path in MODULES.items():
        if not name.startswith("iea.recipe.cli"):
            used = [one for one in _imported(path, lazily=True) if one.startswith(("iea.recipe.cli", "typer"))]
            assert not used, f"{name} imports {used}"


def test_only_commands_run_as_main() -> None:
    commands = {"iea.recipe.cli.__main__"}
    for name, path in MODULES.items():
        if name not in commands:
            compared = [one.left for one in ast.walk(ast.parse(path.read_text())) if isinstance(one, ast.Compare)]
            assert "__name__" not in [one.id for one in compared if isinstance(one, ast.Name)], name


def test_editor_needs_numpy_alone() -> None:
    """Except for files, and in the baseline."""
    for name, path in MODULES.items():
        if name.startswith("iea.editor") and not name.startswith(tuple(f"iea.editor.{one}" for one in WITH_LIBRARIES)):
            roots = {one.split(".")[0] for one in _imported(path, lazily=True)}
            outside = roots - set(sys.stdlib_module_names) - {"numpy", "iea"}
            assert not outside, f"{name} imports {outside}"
