"""Run `iea doctor`."""

from iea.recipe.cli import app

app(["doctor"])
