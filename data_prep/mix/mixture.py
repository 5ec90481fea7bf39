"""A mix: which rows of the tables, and how many of each, one YAML file a stage in `mixes/`.

    rows: sft                 # what is written: sft, rl, or judge
    val_rows: 512             # of the val split, at most: rows that any part would take
    parts:
      - name: Edit, distilled
        where: {task: edit}             # column: value, or list of values
        unless: {origin: synthetic}     # as `where`; a row with all of these is left out
        count: 25763                    # rows, none twice; fewer where there are fewer
      - name: Refine, synthetic
        where: {task: refine}
        ratio: 2                        # rows for each one there is: 2 = each twice, 0.2 = a fifth of them

Parts are apart from each other: a row that two of them want is taken for each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

ROWS = ("sft", "rl", "judge")
Positions = NDArray[np.int64]


@dataclass(frozen=True)
class Part:
    """Rows that a mix takes: of those that match, `count`, or `ratio` for each."""

    name: str
    where: Mapping[str, Any]
    unless: Mapping[str, Any]
    count: int | None
    ratio: float | None

    def matches(self, row: Mapping[str, str]) -> bool:
        """Whether the part is of rows like this one."""
        left_out = bool(self.unless) and _has(row, self.unless)
        return _has(row, self.where) and not left_out

    def wish(self, available: int, scale: float) -> float:
        """How many rows the part would have, `scale` times as many as it says."""
        return scale * (self.count if self.count is not None else (self.ratio or 0) * available)

    def limit(self, asked: int, available: int) -> int:
        """How many of `asked` rows it takes: none twice for a count, any number for a ratio."""
        return min(asked, available) if self.count is not None or not available else asked


@dataclass(frozen=True)
class Mixture:
    """A stage's mix as its file says it."""

    name: str
    rows: str
    val_rows: int
    parts: tuple[Part, ...]


def mix_names() -> list[str]:
    """The mixes that come with the package."""
    return sorted(
        path.name.removesuffix(".yaml") for path in _folder().iterdir() if path.name.endswith(".yaml")
    )


def read_mixture(name: str, columns: Mapping[str, Sequence[str]]) -> Mixture:
    """The mix `name`, or the one in a file of that name.

    Parameters
    ----------
    columns : for each of `ROWS`, the columns that `where` and `unless` may name

    Raises
    ------
    ValueError : no such mix, or its file is not as described above
    """
    if name in mix_names():
        text = (_folder() / f"{name}.yaml").read_text()
    elif name.endswith((".yaml", ".yml")) and Path(name).is_file():
        text = Path(name).read_text()
    else:
        raise ValueError(f"the mix must be one of {', '.join(mix_names())} or a YAML file, got {name!r}")
    try:
        return _mixture(Path(name).stem, yaml.safe_load(text), columns)
    except yaml.YAMLError as error:
        raise ValueError(f"the mix {name!r} must be valid YAML: {error}") from None


def shares(wishes: Sequence[float], rows: int | None) -> list[int]:
    """Whole numbers near `wishes`, or in proportion to them with the sum `rows`.

    >>> shares([20.4, 3.2], None), shares([20, 30], 7)
    ([20, 3], [3, 4])
    """
    if rows is None:
        return [round(wish) for wish in wishes]
    total = sum(wishes)
    edges = np.rint(np.cumsum([0.0, *wishes]) * (rows / total if total else 0)).astype(int)
    return [int(share) for share in np.diff(edges)]


def draw(available: Positions, wanted: int, rng: np.random.Generator) -> Positions:
    """`wanted` of the positions, each as often as any other or once more, in ascending order."""
    if not len(available):
        return available
    whole, rest = divmod(wanted, len(available))
    chosen = rng.choice(available, rest, replace=False)
    return np.sort(np.concatenate([np.tile(available, whole), chosen]))


def _folder() -> Any:
    return files("iea.data_prep") / "mix"


def _has(row: Mapping[str, str], wanted: Mapping[str, Any]) -> bool:
    return all(
        row[column] in (value if isinstance(value, list) else [value]) for column, value in wanted.items()
    )


def _mixture(name: str, loaded: object, columns: Mapping[str, Sequence[str]]) -> Mixture:
    content = _mapping(f"mix {name!r}", loaded, {"rows", "val_rows", "parts"})
    if content.get("rows") not in ROWS:
        raise ValueError(
            f"rows of mix {name!r} must be one of {', '.join(ROWS)}, got {content.get('rows')!r}"
        )
    known = set(columns[content["rows"]])
    parts = content.get("parts")
    if not isinstance(parts, list) or not parts:
        raise ValueError(f"parts of mix {name!r} must be a list of one or more, got {parts!r}")
    val_rows = content.get("val_rows", 0)
    if not isinstance(val_rows, int) or val_rows < 0:
        raise ValueError(f"val_rows of mix {name!r} must be 0 or more, got {val_rows!r}")
    return Mixture(name, content["rows"], val_rows, tuple(_part(part, known) for part in parts))


def _part(loaded: object, known: set[str]) -> Part:
    content = _mapping("a part", loaded, {"name", "where", "unless", "count", "ratio"})
    name = str(content.get("name", ""))
    where = _mapping(f"where of {name!r}", content.get("where", {}), known)
    unless = _mapping(f"unless of {name!r}", content.get("unless", {}), known)
    count, ratio = content.get("count"), content.get("ratio")
    kind, number = (int, count) if ratio is None else ((int, float), ratio)
    if (count is None) == (ratio is None) or not isinstance(number, kind) or number <= 0:
        raise ValueError(f"part {name!r} must have a count or a ratio above 0, got {count!r} and {ratio!r}")
    return Part(name, where, unless, count, ratio)


def _mapping(what: str, loaded: object, known: set[str]) -> dict[str, Any]:
    """`loaded` if it maps known keys only."""
    if not isinstance(loaded, dict) or not loaded.keys() <= known:
        raise ValueError(f"{what} must map keys among {', '.join(sorted(known))} to values, got {loaded!r}")
    return loaded
