"""Several systems in one command: tables, failures, reasons, classes of rows, and resumption, also after SIGKILL."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from evaluated_rows import PROGRAM, write_rows
from typer.testing import Result

from iea.recipe.evaluation.evaluate import read_results, read_rows
from iea.recipe.evaluation.evaluate_systems import EvaluationConfig, evaluate_systems, tables
from iea.recipe.evaluation.labeled_system import LabeledSystem, read_labeled_systems
from iea.recipe.evaluation.lines import Scoring
from iea.recipe.evaluation.resumable import clean, make_results
from iea.recipe.evaluation.systems import SYSTEMS, System

METRICS = ("valid", "distance", "mse", "r_like", "r_use", "r_like_of_oracle", "r_align", "rouge_l", "reward", "clip_i")


def compare(systems: list[str], rows: Path, out: Path) -> dict[str, dict[str, Any]]:
    config = EvaluationConfig(rows, out, METRICS)
    return evaluate_systems(read_labeled_systems(systems), config, log=lambda _: None, quiet=True)


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    return write_rows(tmp_path, "edit", "edit", "refine", "summary")


def test_every_class_has_its_means_and_every_gap_its_reason(rows: Path, tmp_path: Path) -> None:
    answers = [{"index": 0, "program": json.loads(PROGRAM)}, {"index": 3, "answer": "brighten it"}]
    (tmp_path / "answers.json").write_text(json.dumps(answers))
    manifests = compare(["untouched", "reference", f"programs={tmp_path / 'answers.json'}"], rows, tmp_path / "out")
    untouched, reference, programs = manifests.values()
    assert list(untouched["classes"]) == ["edit", "edit, local edit", "refine"]
    assert untouched["classes"]["edit"]["r_like"] == 0 and reference["classes"]["refine"]["mse"] == 0
    assert "r_use" not in untouched["classes"]["edit"]
    assert untouched["not_computed"]["r_use"] == "an image shows no tools: it needs a program"
    assert "no CLIP model was given" in untouched["not_computed"]["clip_i"]
    assert programs["failed"] == {"no_answer": 2}
    assert programs["classes"]["edit, local edit"]["failed"] == 1 and programs["classes"]["edit"]["r_like"] == 1
    assert programs["classes"]["edit, local edit"]["r_like"] == -1  # counted, not left out
    assert programs["classes"]["summary"]["rouge_l"] == 1
    assert programs["not_computed"]["r_align"] == "no judge of summaries was given: set --judge-model"
    printed = tables(manifests)
    assert "**Edit, with instruction, local edit**" in printed and "| programs | no_answer | 2 |" in printed
    assert "| r_use, reward | untouched, reference | an image shows no tools" in printed
    for label in manifests:
        assert len(read_results(tmp_path / "out" / f"{label}.parquet")) == manifests[label]["rows"]


def test_a_finished_system_is_kept_and_another_one_is_not_taken_for_it(rows: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    first = compare(["a:noisy_labels=0.5"], rows, out)
    written = (out / "a.parquet").stat().st_mtime_ns
    assert compare(["a:noisy_labels=0.5", "untouched"], rows, out)["a"] == first["a"]
    assert (out / "a.parquet").stat().st_mtime_ns == written and not list((out / ".chunks").iterdir())
    with pytest.raises(ValueError, match="of the same rows, options and code, got others: options"):
        compare(["a:noisy_labels=1,seed=3"], rows, out)
    write_rows(tmp_path, "edit", "edit", "refine")
    with pytest.raises(ValueError, match="got others: rows_sha256"):
        compare(["a:noisy_labels=0.5"], rows, out)


def test_damaged_results_are_made_again(rows: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    compare(["noisy_labels"], rows, out)
    whole = (out / "noisy_labels.parquet").read_bytes()
    (out / "noisy_labels.parquet").write_bytes(whole[:-9])
    compare(["noisy_labels"], rows, out)
    assert pd.read_parquet(out / "noisy_labels.parquet").score.notna().all()


class Counting:
    """A system that fails at its third chunk for the first time, and counts its rows."""

    def __init__(self) -> None:
        self.rows: list[int] = []
        self.system = System("counting", self.answers, ("edit",))

    def answers(self, rows: pd.DataFrame, _: object) -> list[str]:
        if len(self.rows) == 4:
            self.rows.append(-1)
            raise RuntimeError("interrupted")
        self.rows += [extra["index"] for extra in rows.extra_info]
        return [PROGRAM] * len(rows)


def test_an_interrupted_run_continues_at_the_chunk_that_is_missing(tmp_path: Path) -> None:
    table = read_rows(write_rows(tmp_path, *["edit"] * 7))
    counting = Counting()
    labeled = LabeledSystem("counting", counting.system, object())
    (tmp_path / "out").mkdir()
    with pytest.raises(RuntimeError, match="interrupted"):
        make_results(labeled, table, Scoring(), tmp_path / "out", {}, chunk=2, quiet=True)
    made = make_results(labeled, table, Scoring(), tmp_path / "out", {}, chunk=2, quiet=True)
    assert counting.rows == [0, 1, 2, 3, -1, 4, 5, 6] and (made.rows, made.made) == (7, 3)
    assert pd.read_parquet(tmp_path / "out/counting.parquet")["index"].tolist() == list(range(7))


def test_the_chunks_of_a_similar_label_stay(rows: Path, tmp_path: Path) -> None:
    table = read_rows(rows)
    (tmp_path / "out").mkdir()
    for label in ("base", "base-2"):
        make_results(
            LabeledSystem(label, Counting().system, object()), table[:2], Scoring(), tmp_path / "out", {}, quiet=True
        )
    clean(tmp_path / "out", "base")
    (left,) = (tmp_path / "out/.chunks").iterdir()
    assert left.name.startswith("base-2-")


def test_a_system_that_needs_all_rows_gets_them_at_once(tmp_path: Path) -> None:
    seen: list[int] = []

    def answers(rows: pd.DataFrame, _: object) -> list[str]:
        seen.append(len(rows))
        return [PROGRAM] * len(rows)

    table = read_rows(write_rows(tmp_path, *["edit"] * 5))
    (tmp_path / "out").mkdir()
    labeled = LabeledSystem("whole", System("whole", answers, whole=True), object())
    make_results(labeled, table, Scoring(), tmp_path / "out", {}, chunk=2, quiet=True)
    assert seen == [5]


def test_a_row_that_cannot_be_scored_stops_before_its_chunk_is_written(rows: Path, tmp_path: Path) -> None:
    (tmp_path / "reference0.png").write_bytes(b"no image")
    for label in ("noisy_labels", "untouched"):
        with pytest.raises(RuntimeError, match=r"must be scored, got 1 of 3 without a score, such as 'test/row-0'"):
            compare([label], rows, tmp_path / "out")
        assert not (tmp_path / f"out/{label}.parquet").exists()


@pytest.mark.slow
def test_a_killed_command_continues_and_pays_no_answer_twice(tmp_path: Path, server: Any) -> None:
    """The server holds the answer of the third chunk back until the command was killed."""
    rows, out = write_rows(tmp_path, *["edit"] * 260), tmp_path / "out"
    process: list[subprocess.Popen[bytes]] = []

    def kill(handler: Any) -> None:
        os.kill(process[0].pid, signal.SIGKILL)
        server.reset(handler)

    server.script = [*[server.completion(PROGRAM)] * 257, kill, server.completion(PROGRAM)]
    system = f"endpoint={server.url},model=m,concurrency=1,image_side=24"
    command = [sys.executable, "-W", "ignore", "-m", "iea.recipe.cli", "evaluate", system, "--rows", str(rows)]
    command += ["--out", str(out), "--metrics", "r_like,valid"]
    process.append(subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
    assert process[0].wait() == -signal.SIGKILL
    assert not (out / "endpoint.parquet").exists() and len(list((out / ".chunks").glob("*/*.parquet"))) == 2
    again = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "endpoint: 260 rows, 4 of them made" in again.stdout
    assert len(server.seen) == 257 + 1 + 3
    manifest = json.loads((out / "endpoint.json").read_text())
    assert manifest["rows"] == 260 and manifest["last_run"]["cache_hits"] == 1
    assert manifest["classes"]["edit"]["r_like"] == 1


def test_unanswered_rows_are_status_3(rows: Path, tmp_path: Path, server: Any, iea: Callable[..., Result]) -> None:
    server.script = [server.status(500)]
    system = f"endpoint={server.url},model=m,attempts=1,backoff_s=0"
    result = iea("evaluate", system, "--rows", rows, "--out", tmp_path / "out")
    assert result.exit_code == 3 and "4 of 4 rows are unanswered" in result.stderr


def test_options_of_the_command_are_checked(rows: Path, tmp_path: Path, iea: Callable[..., Result]) -> None:
    for arguments, message in (
        (["--metrics", "beauty"], "metrics must be names among"),
        (["--weights", "vgg=x"], "--weights must be NAME=PATH"),
        (["--weights", "clip=/nowhere"], "clip must be the path of weights"),
    ):
        result = iea("evaluate", "untouched", "--rows", rows, "--out", tmp_path / "out", *arguments)
        assert result.exit_code == 1 and message in result.stderr
    assert set(SYSTEMS) >= {"checkpoint", "endpoint", "programs", "pictures", "untouched", "reference", "oracle"}
