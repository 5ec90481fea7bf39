"""Define groups of commands: errors in one line, and options that are made when a command is chosen."""

from typing import Any

import typer
from typer.core import TyperGroup

EXPECTED = (ValueError, RuntimeError, OSError)
"""Errors whose text is enough for a user. Any other error is a bug and keeps its traceback."""


class ReportingGroup(TyperGroup):
    """Report an expected error as one line on stderr; the status is 1, or the error's own `exit_status`."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except (typer.Exit, typer.Abort):  # RuntimeErrors of typer's own
            raise
        except EXPECTED as error:
            if ctx.params.get("traceback"):
                raise
            typer.echo(f"error: {error}", err=True)
            raise typer.Exit(getattr(error, "exit_status", 1)) from None


class LazyGroup(TyperGroup):
    """A group that completes a command of iea.recipe.cli.settings.options_of when it is chosen."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        name, command, rest = super().resolve_command(ctx, args)
        complete = getattr(command and command.callback, "complete", None)
        if complete is not None:
            single = typer.Typer(add_completion=False)
            single.command(name)(complete())
            command = typer.main.get_command(single)
        return name, command, rest
