"""Mixes: the rows of the tables that a stage trains on, and their numbers; one YAML file per mix in this folder.

    rows: sft                 # rows written: sft, rl, or judge
    val_rows: 512             # of the val split, at most: rows that match any part; at least one, or no trainer starts
    label_noise: 0            # SFT only: errors in the programs of rendered edits, 0 = exact, 1 = those of a teacher
    parts:
      - name: Edit, labeled
        where: {task: edit}             # column: value, or list of values
        unless: {origin: synthetic}     # as `where`; a row with all of these is left out
        count: 25763                    # rows, none twice; fewer where there are fewer
      - name: Refine, synthetic
        where: {task: refine}
        ratio: 2                        # rows for each available one: 2 = each twice, 0.2 = a fifth of them

Parts are independent: a row that matches two of them is taken twice.
"""

from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import yaml
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

Positions = NDArray[np.int64]
Wanted = dict[str, str | list[str]]

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "sft": ("task", "origin", "persona"),
    "rl": ("task", "origin", "persona"),
    "judge": ("kind", "persona"),
}
"""Rows -> the columns that `where` and `unless` may name, and that the manifest counts."""


class Part(BaseModel):
    """Rows that a mix takes: `count` of the matching ones, or `ratio` for each."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    name: str
    where: Wanted = {}
    unless: Wanted = {}
    count: Annotated[int, Field(gt=0)] | None = None
    ratio: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> "Part":
        if (self.count is None) == (self.ratio is None):
            raise ValueError("a part must have a count or a ratio")
        return self

    def matches(self, row: Mapping[str, str]) -> bool:
        """Return True if the part takes rows with these columns."""
        return _has(row, self.where) and not (self.unless and _has(row, self.unless))

    def wish(self, available: int, scale: float) -> float:
        """Return the number of rows that the part asks for, times `scale`."""
        return scale * (self.count if self.count is not None else (self.ratio or 0) * available)

    def limit(self, asked: int, available: int) -> int:
        """Return how many of `asked` rows it takes: none twice for a count, any number for a ratio."""
        return min(asked, available) if self.count is not None or not available else asked


class Mixture(BaseModel):
    """A mix as its file describes it."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    rows: Literal["sft", "rl", "judge"]
    val_rows: Annotated[int, Field(gt=0)] = 512
    label_noise: Annotated[float, Field(ge=0, le=1)] = 0.0
    parts: Annotated[list[Part], Field(min_length=1)]


def mix_names() -> list[str]:
    """Return the names of the mixes in this folder."""
    return sorted(path.name.removesuffix(".yaml") for path in _folder().iterdir() if path.name.endswith(".yaml"))


def read_mixture(name: str) -> Mixture:
    """Read the mix `name` of this folder, or the YAML file of that path.

    Raises
    ------
    ValueError : no such mix, or its file breaks the rules above
    """
    if name in mix_names():
        path = _folder() / f"{name}.yaml"
    elif not name.endswith((".yaml", ".yml")) or not (path := Path(name)).is_file():
        raise ValueError(f"the mix must be one of {', '.join(mix_names())} or a YAML file, got {name!r}")
    try:
        mixture = Mixture.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        place = ".".join(map(str, fault["loc"])) or "the file"
        raise ValueError(
            f"the mix {name!r} must follow iea.data_prep.mix.mixture: {place}: {fault['msg']}, got {fault['input']!r}"
        ) from None
    except (OSError, RecursionError, ValueError, yaml.YAMLError) as error:  # such as text that is not UTF-8, a bad date
        raise ValueError(f"the mix {name!r} must be valid YAML: {error}") from None
    known = COLUMNS[mixture.rows]
    for part in mixture.parts:
        if unknown := sorted({*part.where, *part.unless} - set(known)):
            raise ValueError(
                f"where and unless of {part.name!r} must name columns among {', '.join(known)}, got {unknown[0]!r}"
            )
    return mixture


def shares(wishes: Sequence[float], rows: int | None) -> list[int]:
    """Return whole numbers near `wishes`, or in proportion to them with the sum `rows`.

    >>> shares([20.4, 3.2], None), shares([20, 30], 7)
    ([20, 3], [3, 4])
    """
    if rows is None:
        return [round(wish) for wish in wishes]
    total = sum(wishes)
    edges = np.rint(np.cumsum([0.0, *wishes]) * (rows / total if total else 0)).astype(int)
    return [int(share) for share in np.diff(edges)]


def draw(available: Positions, wanted: int, rng: np.random.Generator) -> Positions:
    """Return `wanted` of the positions in ascending order, each equally often or once more."""
    if not len(available):
        return available
    whole, rest = divmod(wanted, len(available))
    chosen = rng.choice(available, rest, replace=False)
    return np.sort(np.concatenate([np.tile(available, whole), chosen]))


def _folder() -> Any:
    return files("iea.data_prep") / "mix"


def _has(row: Mapping[str, str], wanted: Wanted) -> bool:
    return all(row[column] in (value if isinstance(value, list) else [value]) for column, value in wanted.items())
