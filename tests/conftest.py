"""Fixtures for tests of any folder."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

SCRIPTS = Path(__file__).with_name("scripts")
Iea = Callable[..., Result]
RunScript = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="session")
def iea() -> Iea:
    """Run the command `iea` in this process: iea("data", "stats", path).output."""
    from iea.recipe.cli import app

    return lambda *arguments: CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture(scope="session")
def script() -> RunScript:
    """Run a program of tests/scripts in a process of its own, without warnings, to its end."""

    def run(
        name: str, *arguments: object, check: bool = True, cwd: Path | None = None, **environment: str
    ) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-W", "ignore", str(SCRIPTS / f"{name}.py"), *map(str, arguments)]
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, cwd=cwd, env={**os.environ, **environment}
        )
        assert not check or done.returncode == 0, done.stderr[-3000:]
        return done

    return run


@pytest.fixture(scope="session")
def annotations() -> Path:
    """Folder with gier/ and fivek/, the published annotation files."""
    given = os.environ.get("IEA_ANNOTATIONS")
    if not given:
        pytest.skip("set IEA_ANNOTATIONS to a folder with gier/ and fivek/, the published annotation files")
    return Path(given)
