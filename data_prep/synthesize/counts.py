"""Counts of the synthetic tables, for the manifest."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from iea.data_prep.runner import Row
from iea.editor import TOOLS, Program
from iea.editor.levels import LEVELS, level

WITHOUT_REQUEST = ("none", "vague")  # personas of restorations


def tally_examples(folder: Path) -> dict[str, Any]:
    """Count the EXAMPLES shards in `folder`.

    tools, levels, tool_levels and tools_per_program are of the drawn programs, one of each pair of pictures; `restored` are
    the tools of the pairs without an instruction; `unused` are tools that no drawn program uses in that direction.
    """
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    by_tool = {_signed(tool.name, sign): Counter[str]() for tool in TOOLS.values() for sign in _signs(tool.low)}
    columns = ["task", "persona", "split", "original", "program", "previous_program"]
    counted: set[str] = set()  # originals whose program has been counted
    for row in _rows(folder, columns):
        counts["tasks"][row["task"]] += 1
        counts["personas"][f"{row['task']}/{row['persona']}"] += 1
        counts["splits"][row["split"]] += 1
        if (row["task"], row["persona"]) == ("refine", "expert"):
            counts["refined_tools"][str(_differing(row))] += 1
        if row["task"] != "edit" or row["original"] in counted:
            continue
        counted.add(row["original"])
        program = Program.from_json(row["program"])
        if row["persona"] in WITHOUT_REQUEST:
            counts["restored"].update(_signed(tool, value) for tool, value in program.items())
        else:
            _count_program(program, by_tool, counts)
    plain: dict[str, Any] = {name: dict(sorted(counter.items())) for name, counter in sorted(counts.items())}
    tool_levels = {name: {level: found[level] for level in LEVELS} for name, found in by_tool.items()}
    unused = [name for name, found in by_tool.items() if not found]
    return plain | {"tool_levels": tool_levels, "unused": unused}


def tally_judged(folder: Path) -> dict[str, Any]:
    """Count the JUDGED shards in `folder`; scores in ascending order."""
    rows = list(_rows(folder, ["kind", "persona", "split", "score"]))
    scores = Counter(row["score"] for row in rows)
    return {
        "kinds": _counted(row["kind"] for row in rows),
        "personas": _counted(row["persona"] for row in rows),
        "splits": _counted(row["split"] for row in rows),
        "scores": {str(score): scores[score] for score in sorted(scores)},
    }


def _count_program(program: Program, by_tool: dict[str, Counter[str]], counts: defaultdict[str, Counter[str]]) -> None:
    counts["tools_per_program"][str(len(program))] += 1
    for tool, value in program.items():
        counts["tools"][tool] += 1
        counts["levels"][level(value)] += 1
        by_tool[_signed(tool, value)][level(value)] += 1


def _differing(row: Row) -> int:
    """Of how many tools a refinement changes the value."""
    before, after = Program.from_json(row["previous_program"]), Program.from_json(row["program"])
    return sum(before.get(tool) != after.get(tool) for tool in TOOLS)


def _rows(folder: Path, columns: list[str]) -> Iterator[Row]:
    """Some columns of all rows, a shard at a time."""
    for path in sorted(folder.glob("*.parquet")):
        yield from pq.read_table(path, columns=columns).to_pylist()


def _signed(tool: str, value: int) -> str:
    return f"{tool}{'+' if value > 0 else '-'}"


def _signs(low: int) -> tuple[int, ...]:
    return (1, -1) if low < 0 else (1,)


def _counted(items: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(items).items()))
