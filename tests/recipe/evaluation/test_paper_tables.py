"""The paper's tables: our rows with their runs, the printed ones with their sources; Markdown, LaTeX, JSON."""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pylatexenc.latexwalker import LatexEnvironmentNode, LatexMacroNode, LatexWalker

from iea.data_prep.files import file_sha256
from iea.recipe.evaluation import paper_tables
from iea.recipe.evaluation.latex import escape, latex_table
from iea.recipe.evaluation.paper_tables import write_tables
from iea.recipe.evaluation.system_results import read_systems
from iea.recipe.evaluation.tables.paper import PAPER_TABLES
from iea.recipe.evaluation.tables.paper.layout import Filled, PaperTable, Sources
from iea.recipe.study.findings import analyze
from iea.recipe.study.report import write_report

HOSTILE = r"\input{x} & 100% #1_$^~ <a>|[b]"


@pytest.fixture
def compared(results: pd.DataFrame, tmp_path: Path) -> Path:
    """Write results of two systems; the second has finished images, and local edits."""
    home = tmp_path / "compared"
    home.mkdir()
    results.assign(clip_i=0.9, rouge_l_union=0.3).to_parquet(home / "stage1.parquet")
    images = results[results.kind != "summary"].assign(r_use=np.nan, score=np.nan, n_tools=np.nan)
    images["scope"] = ["local", *["global"] * (len(images) - 1)]
    images.to_parquet(home / "images_50%.parquet")
    (home / "images_50%.json").write_text(json.dumps({"not_computed": {"r_use": "it needs a program"}}))
    return home


@pytest.fixture
def search(tmp_path: Path) -> Path:
    home = tmp_path / "search"
    home.mkdir()
    cells = {"R_like": 0.8, "R_use": 0.7, "tools": 2.5, "evaluations": 15.0, "ms": 4.0}
    means = {"FastSearch": cells | {"R_like_at_cost": 0.8, "R_use_at_cost": 0.7}}
    (home / "search.json").write_text(json.dumps({"pairs": 60, "means": means}))
    (home / "search.png").write_bytes(b"plot")
    return home


@pytest.fixture
def grades(tmp_path: Path) -> Path:
    home = tmp_path / "grades"
    home.mkdir()
    line = {"system": "stage1", "instruction": 7.5, "preservation": 9.0, "SC": 7.5, "PQ": None, "overall": None}
    (home / "comparison.json").write_text(json.dumps({"items": 12, "tables": {"grades": [line]}}))
    return home


@pytest.fixture
def study(tmp_path: Path) -> Path:
    rows = [
        {"rater": rater, "page": 1, "kind": "item", "item": item, "question": question, "system": system, "rank": rank}
        for rater in range(4)
        for item in range(3)
        for question in ("instruction", "quality")
        for rank, system in enumerate(("a", "b", "c"), 1)
    ]
    write_report("Study", ("a", "b", "c"), pd.DataFrame(rows), tmp_path / "study", pass_rate=0.75)
    return tmp_path / "study"


def test_every_number_of_ours_names_its_run(compared: Path, tmp_path: Path) -> None:
    text = write_tables(Sources(read_systems([str(compared)])), tmp_path)
    digest = file_sha256(compared / "stage1.parquet")
    assert f"| stage1 | ours, {digest[:12]} | 0.100 | 0.500 | 1.000 |" in text
    assert f"- stage1: {compared}/stage1.parquet, 24 rows, sha256 {digest}." in text
    ours = json.loads((tmp_path / "paper_tables.json").read_text())["table2"]["ours"]
    assert ours[0]["run"] == {"file": f"{compared}/stage1.parquet", "sha256": digest, "rows": 24}
    assert (tmp_path / "paper_tables.md").read_text() == text + "\n"


def test_the_means_are_those_of_the_rows(compared: Path, results: pd.DataFrame) -> None:
    (table,) = [
        one for one in paper_tables.filled(Sources(read_systems([str(compared)]))) if one.table.name == "table2"
    ]
    first = next(one for one in table.ours if one.label == "stage1")
    assert first.cells["r_align"] == pytest.approx(10 * results[results.kind == "summary"].score.mean())
    assert first.cells["rouge_l"] == pytest.approx(0.3)


def test_local_edits_are_a_row_of_their_own(compared: Path) -> None:
    (table, _) = paper_tables.filled(Sources(read_systems([str(compared)])))
    rows = {one.label: one.run.rows for one in table.ours}
    assert rows == {"stage1": 24, "images_50%": 15, "images_50% (local edits)": 1}


def test_a_missing_number_has_its_reason(compared: Path) -> None:
    text = write_tables(Sources(read_systems([str(compared)])), None)
    assert "Not computed of images_50%: Edit R_use ↑, Refine R_use ↑: it needs a program." in text
    assert (
        "Not computed of images_50%, images_50% (local edits): Summary ROUGE-L ↑, Summary R_align ↑: no rows of summary."
        in text
    )
    assert "Not computed: LPIPS ↓: the results have no column lpips." in text


def test_the_paper_has_its_own_rows_with_sources_and_marks(compared: Path) -> None:
    text = write_tables(Sources(read_systems([str(compared)])), None)
    assert "| IEA, Stage 3 | the paper | 0.103† | – |" in text and "at second hand (†): a public survey" in text
    assert "Not known of the paper, and left out: R_like and R_use of any row" in text


@pytest.mark.parametrize("table", PAPER_TABLES.values(), ids=lambda table: table.name)
def test_printed_values_have_columns_and_sources(table: PaperTable) -> None:
    assert table.printed.unknown and all(row.source and row.cells for row in table.printed.rows)


def test_all_five_tables_come_from_their_sources(
    compared: Path, search: Path, grades: Path, study: Path, tmp_path: Path, iea: Callable[..., Any]
) -> None:
    out = tmp_path / "new" / "report"
    sources = ["--search", search, "--grades", grades, "--study", study]
    result = iea("report", "--results", compared, *sources, "--out", out, "--cases", 1, "--side", 64, "--workers", 1)
    assert result.exit_code == 0, result.output
    names = ["cases.html", "paper_tables.json", "paper_tables.md", "search.png"]
    assert sorted(one.name for one in out.iterdir()) == names + [f"table{number}.tex" for number in (2, 3, 7, 8, 9)]
    text = (out / "paper_tables.md").read_text()
    assert result.output.endswith(text)
    assert "| FastSearch | ours," in text and "![quality against cost](search.png)" in text
    assert "| 7.50 | 9.00 | 7.50 | – | – |" in text and "PQ ↑, overall ↑: the grader gave none" in text
    assert "| Kendall's W, raters x images | ours," in text and "| IEA | the paper | – | 3.690† |" in text
    assert search.joinpath("search.png").read_bytes() == (out / "search.png").read_bytes()


def test_ranks_and_agreement_are_those_of_the_study(study: Path) -> None:
    (table,) = paper_tables.filled(Sources(study=study))
    cells = {one.label: one.cells for one in table.ours}
    rankings = pd.read_csv(study / "rankings.csv")
    found = analyze(rankings[rankings.question == "quality"], ("a", "b", "c"))
    assert [cells[name]["quality"] for name in "abc"] == found.systems.mean_rank.tolist() == [1, 2, 3]
    assert cells["Kendall's W, raters"]["quality"] == pytest.approx(1)


def test_runs_and_systems_are_reported_together(
    compared: Path, make_home: Callable[..., Path], iea: Callable[..., Any]
) -> None:
    result = iea("report", make_home("seed-0"), "--results", f"ours={compared / 'stage1.parquet'}")
    assert result.exit_code == 0, result.output
    assert result.output.startswith("**Staircase**") and "| ours | ours," in result.output


def test_a_report_of_nothing_is_refused(iea: Callable[..., Any], tmp_path: Path) -> None:
    for arguments, message in (((), "needs folders of runs"), (("--search", tmp_path), "must have search.json")):
        result = iea("report", *arguments)
        assert result.exit_code == 1 and message in result.output
    for option, message in (("--grades", "comparison.json with grades"), ("--study", "report.json of a study")):
        assert message in iea("report", option, tmp_path).output


def walked(text: str) -> LatexEnvironmentNode:
    """Parse LaTeX strictly and return its only table environment."""
    nodes, _, _ = LatexWalker(text, tolerant_parsing=False).get_latex_nodes()
    (table,) = [node for node in nodes if isinstance(node, LatexEnvironmentNode)]
    return table


def test_latex_is_well_formed_and_has_as_many_cells_in_every_row(
    compared: Path, search: Path, grades: Path, study: Path
) -> None:
    tables = paper_tables.filled(Sources(read_systems([str(compared)]), search, grades, study))
    assert len(tables) == 5
    for one in tables:
        text = paper_tables.as_latex(one)
        assert walked(text).environmentname == "table"
        body = text.partition(r"\toprule")[2].partition(r"\bottomrule")[0].replace(r"\midrule", "")
        rows = [row for row in body.split(r"\\") if row.strip()]
        assert len(rows) == 1 + len(one.table.printed.rows) + len(one.ours)
        assert {row.replace(r"\&", "").count("&") for row in rows} == {1 + len(one.table.columns)}


def test_no_text_is_a_command_of_latex() -> None:
    text = latex_table("t", HOSTILE, ["", "from", HOSTILE], [[[HOSTILE, HOSTILE, "1"]]], [HOSTILE])
    nodes = [*walked(text).nodelist]
    found = {node.macroname for node in nodes if isinstance(node, LatexMacroNode)}
    assert "input" not in found and escape(HOSTILE) in text
    assert escape("a\nb") == "a b" and escape("\\") == r"\textbackslash{}"


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="no LaTeX: install texlive-latex-recommended")
def test_latex_compiles(compared: Path, tmp_path: Path) -> None:
    body = "".join(map(paper_tables.as_latex, paper_tables.filled(Sources(read_systems([str(compared)])))))
    document = rf"\documentclass{{article}}\usepackage{{booktabs,graphicx}}\begin{{document}}{body}\end{{document}}"
    (tmp_path / "paper.tex").write_text(document, encoding="utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "paper.tex"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    assert (tmp_path / "paper.pdf").stat().st_size > 0


def test_a_cell_without_a_column_is_rejected(compared: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from iea.recipe.evaluation.tables.paper import layout

    monkeypatch.setattr(layout, "HERE", tmp_path)
    table = PaperTable("table0", "Table 0: none", PAPER_TABLES["table2"].columns, lambda _: [])
    (tmp_path / "table0.yaml").write_text("rows: [{label: a, cells: {other: 1.0}, source: b}]\nunknown: c\n")
    with pytest.raises(ValueError, match="got 'other'"):
        Filled(table, []).as_dict()
    (tmp_path / "table0.yaml").write_text("rows: [{label: a, cells: {edit_l: 1.0}}]\nunknown: c\n")
    with pytest.raises(ValueError, match="must have rows with label"):
        Filled(table, []).as_dict()
