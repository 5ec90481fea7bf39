"""The command `iea`: one module per group of commands. A command imports its code when it runs, so that help is quick."""

import io
import re
import sys
from typing import Annotated, Any

import typer

from iea.recipe.cli import check, data, judge, photo, photos, policy, study
from iea.recipe.cli.compare import compare
from iea.recipe.cli.config_options import LazyGroup
from iea.recipe.cli.convert import convert
from iea.recipe.cli.evaluate import evaluate
from iea.recipe.cli.export import export, import_xmp
from iea.recipe.cli.mcp import mcp
from iea.recipe.cli.sweep import sweep
from iea.recipe.cli.web import web

EXPECTED = (ValueError, RuntimeError, OSError)
"""Errors whose text is enough for a user. Any other error is a bug and keeps its traceback."""


LINE_BREAKS = re.compile(r"\s*\n\s*")


class ReportingGroup(LazyGroup):
    """Report an expected error as one line on stderr; the status is 1, or the error's own `exit_status`."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except (typer.Exit, typer.Abort):  # RuntimeErrors of typer's own
            raise
        except EXPECTED as error:
            if ctx.params.get("traceback"):
                raise
            typer.echo(f"error: {re.sub(LINE_BREAKS, ' ', str(error))}", err=True)
            raise typer.Exit(getattr(error, "exit_status", 1)) from None


app = typer.Typer(
    name="iea",
    cls=ReportingGroup,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def main(
    traceback: Annotated[bool, typer.Option("--traceback", help="Show where an error was raised.")] = False,
) -> None:
    """Retouch photographs with readable tools, and teach a vision-language model to do so.

    Training itself is verl's: `python -m verl.trainer.main_ppo +recipe=iea`.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="surrogateescape")  # names of files may be any bytes


app.add_typer(data.app, name="data")
app.add_typer(judge.app, name="judge")
app.add_typer(study.app, name="study")
for of_photographs in (
    photo.edit,
    photo.refine,
    photo.summarize,
    photo.stats,
    photos.fit,
    photos.apply,
    photos.match,
    web,
):
    app.command(rich_help_panel="Photographs")(of_photographs)
for command in (policy.train, evaluate, compare, policy.report, convert, sweep, check.doctor, check.tools):
    app.command()(command)
for added in (export, import_xmp, mcp):
    app.command()(added)
app.command(context_settings={"ignore_unknown_options": True})(check.memory)
