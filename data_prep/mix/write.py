"""Write the parquet files of a mix, a row group at a time, and count their rows."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
from tqdm import tqdm

from iea.data_prep.annotate.label_noise import label_of
from iea.data_prep.files import parquet_writer
from iea.data_prep.mix.mixture import Mixture, Positions
from iea.data_prep.mix.read import FORMS, Gathered
from iea.data_prep.mix.verl_rows import PromptConfig, example_to_rl, example_to_sft, judged_to_sft
from iea.data_prep.runner.shard import Row
from iea.data_prep.synthesize.rows import ORIGIN
from iea.data_prep.synthesize.tool_counts import signed
from iea.editor import Program
from iea.reward_fns.example import Example
from iea.reward_fns.tasks import task_named

CHUNK = 1024  # rows in memory, and in a row group


class MixWriter:
    """Writes numbered rows as parquet files and counts them.

    Parameters
    ----------
    noise : of the labels of rendered edits in SFT rows: see iea.data_prep.annotate.label_noise
    seed : of that noise
    """

    def __init__(self, mixture: Mixture, config: PromptConfig, gathered: Gathered, *, noise: float, seed: int) -> None:
        self._rows, self._config, self._gathered = mixture.rows, config, gathered
        self._noise, self._seed = noise, seed

    def write(self, path: Path, numbers: Positions, quiet: bool) -> dict[str, Any]:
        """Write the rows of these numbers in this order. Returns their counts by column."""
        counts: dict[str, Counter[str]] = {}
        schema = FORMS[self._rows].schema
        with (
            parquet_writer(path, schema) as writer,
            tqdm(total=len(numbers), desc=path.stem, unit="row", disable=quiet) as bar,
        ):
            for start in range(0, len(numbers), CHUNK):
                rows = self._gathered.take(numbers[start : start + CHUNK])
                made = [self._made(row, index) for index, row in enumerate(rows, start)]
                writer.write_table(pa.Table.from_pylist(made, schema=schema))
                for column, value in (fact for row in rows for fact in self._facts(row)):
                    counts.setdefault(column, Counter())[value] += 1
                bar.update(len(rows))
        return {"rows": len(numbers)} | {name: dict(sorted(c.items())) for name, c in sorted(counts.items())}

    def _made(self, row: Row, index: int) -> dict[str, Any]:
        if self._rows == "judge":
            return judged_to_sft(row, index)
        right = self._gathered.right_answers(row)
        if self._rows == "rl":
            return example_to_rl(Example(**row), index, self._config, right)
        if self._noise and (row["task"], row["origin"]) == ("edit", ORIGIN):
            label = label_of(Program.from_json(row["program"]), self._noise, self._seed, row["name"])
            row = row | {"program": label.to_json(json.loads(row["program"]))}
        return example_to_sft(Example(**row), index, self._config, right)

    def _facts(self, row: Row) -> Iterator[tuple[str, str]]:
        """Yield (column, value) of each count in the manifest: columns, kind or score, and the tools of the answer."""
        yield from ((column, row[column]) for column in FORMS[self._rows].columns)
        if self._rows == "judge":
            yield "score", str(row["score"])
            return
        example = Example(**row)
        yield "data_source", task_named(example.task).data_source(example)
        program = Program.from_json(example.program) if example.program else {}
        yield from (("tools", signed(tool, value)) for tool, value in program.items())
