"""Options made from a dataclass."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from typer.testing import CliRunner

from iea.recipe.cli.config_options import LazyGroup, described_fields, one_of, options_of


@dataclass(frozen=True)
class Endpoint:
    """An endpoint.

    url : address
    timeout_s : seconds
        for a request
    """

    url: str
    timeout_s: float = 2.0

    def __post_init__(self) -> None:
        if not self.url:
            raise ValueError("url must be given")


@dataclass(frozen=True)
class Sheet(Endpoint):
    """A sheet.

    tables, root : where things are
    """

    tables: tuple[Path, ...] = ()
    root: Path | None = None
    size: int = 28


SIZES = {"small": 1, "large": 2}
HERE = __name__
MADE: list[object] = []


def run(command: Callable[..., None], *arguments: str) -> str:
    app = typer.Typer(cls=LazyGroup)
    app.command("sheet")(command)
    app.command("other")(lambda: None)
    MADE.clear()
    result = CliRunner().invoke(app, ["sheet", *arguments])
    assert result.exception is None or result.exit_code, result.output
    return result.output


@options_of(f"{HERE}.Sheet")
def sheet(config: Sheet, more: int = 1) -> None:
    """Draw a sheet."""
    MADE.extend([config, more])


@options_of(f"{HERE}.Endpoint")
def perhaps(endpoint: Callable[[], Endpoint], url: Annotated[str, typer.Option()] = "") -> None:
    """Ask an endpoint, if there is one."""
    MADE.append(endpoint() if url else None)


@options_of(f"{HERE}.Sheet", url=one_of(f"{HERE}.SIZES", "Size of it"))
def sized(config: Sheet) -> None:
    """Draw a sheet."""


def test_a_command_gets_the_dataclass_of_its_options() -> None:
    run(sheet, "--url", "x", "--tables", "a", "--tables", "b", "--timeout", "3", "--more", "2")
    assert MADE == [Sheet("x", 3.0, (Path("a"), Path("b"))), 2]


def test_help_is_that_of_the_docstrings_with_inherited_ones() -> None:
    assert described_fields(Sheet) == {
        "url": "Address.",
        "timeout_s": "Seconds for a request.",
        "tables": "Where things are.",
        "root": "Where things are.",
    }
    assert "Seconds for a request." in run(sheet, "--help")


def test_a_field_without_default_is_required() -> None:
    assert "--url" in run(sheet) and MADE == []


def test_a_dataclass_may_be_made_on_demand() -> None:
    run(perhaps)
    assert MADE == [None]
    run(perhaps, "--url", "x")
    assert MADE == [Endpoint("x")]


def test_the_keys_of_a_table_are_listed() -> None:
    assert "Size of it: small or large." in run(sized, "--help")


def test_listing_commands_imports_no_dataclass() -> None:
    @options_of("iea.no_such_module.Config")
    def broken(config: object) -> None:
        """Break when chosen."""

    app = typer.Typer(cls=LazyGroup)
    app.command()(broken)
    app.command("other")(lambda: None)
    assert "Break when chosen." in CliRunner().invoke(app, ["--help"]).output
    assert isinstance(CliRunner().invoke(app, ["broken"]).exception, ModuleNotFoundError)
