"""The one place where an error of ours becomes a line on stderr and an exit status."""

from __future__ import annotations

from typing import Any

import typer
from typer.core import TyperGroup

EXPECTED = (ValueError, RuntimeError, OSError)
"""Errors whose text tells a person all that is needed. Any other one is a bug and keeps its traceback."""


class ReportingGroup(TyperGroup):
    """A group of commands that ends with status 1, or the error's `exit_status`, where a command raises such an error."""

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
