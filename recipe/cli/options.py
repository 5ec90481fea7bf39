"""Options that several commands share: one name, one meaning and one help text each."""

from pathlib import Path
from typing import Annotated

from typer import Option

Out = Annotated[Path, Option(help="Folder to write.")]
OutFile = Annotated[Path, Option("--out", help="File to write.")]
Report = Annotated[Path | None, Option("--out", help="Folder to write the report to, with its plots.")]
Data = Annotated[
    Path, Option(exists=True, dir_okay=False, help="Parquet file of RL rows, such as OUT/stage2/val.parquet.")
]
Pairs = Annotated[Path, Option(help="Table of pairs: the pairs.parquet of `iea data ingest`.")]
Model = Annotated[Path, Option(exists=True, file_okay=False, help="Folder of a Hugging Face model.")]
Home = Annotated[Path, Option(help="Folder for everything that the run writes.")]
Seed = Annotated[int, Option(min=0, help="Seed of everything random.")]
Limit = Annotated[int, Option(min=1, help="Rows to use, at most.")]
Workers = Annotated[int, Option(min=0, help="Processes; 0 = one per CPU. The result does not depend on it.")]
RayAddress = Annotated[str | None, Option(help="Address of a Ray cluster; default: this machine.")]

SHARED = {"out": Out, "seed": Seed, "workers": Workers}
"""Options that fields of these names become, see iea.recipe.cli.config_options."""
