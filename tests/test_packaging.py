"""The installed package: folders, types, entry point and wheel."""

import shutil
import subprocess
import sys
import zipfile
from importlib.metadata import entry_points
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOLDERS = ("editor", "reward_fns", "data_prep", "recipe")


def test_links_name_every_folder() -> None:
    links = {path.name: path.resolve() for path in (ROOT / ".src/iea").iterdir()}
    assert links == {folder: ROOT / folder for folder in FOLDERS}


def test_every_folder_ships_its_types() -> None:
    assert all((ROOT / folder / "py.typed").exists() for folder in FOLDERS)


def test_entry_point_is_the_plugin_module() -> None:
    (point,) = [point for point in entry_points(group="verl.plugins") if point.name == "iea"]
    assert point.value == "iea.recipe.plugin", "verl does not call the entry point"


@pytest.mark.slow
def test_wheel_has_every_module_and_data_file(tmp_path: Path) -> None:
    left_out = shutil.ignore_patterns(".git", ".venv*", ".*_cache", "__pycache__", "build", "*.egg-info", "work")
    shutil.copytree(ROOT, tmp_path / "tree", symlinks=True, ignore=left_out)  # setuptools builds in the tree
    options = ["--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", str(tmp_path)]
    subprocess.run([sys.executable, "-m", "pip", "wheel", *options, str(tmp_path / "tree")], check=True)
    (wheel,) = tmp_path.glob("*.whl")
    packed = {name for name in zipfile.ZipFile(wheel).namelist() if name.startswith("iea/")}
    kinds = ("*.py", "*.yaml", "py.typed", "pages/*", "static/*")
    wanted = [path for folder in FOLDERS for kind in kinds for path in (ROOT / folder).rglob(kind)]
    assert packed == {f"iea/{path.relative_to(ROOT)}" for path in wanted}
