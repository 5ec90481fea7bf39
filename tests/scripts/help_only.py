"""`iea --help`."""

from iea.recipe.cli import app

app(["--help"])
