"""`iea sweep`: the points of a sweep side by side."""

from pathlib import Path
from typing import Annotated

import typer


def sweep(
    runs: Annotated[list[Path], typer.Argument(exists=True, file_okay=False, help="Folders of the points' GRPO runs.")],
    plot: Annotated[
        Path | None, typer.Option(help="PNG file to write: the measures against the swept setting.")
    ] = None,
) -> None:
    """Print a table of the points of a sweep: their settings, and how they end on the held-out rows."""
    from iea.editor.markdown import markdown_table
    from iea.recipe.evaluation.sweep import plot_sweep, sweep_table

    table = sweep_table(runs)
    if plot:
        plot_sweep(table, plot)
    typer.echo(markdown_table(table.columns, table.itertuples(index=False)))
