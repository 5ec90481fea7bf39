"""Evaluate several systems on one file of rows: results and a manifest of each, and their tables.

    iea evaluate untouched reference oracle checkpoint=work/stage1/huggingface --rows rows.parquet --out work/compared

A finished system is kept; an interrupted one continues. OUT/LABEL.parquet has one line per row (docs/evaluation.md), OUT/LABEL.json
their sources, the means of each class of rows, the failures, and the reasons of metrics that could not be computed.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from math import isfinite
from pathlib import Path
from typing import Any

import pandas as pd

from iea.data_prep.files import code_sha256, file_sha256, read_json, refuse_overwriting, versions, write_json
from iea.data_prep.lock import locked
from iea.editor.markdown import markdown_table
from iea.recipe.evaluation.edited import NEEDS_PROGRAM
from iea.recipe.evaluation.evaluate import judge_for, read_rows, rows_for
from iea.recipe.evaluation.labeled_system import LabeledSystem
from iea.recipe.evaluation.lines import NoJudge, Scoring
from iea.recipe.evaluation.metrics import METRICS, available_metrics, measured, missing
from iea.recipe.evaluation.metrics.metric import Metric, MetricSettings
from iea.recipe.evaluation.results import class_title, row_classes
from iea.recipe.evaluation.resumable import MADE_FROM, Made, clean, is_finished, make_results

JUDGED = ("r_align", "reward")
COMPLETIONS = "completions"  # in OUT: paid answers of endpoints


@dataclass(frozen=True)
class EvaluationConfig:
    """Settings of an evaluation of several systems.

    rows : verl RL parquet
    out : folder of the results
    metrics : names of metrics to compute, () = all that can be
    weights : of metrics
    judge : of summaries, as `iea.recipe.evaluation.evaluate.evaluate` takes it; None = R_align is not computed
    """

    rows: Path
    out: Path
    metrics: tuple[str, ...] = ()
    weights: MetricSettings = field(default_factory=MetricSettings)
    judge: Mapping[str, object] | None = None

    def __post_init__(self) -> None:
        if unknown := sorted(set(self.metrics) - set(METRICS)):
            raise ValueError(f"metrics must be names among {', '.join(METRICS)}, got {unknown[0]!r}")

    def chosen(self) -> tuple[dict[str, Metric], dict[str, str]]:
        """Return the metrics to compute, and the reasons why others cannot be."""
        found, reasons = available_metrics(self.weights)
        wanted = set(self.metrics or METRICS)
        return (
            {name: one for name, one in found.items() if name in wanted},
            {name: reason for name, reason in reasons.items() if name in wanted},
        )

    def made_from(self, labeled: LabeledSystem) -> dict[str, Any]:
        """Return the causes of the results of a system, as JSON values."""
        metrics, _ = self.chosen()
        return labeled.described() | {
            "rows_sha256": file_sha256(self.rows),
            "judge": dict(self.judge) if self.judge else None,
            "metrics": list(metrics),
            "weights": {name: str(path) for name, path in asdict(self.weights).items() if path},
            "versions": versions(),
            "code_sha256": code_sha256(),
        }


def evaluate_systems(
    systems: Sequence[LabeledSystem], config: EvaluationConfig, *, log: Callable[[str], None], quiet: bool = False
) -> dict[str, dict[str, Any]]:
    """Evaluate every system that is not finished, in this order. Returns label -> manifest.

    Raises
    ------
    ValueError : the rows or an option cannot be used, or results of something else are in the place
    RuntimeError : a row could not be answered or scored, through no fault of the system; start again to continue
    LockedError : another run writes to the folder
    """
    with locked(config.out):
        systems = [_cached(labeled, config.out) for labeled in systems]
        for labeled in systems:
            refuse_overwriting(config.out / f"{labeled.label}.parquet", config.rows)
        made_from = {labeled.label: config.made_from(labeled) for labeled in systems}
        todo = [one for one in systems if not is_finished(config.out, one.label, made_from[one.label])]
        if todo:
            _evaluate(todo, config, made_from, log, quiet)
        return {one.label: read_json(config.out / f"{one.label}.json") or {} for one in systems}


def _cached(labeled: LabeledSystem, out: Path) -> LabeledSystem:
    """Return the system with a cache of completions in OUT, if it has one and no other was given."""
    if getattr(labeled.options, "cache", out) is not None:
        return labeled
    return replace(labeled, options=replace(labeled.options, cache=out / COMPLETIONS))


def _evaluate(
    systems: Sequence[LabeledSystem],
    config: EvaluationConfig,
    made_from: Mapping[str, Mapping[str, Any]],
    log: Callable[[str], None],
    quiet: bool,
) -> None:
    table = read_rows(config.rows)
    for labeled in systems:  # before anything is loaded
        rows_for(labeled.system, table, config.rows)
    metrics, reasons = config.chosen()
    scoring = Scoring.of(metrics.values(), config.weights, judge=judge_for(config.judge) or NoJudge())
    for labeled in systems:
        rows, identity = rows_for(labeled.system, table, config.rows), made_from[labeled.label]
        made = make_results(labeled, rows, scoring, config.out, identity, quiet=quiet)
        write_manifest(labeled, config, identity, metrics, reasons, made.usage)
        clean(config.out, labeled.label)
        log(throughput(labeled.label, made))


def write_manifest(
    labeled: LabeledSystem,
    config: EvaluationConfig,
    made_from: Mapping[str, Any],
    metrics: Mapping[str, Metric],
    reasons: Mapping[str, str],
    usage: Mapping[str, Any] | None,
) -> None:
    """Write the manifest of finished results."""
    path = config.out / f"{labeled.label}.parquet"
    results = pd.read_parquet(path)
    content = {
        "label": labeled.label,
        "rows": len(results),
        "classes": classes(results, metrics),
        "failed": dict(sorted(Counter(reason for reason in results.failure if reason).items())),
        "resized": dict(sorted(Counter(change for change in results.resized if change).items())),
        "not_computed": not_computed(results, metrics, reasons, judged=config.judge is not None),
        "last_run": dict(usage or {}),
        "sha256": file_sha256(path),
        MADE_FROM: dict(made_from),
    }
    write_json(config.out / f"{labeled.label}.json", content)


def classes(results: pd.DataFrame, metrics: Mapping[str, Metric]) -> dict[str, dict[str, float]]:
    """Return class of rows -> rows, failed rows, and the value of every metric that has one.

    A class is a kind of row; requests for an edit of a part of the image are a class of their own.
    """
    found = {}
    for name, part in results.groupby(row_classes(results), sort=True):
        values = {key: measured(metric, part) for key, metric in metrics.items()}
        facts = {"rows": len(part), "failed": int((part.failure != "").sum())}
        found[str(name)] = facts | {key: round(value, 6) for key, value in values.items() if isfinite(value)}
    return found


def not_computed(
    results: pd.DataFrame, metrics: Mapping[str, Metric], reasons: Mapping[str, str], *, judged: bool
) -> dict[str, str]:
    """Return metric -> the reason why it has no value of any row."""
    found = dict(reasons)
    for name, metric in metrics.items():
        if reason := missing(metric, results):
            found[name] = reason
            if metric.needs in NEEDS_PROGRAM and results[metric.needs].isna().all():
                found[name] = "an image shows no tools: it needs a program"
            if name in JUDGED and not judged and results.kind.eq("summary").any():
                found[name] = "no judge of summaries was given: set --judge-model"
    return found


def throughput(label: str, made: Made) -> str:
    """State the rows and the time of a run in one line."""
    rate = f", {made.made / made.seconds:.2f} rows/s" if made.made else ""
    return f"{label}: {made.rows} rows, {made.made} of them made in {made.seconds:.1f} s{rate}"


def tables(manifests: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the tables of all systems: one of each class of rows, then failures, and metrics without a value."""
    blocks = []
    for name in sorted({name for manifest in manifests.values() for name in manifest["classes"]}):
        lines = {label: one["classes"][name] for label, one in manifests.items() if name in one["classes"]}
        shown = [key for key in METRICS if any(key in line for line in lines.values())]
        rows = [
            [label, line["rows"], line["failed"], *(_cell(METRICS[key], line.get(key)) for key in shown)]
            for label, line in lines.items()
        ]
        headings = ["system", "rows", "failed", *(METRICS[key].heading for key in shown)]
        blocks.append(f"**{class_title(name)}**\n\n{markdown_table(headings, rows)}")
    for title, key in (("Failed rows", "failed"), ("Resized images", "resized")):
        if notes := [[label, *pair] for label, one in manifests.items() for pair in one[key].items()]:
            blocks.append(f"**{title}**\n\n{markdown_table(['system', key, 'rows'], notes)}")
    reasons: dict[str, dict[str, list[str]]] = {}
    for label, one in manifests.items():
        for name, reason in one["not_computed"].items():
            reasons.setdefault(reason, {}).setdefault(name, []).append(label)
    if reasons:
        notes = [[_joined(found), _joined(*found.values()), reason] for reason, found in reasons.items()]
        blocks.append(f"**Not computed**\n\n{markdown_table(['metrics', 'systems', 'reason'], notes)}")
    return "\n\n".join(blocks)


def _joined(*lists: Iterable[str]) -> str:
    """Return all texts, each once, in their order."""
    return ", ".join(dict.fromkeys(text for texts in lists for text in texts))


def _cell(metric: Metric, value: float | None) -> str:
    return "" if value is None else format(value, metric.format)
