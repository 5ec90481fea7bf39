"""What the synthetic tables hold, counted for the manifest."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from iea.data_prep.runner import Row
from iea.editor import TOOLS, Program
from iea.editor.levels import LEVELS, level


def tally_examples(folder: Path) -> dict[str, Any]:
    """Counts of the EXAMPLES shards in `folder`.

    tools, levels, tool_levels and tools_per_program are of the drawn programs, one of each pair of pictures; undone are
    the tools of the pairs without an instruction.

    Raises
    ------
    ValueError : a tool or a direction of it is not used at all
    """
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    by_tool = {
        _signed(tool.name, sign): Counter[str]() for tool in TOOLS.values() for sign in _signs(tool.low)
    }
    columns = ["task", "persona", "split", "program", "previous_program"]
    for row in _rows(folder, columns):
        counts["tasks"][row["task"]] += 1
        counts["personas"][f"{row['task']}/{row['persona']}"] += 1
        counts["splits"][row["split"]] += 1
        if (row["task"], row["persona"]) == ("edit", "none"):
            counts["undone"].update(
                _signed(tool, value) for tool, value in Program.from_json(row["program"]).items()
            )
        elif (row["task"], row["persona"]) == ("edit", "expert"):
            _count_program(Program.from_json(row["program"]), by_tool, counts)
        elif (row["task"], row["persona"]) == ("refine", "expert"):
            counts["refined_tools"][str(_differing(row))] += 1
    unused = [name for name, levels in by_tool.items() if not levels]
    if unused:
        raise ValueError(
            f"every tool must be used in every direction, got none with {', '.join(unused)}; make more rows: "
            f"{2 * len(TOOLS)} instructed ones deal each of them first"
        )
    plain = {name: dict(sorted(counter.items())) for name, counter in sorted(counts.items())}
    return plain | {"tool_levels": {name: {k: found[k] for k in LEVELS} for name, found in by_tool.items()}}


def tally_judged(folder: Path) -> dict[str, Any]:
    """Counts of the JUDGED shards in `folder`; scores in ascending order."""
    rows = list(_rows(folder, ["kind", "persona", "split", "score"]))
    scores = Counter(row["score"] for row in rows)
    return {
        "kinds": _counted(row["kind"] for row in rows),
        "personas": _counted(row["persona"] for row in rows),
        "splits": _counted(row["split"] for row in rows),
        "scores": {str(score): scores[score] for score in sorted(scores)},
    }


def _count_program(
    program: Program, by_tool: dict[str, Counter[str]], counts: defaultdict[str, Counter[str]]
) -> None:
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
