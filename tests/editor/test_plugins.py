"""The folders of plug-ins."""

import sys
from pathlib import Path

import pytest

from iea.editor.plugins import collect
from iea.editor.tool import Tool

TOOL = "from iea.editor.tools.fade import TOOL as {name}\n"


def folder(root: Path, package: str, **modules: str) -> str:
    (root / package).mkdir()
    for name, text in {"__init__": "", **modules}.items():
        (root / package / f"{name}.py").write_text(text)
    return package


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "modules", dict(sys.modules))
    return tmp_path


def test_a_module_without_an_entry_is_a_helper(root: Path) -> None:
    package = folder(root, "with_helper", fade=TOOL.format(name="TOOL"), helper="LIMIT = 3\n")
    assert list(collect(package, "TOOL", Tool)) == ["fade"]


@pytest.mark.parametrize(
    ("package", "modules", "message"),
    [
        ("misnamed", {"fade": TOOL.format(name="TOOLL")}, "must name its Tool TOOL, got TOOLL"),
        ("wrong_type", {"fade": "TOOL = 3\n"}, "must be a Tool, got int"),
        ("twice", {name: TOOL.format(name="TOOL") for name in ("one", "two")}, "must differ, got 'fade' twice"),
    ],
)
def test_a_faulty_folder_is_an_error(root: Path, package: str, modules: dict[str, str], message: str) -> None:
    with pytest.raises((TypeError, ValueError), match=message):
        collect(folder(root, package, **modules), "TOOL", Tool)
