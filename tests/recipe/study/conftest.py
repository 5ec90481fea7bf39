"""A small study of edited images, and its server in a process of its own."""

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from iea.editor import Program, render
from iea.editor.io import write_image
from iea.recipe.study.store import Store, open_store

sys.path.insert(0, str(Path(__file__).parent))  # makes simulated_raters.py importable from the tests of this folder

PROGRAMS = {"bright": {"exposure": 40}, "warm": {"temperature": 40}, "vivid": {"saturation": 50}}
ROWS = 5
CONSENT = {
    "en": "We store your rankings, and nothing about you.\n\nYou may stop at any time.",
    "zh": "我们只保存您的排序。",
}
Serve = Callable[[Path], AbstractContextManager[tuple[str, "subprocess.Popen[str]"]]]


@pytest.fixture(scope="session")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a table of five rows, folders of three systems and a consent text in two languages."""
    home = tmp_path_factory.mktemp("sources")
    rng = np.random.default_rng(0)
    (home / "originals").mkdir()
    for system in PROGRAMS:
        (home / system).mkdir()
    for number in range(ROWS):
        y, x = np.mgrid[0:1:60j, 0:1:90j]
        waves = np.sin(6 * (x[..., None] * rng.random(3) + y[..., None] * rng.random(3)) + 6 * rng.random(3))
        original = np.round(127 + 90 * waves).astype(np.uint8)
        write_image(home / f"originals/{number}.png", original)
        for system, program in PROGRAMS.items():
            write_image(home / system / f"row.{number}.png", render(original, Program(program)))
    pd.DataFrame(
        {
            "name": [f"row.{number}" for number in range(ROWS)],
            "request": [f"make it <b>warmer</b> & {number}" for number in range(ROWS)],
            "request_zh": [f"请调暖一些 {number}" for number in range(ROWS)],
            "original": [f"originals/{number}.png" for number in range(ROWS)],
        }
    ).to_csv(home / "rows.csv", index=False)
    for language, text in CONSENT.items():
        (home / f"consent.{language}.txt").write_text(text, encoding="utf-8")
    return home


@pytest.fixture(scope="session")
def make_arguments(sources: Path) -> list[Any]:
    systems = [part for name in PROGRAMS for part in ("--system", f"{name}={sources / name}")]
    consent = [part for name in CONSENT for part in ("--consent", f"{name}={sources / f'consent.{name}.txt'}")]
    return ["--rows", sources / "rows.csv", *systems, *consent, "--control", "original"]


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory, make_arguments: list[Any], iea: Callable[..., Any]) -> Path:
    out = tmp_path_factory.mktemp("made") / "study"
    result = iea("study", "make", out, *make_arguments, "--checks", 1, "--repeats", 1, "--title", "Retouching")
    assert result.exit_code == 0, result.output
    assert result.output == f"5 items of 4 systems in {out}. Next: iea study invite {out}\n"
    return out


@pytest.fixture
def study_folder(made: Path, tmp_path: Path) -> Path:
    """Return a copy of the study without raters."""
    return Path(shutil.copytree(made, tmp_path / "study"))


@pytest.fixture
def store(study_folder: Path) -> Iterator[Store]:
    with open_store(study_folder) as store:
        yield store


@pytest.fixture
def serve() -> Serve:
    """`with serve(folder) as (url, process)`: `iea study serve` on a free port of loopback."""

    @contextmanager
    def serving(folder: Path) -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
        command = [sys.executable, "-W", "ignore", "-m", "iea.recipe.cli", "study", "serve", str(folder), "--port", "0"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout
            try:
                yield process.stdout.readline().strip(), process
            finally:
                process.kill()

    return serving
