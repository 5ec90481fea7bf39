"""What is on disk is what is installed, and imports flow one way."""

import ast
from importlib.metadata import entry_points
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOLDERS = ("editor", "reward_fns", "data_prep", "recipe")
MAY_IMPORT = {
    "editor": {"editor"},
    "reward_fns": {"reward_fns", "editor"},
    "data_prep": {"data_prep", "reward_fns", "editor"},
    "recipe": set(FOLDERS),
}


def _modules(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


def test_the_links_name_every_folder() -> None:
    links = {path.name: path.resolve() for path in (ROOT / ".src/iea").iterdir()}
    assert links == {folder: ROOT / folder for folder in FOLDERS}


@pytest.mark.parametrize("folder", FOLDERS)
def test_imports_flow_one_way(folder: str) -> None:
    for path in _modules(folder):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            used = {name.split(".")[1] for name in names if name.startswith("iea.")}
            assert used <= MAY_IMPORT[folder], f"{path.relative_to(ROOT)} imports {used - MAY_IMPORT[folder]}"


def test_editor_needs_numpy_alone() -> None:
    import sys

    for path in _modules("editor"):
        if path.name == "io.py":
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            outside = {name.split(".")[0] for name in names} - set(sys.stdlib_module_names) - {"numpy", "iea"}
            assert not outside, f"{path.relative_to(ROOT)} imports {outside}"


def test_every_folder_ships_its_types() -> None:
    assert all((ROOT / folder / "py.typed").exists() for folder in FOLDERS)


def test_verl_finds_the_plugin_and_it_is_a_module() -> None:
    (point,) = [point for point in entry_points(group="verl.plugins") if point.name == "iea"]
    assert point.value == "iea.recipe.plugin", "verl never calls what the entry point names"


def test_wheel_holds_the_configs(tmp_path: Path) -> None:
    import subprocess
    import sys
    import zipfile

    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--wheel-dir",
        str(tmp_path),
        str(ROOT),
    ]
    subprocess.run(command, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    for path in (ROOT / "recipe/config/recipe").glob("*.yaml"):
        assert f"iea/recipe/config/recipe/{path.name}" in names
    for path in (ROOT / "data_prep").rglob("*.yaml"):
        assert f"iea/{path.relative_to(ROOT)}" in names
    assert "iea/editor/tools/exposure.py" in names and "iea/editor/py.typed" in names
