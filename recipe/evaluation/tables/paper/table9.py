"""Table 9 of the paper: the user study."""

import json

from iea.recipe.evaluation.tables.paper.layout import Column, PaperTable, Row, Run, Sources

QUESTIONS = ("instruction", "quality")
COLUMNS = (Column("instruction", "instruction following, mean rank ↓"), Column("quality", "quality, mean rank ↓"))
W, W_RATERS = "Kendall's W, raters x images", "Kendall's W, raters"


def ours(sources: Sources) -> list[Row]:
    """Return the mean ranks of every system, and the agreement of the raters.

    Raises
    ------
    ValueError : the folder has no report.json of a study
    """
    if sources.study is None:
        return []
    path = sources.study / "report.json"
    found = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    if not set(QUESTIONS) <= set(found):
        raise ValueError(
            f"{sources.study} must have report.json of a study; run iea study report --out {sources.study}"
        )
    run = Run.of(path)
    ranks = {
        question: {one["system"]: one["mean_rank"] for one in found[question]["systems"]} for question in QUESTIONS
    }
    rows = [_row(name, {one: ranks[one][name] for one in QUESTIONS}, run) for name in ranks["quality"]]
    for label, key in ((W, "friedman_over_rankings"), (W_RATERS, "friedman_over_raters")):
        rows.append(_row(label, {one: found[one][key]["w"] for one in QUESTIONS}, run))
    return rows


def _row(label: str, cells: dict[str, float | None], run: Run) -> Row:
    known = {key: value for key, value in cells.items() if value is not None}
    return Row(label, known, run, {key: "too few raters or systems" for key in cells if key not in known})


TABLE = PaperTable(
    "table9",
    "Table 9: user study, 1 = best, and the agreement of the raters. Rankings of one rater depend on each other: W with "
    "raters as blocks is ours.",
    COLUMNS,
    ours,
)
