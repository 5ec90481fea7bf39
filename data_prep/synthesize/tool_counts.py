"""Counts of the synthetic tables, for the manifest."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from iea.data_prep.runner import Row
from iea.data_prep.runner.tables import read_batches
from iea.data_prep.schema import EXAMPLES, JUDGED
from iea.data_prep.synthesize.difficulty import PAPER
from iea.data_prep.synthesize.random_programs import cards
from iea.editor import TOOLS, Program
from iea.editor.levels import LEVELS, level


def tally_examples(folder: Path) -> dict[str, Any]:
    """Count the EXAMPLES shards in `folder`.

    tools, levels, tool_levels and tools_per_program are of the drawn programs, one of each pair of images; `restored` are
    the tools of the pairs without an instruction; `unused` are tools that no drawn program uses in that direction.
    """
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    by_tool = {signed(*card): Counter[str]() for card in cards()}
    counted: set[str] = set()  # originals whose program has been counted
    for row in _rows(folder, ["task", "persona", "split", "original", "program", "previous_program"]):
        counts["tasks"][row["task"]] += 1
        counts["personas"][f"{row['task']}/{row['persona']}"] += 1
        counts["splits"][row["split"]] += 1
        if (row["task"], row["persona"]) == ("refine", "expert"):
            before, after = Program.from_json(row["previous_program"]), Program.from_json(row["program"])
            counts["refined_tools"][str(sum(before.get(tool) != after.get(tool) for tool in TOOLS))] += 1
        if row["task"] != "edit" or row["original"] in counted:
            continue
        counted.add(row["original"])
        program = Program.from_json(row["program"])
        if row["persona"] in PAPER.without_request:
            counts["restored"].update(signed(tool, value) for tool, value in program.items())
            continue
        counts["tools_per_program"][str(len(program))] += 1
        for tool, value in program.items():
            counts["tools"][tool] += 1
            counts["levels"][level(value)] += 1
            by_tool[signed(tool, value)][level(value)] += 1
    plain: dict[str, Any] = {name: dict(sorted(counter.items())) for name, counter in sorted(counts.items())}
    tool_levels = {name: {level: found[level] for level in LEVELS} for name, found in by_tool.items()}
    return plain | {"tool_levels": tool_levels, "unused": [name for name, found in by_tool.items() if not found]}


def tally_judged(folder: Path) -> dict[str, Any]:
    """Count the JUDGED shards in `folder`; scores in ascending order."""
    columns = {"kinds": "kind", "personas": "persona", "splits": "split", "scores": "score"}
    rows = list(_rows(folder, list(columns.values())))
    counts = {name: Counter(row[column] for row in rows) for name, column in columns.items()}
    return {name: {str(value): count for value, count in sorted(found.items())} for name, found in counts.items()}


def signed(tool: str, value: int) -> str:
    """Return a tool with the sign of its value: "exposure-"."""
    return f"{tool}{'+' if value > 0 else '-'}"


def _rows(folder: Path, columns: list[str]) -> Iterator[Row]:
    """Yield some columns of all rows, a shard at a time."""
    wanted = pa.schema([(EXAMPLES if column in EXAMPLES.names else JUDGED).field(column) for column in columns])
    for path in sorted(folder.glob("*.parquet")):
        for rows in read_batches(path, wanted):
            yield from rows
