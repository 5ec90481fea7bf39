"""Write the report of a study: report.md for people, report.json for programs, rankings.csv for another analysis."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from iea.editor.io import replacing
from iea.recipe.study.findings import Findings, analyze, attention, consistency
from iea.recipe.study.statistics import Friedman
from iea.recipe.study.study import QUESTIONS

NAMES = {"instruction": "Instruction following", "quality": "Quality"}


def write_report(title: str, systems: Sequence[str], rankings: pd.DataFrame, out: Path, *, pass_rate: float) -> str:
    """Analyze all rankings, write the three files and return the text of report.md.

    A rater who passed fewer than `pass_rate` of the attention checks is left out. One who stopped before the first check
    is counted.

    Parameters
    ----------
    rankings : of `Store.rankings`

    Raises
    ------
    ValueError : a question has no ranking of a counted rater
    """
    passed = attention(rankings)
    left_out = passed.index[passed < pass_rate]
    counted = rankings[~rankings.rater.isin(left_out)]
    items = counted[counted.kind == "item"]
    findings = {question: analyze(items[items.question == question], systems) for question in QUESTIONS}
    raters = {
        "counted": int(counted.rater.nunique()),
        "left_out": len(left_out),
        "pass_rate": pass_rate,
        "consistency": consistency(counted),
    }
    text = "\n".join(_lines(title, raters, findings)) + "\n"
    out.mkdir(parents=True, exist_ok=True)
    report = {"raters": raters, **{question: _plain(found) for question, found in findings.items()}}
    _write(out / "report.md", text)
    _write(out / "report.json", json.dumps(_finite(report), indent=1, ensure_ascii=False, allow_nan=False) + "\n")
    _write(out / "rankings.csv", rankings.to_csv(index=False))
    return text


def _lines(title: str, raters: Mapping[str, Any], findings: Mapping[str, Findings]) -> Iterator[str]:
    yield f"# {title}\n"
    yield (
        f"{raters['counted']} raters; {raters['left_out']} more passed fewer than {raters['pass_rate']:.0%} of the attention "
        f"checks and are left out. Consistency of repeated rankings (Kendall's tau): {_number(raters['consistency'], '.2f')}."
    )
    for question, found in findings.items():
        yield f"\n## {NAMES[question]}\n"
        yield "| system | mean rank | 95 % over raters | over raters and images | win rate | ranked first | Elo |"
        yield "|---|---|---|---|---|---|---|"
        for one in found.systems.to_dict("records"):
            yield (
                f"| {one['system']} | {one['mean_rank']:.2f} | {_interval(one['low'], one['high'])} | "
                f"{_interval(one['low_images'], one['high_images'])} | {one['win_rate']:.0%} | {one['first']:.0%} | "
                f"{one['elo']:+.0f} |"
            )
        yield f"\nFriedman over raters: {_test(found.over_raters, len(found.systems))}.  "
        yield f"Over raters x images, which are not independent: {_test(found.over_rankings, len(found.systems))}.  "
        low, middle, high = (_number(float(found.image_w.quantile(share)), ".2f") for share in (0.25, 0.5, 0.75))
        yield f"W of the raters for one image: median {middle}, quartiles {low} and {high}."
        yield "\n| pair | won by the first | p (Wilcoxon over raters, Holm) |\n|---|---|---|"
        for pair in found.pairs.to_dict("records"):
            yield f"| {pair['better']}, {pair['worse']} | {pair['win_rate']:.0%} | {_p(pair['p'])} |"


def _test(test: Friedman, systems: int) -> str:
    if np.isnan(test.chi2):
        return f"not computed, it needs three systems and two blocks, got {systems} and {test.blocks}"
    return f"N = {test.blocks}, chi2({systems - 1}) = {test.chi2:.2f}, p {_p(test.p, equals='= ')}, W = {test.w:.3f}"


def _p(p: float, equals: str = "") -> str:
    return "< 0.001" if p < 0.001 else equals + _number(p, ".3f")


def _number(value: float, form: str) -> str:
    return "not computed" if np.isnan(value) else format(value, form)


def _interval(low: float, high: float) -> str:
    return "no interval" if np.isnan(low) else f"{low:.2f} to {high:.2f}"


def _plain(found: Findings) -> dict[str, Any]:
    return {
        "systems": found.systems.to_dict("records"),
        "friedman_over_raters": asdict(found.over_raters),
        "friedman_over_rankings": asdict(found.over_rankings),
        "image_w": found.image_w.to_dict(),
        "pairs": found.pairs.to_dict("records"),
    }


def _finite(value: Any) -> Any:
    """Replace NaN by None, as JSON requires."""
    if isinstance(value, dict):
        return {str(key): _finite(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_finite(one) for one in value]
    return None if isinstance(value, float) and np.isnan(value) else value


def _write(path: Path, text: str) -> None:
    with replacing(path) as partial:
        partial.write_text(text, encoding="utf-8")
