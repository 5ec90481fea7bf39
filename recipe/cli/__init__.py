"""The command `iea`: one module per group of commands. A command imports its code when it runs, so that help is quick."""

from typing import Annotated

import typer

from iea.recipe.cli import check, data, judge, policy
from iea.recipe.cli.groups import ReportingGroup

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
    """Teach a vision-language model to retouch photographs with readable tools.

    Training itself is verl's: `python -m verl.trainer.main_ppo +recipe=iea`.
    """


app.add_typer(data.app, name="data")
app.add_typer(judge.app, name="judge")
for command in (policy.train, policy.evaluate, policy.report, check.doctor, check.tools):
    app.command()(command)
app.command(context_settings={"ignore_unknown_options": True})(check.memory)
