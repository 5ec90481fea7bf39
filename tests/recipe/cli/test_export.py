"""`iea export` and `iea import-xmp`."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from iea.data_prep.ingest.sources.bundled import everyday_photographs
from iea.editor import Program
from iea.recipe.agent.exports import FORMATS
from iea.recipe.agent.style import read_program

Iea = Callable[..., Result]
PROGRAM = '{"temperature": 30, "vignette": -20}'


@pytest.fixture(scope="module")
def photograph() -> Path:
    return everyday_photographs()["coffee"]


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(FORMATS))
def test_every_format_is_written_and_states_its_fidelity(iea: Iea, name: str, photograph: Path, tmp_path: Path) -> None:
    out = tmp_path / f"edit{FORMATS[name].suffix}"
    result = iea("export", PROGRAM, "--format", name, "--photo", photograph, "--out", out)
    assert result.exit_code == 0, result.output
    assert out.stat().st_size > 500
    lines = result.output.splitlines()
    assert lines[0] == f"{out}: {name}"
    assert ("lost: vignette" in result.output) == name.startswith("cube")
    assert ("approximate: vignette, as PostCropVignetteAmount" in lines) == (name in ("sliders", "curve"))
    assert ("on coffee.png" in result.output) == (name in ("cube", "cube1d", "curve"))


def test_a_preset_returns(iea: Iea, photograph: Path, tmp_path: Path) -> None:
    program, out = tmp_path / "edit.json", tmp_path / "look.xmp"
    assert iea("export", PROGRAM, "--format", "json", "--out", program).exit_code == 0
    assert read_program(str(program)) == Program(json.loads(PROGRAM))
    assert iea("export", program, "--format", "sliders", "--photo", photograph, "--out", out).exit_code == 0
    found = json.loads(iea("import-xmp", out).output)
    assert found == {"program": json.loads(PROGRAM), "curve_error": None, "lost": {}}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("{}", "--format", "cube", "--out", "a.cube"), "the program must use a tool"),
        (('{"grain": 5}', "--format", "cube", "--out", "a.cube"), "a table must hold a tool"),
        (("nowhere.json", "--format", "cube", "--out", "a.cube"), "nowhere.json"),
        ((PROGRAM, "--format", "sliders", "--out", "photo.xmp"), "--out must be a new file"),
        ((PROGRAM, "--format", "lut", "--out", "a.cube"), "a format must be one of"),
        ((PROGRAM, "--format", "cube", "--out", "a.jpg"), "must end with .cube, got 'a.jpg'; rename it"),
        (("edit.json", "--format", "json", "--out", "edit.json"), "--out must be a new file"),
        (('{"sepia": 1}', "--format", "json", "--out", "a.json"), "a tool must be one of"),
    ],
)
def test_an_error_is_one_line_and_nothing_is_written(
    iea: Iea, arguments: tuple[str, ...], words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "edit.json").write_text(PROGRAM)
    (tmp_path / "photo.xmp").write_text("a side-car")
    result = iea("export", *arguments)
    assert result.exit_code == 1 and result.output.startswith("error: ") and words in result.output
    assert len(result.output.splitlines()) == 1 and (tmp_path / "photo.xmp").read_text() == "a side-car"
    assert sorted(one.name for one in tmp_path.iterdir()) == ["edit.json", "photo.xmp"]
