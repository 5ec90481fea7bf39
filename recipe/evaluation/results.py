"""Define the results of a run of the pipeline: the input of every printed table and plot.

A run is a folder, such as work/seed-0, with `evaluation/SET/SYSTEM.parquet` and `logs/STAGE`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

SETS: Mapping[str, str] = {"held_out": "held out", "second": "second set"}
"""Set of rows -> its title. `held_out`: photographs that the seed's fold leaves out; `second`: those of another source."""

STAGES: Mapping[str, str] = {"untrained": "untrained", "stage1": "Stage 1", "stage2": "Stage 2", "stage3": "Stage 3"}
"""Evaluated stage -> its title, in the order of training."""

KINDS: Mapping[str, str] = {
    "edit": "Edit, with instruction",
    "auto": "Edit, without instruction",
    "refine": "Refine",
    "summary": "Summary",
}
"""Kind of row -> its title."""

LOCAL = ", local edit"
"""Suffix of the class of rows with requests for an edit of a part of the image."""

GRPO, CONTROL, GRAY, SHUFFLED, SHRUNK = "stage2", "control", "stage3_gray", "stage3_shuffled", "stage1_shrunk"
"""Names of results beside the stages; those of further GRPO runs of a seed start with AGAIN."""
AGAIN = "stage2_again"


@dataclass(frozen=True)
class RunResults:
    """Results of one run.

    name : of the run, for example "seed-0"
    evaluations : set -> stage or compared system -> results, one line per row
    logs : stage -> folder of verl's metric files
    """

    name: str
    evaluations: Mapping[str, Mapping[str, pd.DataFrame]]
    logs: Mapping[str, Path] = field(default_factory=dict)

    def of(self, part: str, system: str, kinds: Sequence[str] = ()) -> pd.DataFrame | None:
        """Return the results of a system on a set, of the rows of these kinds; None if there are none."""
        results = self.evaluations.get(part, {}).get(system)
        if results is not None and kinds:
            results = results[results.kind.isin(list(kinds))]
        return None if results is None or results.empty else results

    def grpo_runs(self, part: str) -> list[str]:
        """Return the names of the GRPO runs that were evaluated on a set."""
        return [name for name in self.evaluations.get(part, {}) if name == GRPO or name.startswith(AGAIN)]


def evaluated_sets(runs: Sequence[RunResults]) -> Iterator[tuple[str, str]]:
    """Yield (set, title) of every set with results."""
    return ((part, title) for part, title in SETS.items() if any(run.evaluations.get(part) for run in runs))


def kind_title(kind: object) -> str:
    """Return the title of a kind of row; the kind itself if it has none."""
    return KINDS.get(str(kind), str(kind))


def row_classes(results: pd.DataFrame) -> "pd.Series[str]":
    """Return the class of every row: its kind, with LOCAL if `scope` says that it asks for an edit of a part of the image."""
    return results.kind + results.scope.eq("local").map({True: LOCAL, False: ""})


def class_title(name: str) -> str:
    """Return the title of a class of rows.

    >>> class_title("auto, local edit")
    'Edit, without instruction, local edit'
    """
    kind, comma, rest = name.partition(",")
    return kind_title(kind) + comma + rest


def photo_name(photo: object) -> str:
    """Return the name of a photograph without its source.

    >>> photo_name("bundled:flower")
    'flower'
    """
    return str(photo).rpartition(":")[2]
