"""Read the results of several systems on the same rows: the input of the paper's tables and of the page of cases.

Texts, such as answers, stay in the files: of 10,000 rows only the numbers are in memory.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from iea.data_prep.files import file_sha256, read_json
from iea.data_prep.runner.tables import arrow_batches
from iea.recipe.evaluation.evaluate import RESULTS
from iea.recipe.evaluation.metrics import METRICS, measured, row_values
from iea.recipe.evaluation.results import STAGES, row_classes

KEYS = ("index", "photo", "kind", "data_source")  # no value may be missing
TEXTS: Mapping[str, str] = {
    "original": "",
    "reference": "",
    "previous": "",
    "program": "",
    "instruction": "",
    "answer": "",
    "edited": "",
    "editor": "iea",
    "failure": "",
    "failure_text": "",
    "scope": "global",
}
"""Column of texts -> its value where results have none."""
KEPT = ("photo", "kind", "data_source", "class", "failure", "instruction")  # texts in memory
REQUEST_CHARS = 200


@dataclass(frozen=True)
class Evaluated:
    """The results of one system.

    label : name in tables and on the page
    path, sha256 : file of the results and its digest
    results : a line per row, by `index`: KEPT and all numbers. `class` is as of `row_classes`, `value` is the number that
        cases are ordered by, see `case_values`, and `row` identifies the images and the request
    means : class -> metric -> mean, or median, of the rows that have it
    not_computed : metric -> reason, from the manifest beside the file
    """

    label: str
    path: Path
    sha256: str
    results: pd.DataFrame
    means: Mapping[str, Mapping[str, float]]
    not_computed: Mapping[str, str] = field(default_factory=dict)


def read_systems(given: Sequence[str]) -> list[Evaluated]:
    """Read the results of all systems.

    Parameters
    ----------
    given : each a folder of results, a file of results, or LABEL=FILE; labels are the names of the files by default

    Raises
    ------
    ValueError : nothing is there, two systems have one label, a file is damaged, or the systems answered different rows
    """
    places = [place for one in given for place in _places(one)]
    labels = [label for label, _ in places]
    if not places or len(set(labels)) < len(labels):
        raise ValueError(f"results must be of systems with different labels, got {labels}; write LABEL=FILE")
    systems = [read_system(label, path) for label, path in places]
    rows = pd.concat([one.results.row for one in systems])
    if (rows.groupby(level=0).nunique() > 1).any():
        raise ValueError(f"systems must have answered the same rows, got {labels} with others; evaluate them again")
    return systems


def _places(given: str) -> list[tuple[str, Path]]:
    label, named, path = given.partition("=")
    if named and not Path(given).exists():
        return [(label, Path(path))]
    if not Path(given).is_dir():
        return [(Path(given).stem, Path(given))]
    order = list(STAGES)
    files = sorted(Path(given).glob("*.parquet"))
    if not files:
        raise ValueError(f"{given!r} must have files of results, LABEL.parquet, got none; run iea evaluate")
    files.sort(key=lambda file: order.index(file.stem) if file.stem in order else len(order))
    return [(file.stem, file) for file in files]


def read_system(label: str, path: Path) -> Evaluated:
    """Read the results of one system.

    Raises
    ------
    ValueError : the file has no rows, lacks a column, or has a row twice
    """
    batches = list(arrow_batches(path, RESULTS, others=True))
    if not any(map(len, batches)) or any(column.null_count for one in batches for column in one.select(KEYS).columns):
        raise ValueError(f"{str(path)!r} must hold results with {', '.join(KEYS)}, got missing values or no rows")
    results = complete(pa.concat_tables(batches).to_pandas())
    if not results["index"].is_unique:
        raise ValueError(f"{str(path)!r} must hold every row once, got an index twice; evaluate again")
    results["value"] = case_values(results)
    results["row"] = pd.util.hash_pandas_object(results[["photo", "kind", "original", "instruction"]], index=False)
    results["instruction"] = results.instruction.str.slice(0, REQUEST_CHARS)
    means = {
        str(name): {key: value for key, one in METRICS.items() if isfinite(value := measured(one, part))}
        for name, part in results.groupby("class")
    }
    numbers = results.select_dtypes("number").columns.difference(["index"])
    reasons = (read_json(path.with_suffix(".json")) or {}).get("not_computed", {})
    return Evaluated(label, path, file_sha256(path), results.set_index("index")[[*KEPT, *numbers]], means, reasons)


def complete(results: pd.DataFrame) -> pd.DataFrame:
    """Return results with all columns of TEXTS, and the class of every row."""
    for name, default in TEXTS.items():
        results[name] = results[name].fillna(default) if name in results else default
    return results.assign(**{"class": row_classes(results)})


def case_values(results: pd.DataFrame) -> "pd.Series[float]":
    """Return the number by which cases are ordered: R_like; of summaries the reward, without a judge ROUGE-L."""
    likeness, rouge = (row_values(METRICS[name], results) for name in ("r_like", "rouge_l"))
    return likeness.fillna(results.score.where(rouge.notna())).fillna(rouge)


def read_rows(path: Path, wanted: Collection[int]) -> pd.DataFrame:
    """Read some rows of results with all columns, by `index`; a batch of the file is in memory at a time."""
    chosen = pa.array(sorted(wanted), pa.int64())
    parts = [batch.filter(pc.is_in(batch["index"], chosen)) for batch in arrow_batches(path, RESULTS, others=True)]
    return complete(pa.concat_tables(parts).to_pandas()).set_index("index", drop=False)
