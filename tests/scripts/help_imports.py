"""Print the options of every command and the heavy packages that their help imports; fail if a help text is missing."""

import sys
from collections.abc import Iterator
from typing import Any

import typer
from typer.testing import CliRunner

from iea.recipe.cli import app

HEAVY = ("torch", "verl", "ray", "pandas", "vllm", "transformers")


def commands(group: Any, context: Any, *path: str) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield the path and the completed command of every command below `group`."""
    yield path, group
    for name in group.list_commands(context) if hasattr(group, "list_commands") else ():
        _, command, _ = group.resolve_command(context, [name])
        yield from commands(command, context, *path, name)


root = typer.main.get_command(app)
for path, command in commands(root, typer.Context(root)):
    result = CliRunner().invoke(app, [*path, "--help"])
    assert result.exit_code == 0, (path, result.output, result.exception)
    assert command.help, f"{path} must have a help text"
    for parameter in command.params:
        assert getattr(parameter, "help", ""), f"{parameter.name} of {path} must have a help text"
    print(" ".join(path) or "iea", *(option for one in command.params for option in one.opts))
print("imported:", *(name for name in HEAVY if name in sys.modules))
