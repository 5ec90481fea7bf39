"""`iea doctor`, `iea memory`, `iea tools`: commands that need no training."""

import re
from typing import Annotated, Literal

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
    overrides: Annotated[list[str], typer.Argument(metavar="OVERRIDE", help="As for verl's trainers: +recipe=iea ...")],
) -> None:
    """Estimate the memory of a step of SFT or GRPO, without a GPU; `iea train --dry-run` plans all stages."""
    from iea.recipe.config import compose_recipe
    from iea.recipe.memory import estimate

    sft = any(re.match(r"\+recipe=\[?iea_(sft|stage3|judge)", one) for one in overrides)
    typer.echo(estimate(compose_recipe("sft_trainer_engine" if sft else "ppo_trainer", overrides)))


def tools(
    format: Annotated[
        Literal["markdown", "openai", "schema"],
        typer.Option(help="A page (docs/tools.md), functions for chat completions, or the JSON schema of a program."),
    ] = "markdown",
) -> None:
    """Print the editing tools: as the table of docs/tools.md, or for agents."""
    import json

    from iea.editor import program_schema
    from iea.editor.describe import tools_page
    from iea.recipe.agent.tool_schema import openai_tools

    if format == "markdown":
        typer.echo(tools_page())
    else:
        typer.echo(json.dumps(openai_tools() if format == "openai" else program_schema(), indent=2))
