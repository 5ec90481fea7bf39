"""From invited raters to the report, through the commands and the store."""

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from iea.recipe.study.store import Store
from iea.recipe.study.study import DAMAGED, load_study

pytestmark = pytest.mark.slow

TASTE = {"warm": 0.0, "vivid": 1.0, "bright": 2.0, "original": 3.0, DAMAGED: 9.0}
"""The best system has the lowest number; raters add noise to it."""


def answer_all(store: Store, rater: int, *, noise: float, pages: int | None = None) -> None:
    """Rank pages as a rater of TASTE."""
    rng = random.Random(rater)
    for number in range(1, (pages or store.progress(rater)[1]) + 1):
        shown = store.page(rater, number)[0].shown
        store.rank(rater, number, sorted(shown, key=lambda system: TASTE[system] + noise * rng.random()))


@pytest.fixture
def ranked(study_folder: Path, store: Store) -> Path:
    """Return a study of six attentive raters, one who stopped early, and two who tapped at random."""
    store.invite(load_study(study_folder), 9)
    for rater in range(1, 7):
        answer_all(store, rater, noise=1.5)
    answer_all(store, 7, noise=1.5, pages=3)
    answer_all(store, 8, noise=1000)
    answer_all(store, 9, noise=1000)
    return study_folder


def test_the_report_has_the_true_ranking_and_leaves_random_raters_out(
    ranked: Path, iea: Callable[..., Any], tmp_path: Path
) -> None:
    result = iea("study", "report", ranked, "--out", tmp_path / "report")
    assert result.exit_code == 0, result.output
    assert result.output.strip() == (tmp_path / "report/report.md").read_text().strip()
    assert result.output.startswith("# Retouching\n\n7 raters; 2 more passed fewer than 75%")
    report = json.loads((tmp_path / "report/report.json").read_text())
    for question in ("instruction", "quality"):
        assert [one["system"] for one in report[question]["systems"]] == ["warm", "vivid", "bright", "original"]
        assert report[question]["friedman_over_raters"]["p"] < 0.001
        assert report[question]["friedman_over_rankings"]["blocks"] in (6 * 5 + 1, 6 * 5 + 2)
    assert report["raters"]["consistency"] > 0.4


def test_the_table_of_rankings_is_complete_and_has_no_token(
    ranked: Path, store: Store, iea: Callable[..., Any], tmp_path: Path
) -> None:
    iea("study", "report", ranked, "--out", tmp_path / "report")
    text = (tmp_path / "report/rankings.csv").read_text()
    table = pd.read_csv(tmp_path / "report/rankings.csv")
    pages = store.progress(1)[1]
    assert len(table) == (8 * pages + 3) * 4
    assert (table.groupby(["rater", "page"])["rank"].apply(sorted).map(tuple) == (1, 2, 3, 4)).all()
    assert list(table) == ["rater", "page", "item", "kind", "question", "system", "rank", "position", "answered"]
    study = load_study(ranked)
    assert not any(file in text for item in study.items for file in item.results.values())


def test_the_pass_rate_decides_who_is_counted(ranked: Path, iea: Callable[..., Any], tmp_path: Path) -> None:
    result = iea("study", "report", ranked, "--out", tmp_path / "report", "--pass-rate", 0)
    assert "9 raters; 0 more" in result.output


def test_a_study_without_rankings_is_not_reported(study_folder: Path, iea: Callable[..., Any], tmp_path: Path) -> None:
    result = iea("study", "report", study_folder, "--out", tmp_path / "report")
    assert result.exit_code == 1 and "wait for raters" in result.output and not (tmp_path / "report").exists()


def test_links_are_random_and_later_raters_join(study_folder: Path, store: Store, iea: Callable[..., Any]) -> None:
    links = [
        line
        for count in (3, 2)
        for line in iea(
            "study", "invite", study_folder, "--raters", count, "--url", "https://s.example/"
        ).output.split()
    ]
    assert len(set(links)) == 5 and all(link.startswith("https://s.example/r/") for link in links)
    raters = [store.rater(link.rsplit("/", 1)[1]) for link in links]
    assert [rater and rater.number for rater in raters] == [1, 2, 3, 4, 5]
    assert store.rater("guessed") is None


def test_a_folder_without_a_study_is_refused(iea: Callable[..., Any], tmp_path: Path) -> None:
    result = iea("study", "invite", tmp_path, "--raters", 1)
    assert result.exit_code == 1 and "make one by `iea study make`" in result.output
    assert not list(tmp_path.iterdir())
