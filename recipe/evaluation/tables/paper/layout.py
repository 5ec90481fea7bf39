"""Define a table of the paper: columns, our rows and the file that printed them, and the paper's rows with their sources."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from iea.data_prep.files import file_sha256
from iea.recipe.evaluation.system_results import Evaluated

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Column:
    """A column of numbers.

    key : of its cells
    heading : with an arrow for the better direction
    format : of its numbers
    """

    key: str
    heading: str
    format: str = ".3f"


@dataclass(frozen=True)
class Run:
    """The file of a run that printed numbers, its digest, and the rows in it; None = it does not count rows."""

    file: str
    sha256: str
    rows: int | None = None

    @classmethod
    def of(cls, path: Path, rows: int | None = None) -> "Run":
        """Digest a file. Raises OSError if it is not one."""
        return cls(str(path), file_sha256(path), rows)


@dataclass(frozen=True)
class Row:
    """One of our rows: a label, its numbers by column, the run, and for each missing number the reason."""

    label: str
    cells: Mapping[str, float]
    run: Run
    missing: Mapping[str, str] = field(default_factory=dict)


class PrintedRow(BaseModel):
    """A row of the paper. `second_hand`: the source quotes the paper, which was not compared with it."""

    model_config = ConfigDict(extra="forbid", strict=True)
    label: str
    cells: dict[str, float]
    source: str
    second_hand: bool = False


class Printed(BaseModel):
    """The paper's rows, and which of its values are not known."""

    model_config = ConfigDict(extra="forbid", strict=True)
    rows: list[PrintedRow]
    unknown: str


@dataclass(frozen=True)
class Sources:
    """Everything that rows of the tables are made from; None or () = no rows of ours.

    systems : results of `iea evaluate`
    search : folder that `iea data compare-methods --out` wrote
    grades : folder that `iea compare --out` wrote
    study : folder that `iea study report --out` wrote
    """

    systems: Sequence[Evaluated] = ()
    search: Path | None = None
    grades: Path | None = None
    study: Path | None = None


@dataclass(frozen=True)
class PaperTable:
    """A table of the paper.

    name : such as "table2", that of its YAML file too
    title : the subject, with what differs from the paper
    columns : of numbers
    ours : sources -> our rows
    figure : sources -> image beside the table; None = there is none
    """

    name: str
    title: str
    columns: Sequence[Column]
    ours: Callable[[Sources], list[Row]]
    figure: Callable[[Sources], Path | None] = lambda _: None

    @cached_property
    def printed(self) -> Printed:
        """The paper's rows.

        Raises
        ------
        ValueError : the YAML file has another form, or a cell without a column
        """
        path = HERE / f"{self.name}.yaml"
        try:
            printed = Printed.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
        except (ValidationError, yaml.YAMLError) as error:
            raise ValueError(f"{path.name} must have rows with label, cells and source, and unknown: {error}") from None
        keys = {column.key for column in self.columns}
        if wrong := [key for row in printed.rows for key in row.cells if key not in keys]:
            raise ValueError(f"the cells in {path.name} must be of {', '.join(sorted(keys))}, got {wrong[0]!r}")
        return printed


@dataclass(frozen=True)
class Filled:
    """A table with our rows.

    figure : name of an image beside the table; "" = none
    """

    table: PaperTable
    ours: Sequence[Row]
    figure: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return the table as JSON values: every number of ours names its run, every printed one its source."""
        columns = [{"key": one.key, "heading": one.heading} for one in self.table.columns]
        ours = [
            {"label": one.label, "cells": dict(one.cells), "run": vars(one.run), "missing": dict(one.missing)}
            for one in self.ours
        ]
        printed = self.table.printed
        about = {"title": self.table.title, "columns": columns, "ours": ours}
        return about | {"paper": [one.model_dump() for one in printed.rows], "unknown": printed.unknown}
