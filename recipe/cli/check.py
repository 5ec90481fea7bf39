"""`iea doctor`, `iea memory`, `iea tools`: commands that need no training."""

from typing import Annotated

import typer


def doctor() -> None:
    """Check the installation, and name the fix for every problem. Exits with status 1 if there is a problem."""
    from iea.recipe.doctor import diagnose

    findings = diagnose()
    for finding in findings:
        typer.echo(f"{'ok     ' if finding.fine else 'PROBLEM'} {finding.text}")
        if not finding.fine:
            typer.echo(f"        fix: {finding.fix}")
    problems = sum(not finding.fine for finding in findings)
    typer.echo(f"{problems} problem(s) to fix." if problems else "Nothing to fix.")
    raise typer.Exit(bool(problems))


def memory(
    overrides: Annotated[
        list[str], typer.Argument(metavar="OVERRIDE", help="As for verl.trainer.main_ppo: +recipe=iea ...")
    ],
) -> None:
    """Estimate the GPU and host memory of a GRPO configuration, without a GPU."""
    from iea.recipe.config import compose_recipe
    from iea.recipe.memory import estimate

    typer.echo(estimate(compose_recipe("ppo_trainer", overrides)))


def tools() -> None:
    """Print the table of editing tools (docs/tools.md)."""
    from iea.editor.describe import tools_page

    typer.echo(tools_page())
