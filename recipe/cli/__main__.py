"""`python -m iea.recipe.cli`, the same as `iea`."""

from iea.recipe.cli import app

app(prog_name="iea")
