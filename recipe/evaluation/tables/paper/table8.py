"""Table 8 of the paper: grades of the edits by a vision-language model."""

import json

from iea.recipe.evaluation.tables.paper.layout import Column, PaperTable, Row, Run, Sources

COLUMNS = (
    Column("instruction", "instruction ↑", ".2f"),
    Column("preservation", "preservation ↑", ".2f"),
    Column("SC", "SC ↑", ".2f"),
    Column("PQ", "PQ ↑", ".2f"),
    Column("overall", "overall ↑", ".2f"),
)


def ours(sources: Sources) -> list[Row]:
    """Return the grades of every system.

    Raises
    ------
    ValueError : the folder has no comparison.json with grades
    """
    if sources.grades is None:
        return []
    path = sources.grades / "comparison.json"
    found = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    lines = found.get("tables", {}).get("grades")
    if not lines:
        raise ValueError(
            f"{sources.grades} must have comparison.json with grades; run iea compare --out {sources.grades}"
        )
    run, rows = Run.of(path, found["items"]), []
    for line in lines:
        known = {one.key: line[one.key] for one in COLUMNS if line.get(one.key) is not None}
        reasons = {one.key: "the grader gave none" for one in COLUMNS if one.key not in known}
        rows.append(Row(line["system"], known, run, reasons))
    return rows


TABLE = PaperTable(
    "table8",
    "Table 8: grades from 0 to 10 by a vision-language model. SC = min(instruction, preservation), PQ is perceptual quality, "
    "overall = sqrt(SC PQ). The words of the prompts and the model differ from those of the paper.",
    COLUMNS,
    ours,
)
