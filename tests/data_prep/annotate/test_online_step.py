"""The command with an endpoint: killed at any point and restarted, it loses no row and pays for no request twice."""

import json
import os
import queue
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from iea.data_prep.annotate import AnnotationRequest
from iea.data_prep.runner import read_rows
from iea.data_prep.schema import PAIRS

pytestmark = pytest.mark.slow  # the module as a whole

KEY = "sk-1234567890-secret"


def row_of(pair: AnnotationRequest, **known: Any) -> dict[str, Any]:
    empty = {pa.string(): "", pa.int64(): 0, pa.float64(): 0.0}
    row = {field.name: empty.get(field.type, []) for field in PAIRS}
    paths = {"original": str(pair.original), "reference": str(pair.reference)}
    return row | {"source": "test", "name": pair.name} | paths | known


@pytest.fixture
def pairs(tmp_path: Path, make_pair: Callable[..., AnnotationRequest]) -> Path:
    """Five pairs to annotate, and a single image."""
    requests = [make_pair(tmp_path / "images", seed) for seed in range(5)]
    rows = [row_of(pair) for pair in requests]
    rows.insert(2, row_of(requests[0], name="single", reference=""))
    pq.write_table(pa.Table.from_pylist(rows, schema=PAIRS), tmp_path / "pairs.parquet")
    return tmp_path / "pairs.parquet"


@pytest.fixture
def options(server: Any, pairs: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], list[str]]:
    """options(out): of a command with short waits."""
    monkeypatch.setenv("A_KEY", KEY)
    fixed = {
        "--pairs": str(pairs),
        "--url": server.url,
        "--model": "m",
        "--key-env": "A_KEY",
        "--image-side": "64",
        "--attempts": "2",
        "--backoff": "0.001",
        "--requests-per-minute": "1e9",
        "--concurrency": "1",
        "--price-in": "1000",
        "--price-out": "10000",
    }
    return lambda out: [*(word for pair in fixed.items() for word in pair), "--out", str(out)]


def usage(out: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((out / "usage.json").read_text())
    return content


def test_rows_hold_the_annotations_and_usage_holds_the_cost(iea, server, options, tmp_path):
    out = tmp_path / "out"
    bad = server.completion({"nothing": 1})
    server.script = [server.completion(), server.status(429), server.completion(), bad, bad, bad, server.completion()]
    result = iea("data", "annotate", *options(out))
    assert result.exit_code == 0, result.output
    rows = read_rows(out)
    assert [row["name"] for row in rows] == ["test/0", "test/1", "test/3", "test/4"]
    for row in rows:
        assert row["teacher"] == "m" and row["reasoning"] == server.good["reasoning"]
        assert row["start"] == '{"exposure": 30, "temperature": 15}'
        assert (row["summaries_expert"], row["summaries_amateur"]) == (server.good["expert"], server.good["amateur"])
    report = json.loads((out / "report.json").read_text())
    assert report["rejected"] == {"no_reference": 1, "wrong_schema": 1}
    run, total = usage(out)["this_run"], usage(out)["all"]
    assert (run["requests"], run["retries"], run["cache_hits"]) == (8, 1, 0)
    assert (run["tokens_in"], run["tokens_out"], run["cost"]) == (7000, 700, 14)
    assert total["answers"] == 4 and total["reprompts"] == 2 and total["rejected"] == {"wrong_schema": 1}
    assert (total["tokens_in"], total["tokens_out"], total["cost"]) == (4000, 400, 8)
    assert "cost 14.0000" in result.output and server.keys == [f"Bearer {KEY}"] * 8


def test_the_second_run_sends_nothing_and_writes_the_same(iea, server, options, tmp_path):
    for name in ("a", "a", "b"):
        more = ["--cache", str(tmp_path / "cache")]
        assert iea("data", "annotate", *options(tmp_path / name), *more).exit_code == 0
    assert len(server.seen) == 5 and usage(tmp_path / "b")["this_run"]["cache_hits"] == 5
    for name in ("00000.parquet", "report.json"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_a_spent_budget_writes_no_rows_until_all_is_annotated(iea, server, options, tmp_path):
    out = tmp_path / "out"
    result = iea("data", "annotate", *options(out), "--budget", "6")
    assert result.exit_code == 3 and "2 of 6 pairs are unanswered" in result.output
    assert "start again" in result.output and not list(out.glob("*.parquet"))
    assert usage(out)["all"]["unanswered"] == {"budget": 2} and len(server.seen) == 3
    partial = [*options(tmp_path / "some"), "--budget-tokens", "0", "--partial"]
    result = iea("data", "annotate", *partial, "--cache", str(tmp_path / "out.cache"))
    assert result.exit_code == 0, result.output
    assert [row["name"] for row in read_rows(tmp_path / "some")] == ["test/0", "test/1", "test/2"]
    result = iea("data", "annotate", *options(out), "--budget", "6")
    assert result.exit_code == 0 and len(read_rows(out)) == 5 == len(server.seen)


@pytest.mark.parametrize("code", [400, 403, 422])
def test_a_run_that_was_rejected_as_a_whole_can_be_repeated(code, iea, server, options, tmp_path):
    out = tmp_path / "out"
    server.script = [server.status(code, "no such setting")]
    result = iea("data", "annotate", *options(out))
    assert (
        result.exit_code == 3 and "5 of 6 pairs are unanswered" in result.output and "no such setting" in result.output
    )
    assert not list(out.glob("*.parquet"))
    server.script = [server.completion()]
    result = iea("data", "annotate", *options(out))
    assert result.exit_code == 0 and len(read_rows(out)) == 5, result.output
    result = iea("data", "annotate", *options(out))
    assert result.exit_code == 0 and len(read_rows(out)) == 5 and len(server.seen) == 5 + 5


@pytest.mark.parametrize("partial", [[], ["--partial"]])
@pytest.mark.parametrize(("answered", "fault"), [(1, 400), (1, 503), (0, 400), (0, 401)])
def test_rows_are_written_once_the_endpoint_is_healthy(answered, fault, partial, iea, server, options, tmp_path):
    """After some answers all requests fail; then the same command is given in the same folder."""
    out = tmp_path / "out"
    server.script = [server.completion()] * answered + [server.status(fault)]
    iea("data", "annotate", *options(out), *partial)
    server.script = [server.completion()]
    assert iea("data", "annotate", *options(out)).exit_code == 0
    report = json.loads((out / "report.json").read_text())
    assert (report["rejected"], report["rows"]) == ({"no_reference": 1}, 5)
    assert len(read_rows(out)) == usage(out)["all"]["answers"] == 5


def test_a_missing_key_is_named(iea, server, options, tmp_path, monkeypatch):
    monkeypatch.delenv("A_KEY")
    result = iea("data", "annotate", *options(tmp_path / "out"))
    assert result.exit_code == 3 and "environment variable A_KEY" in result.output
    assert not server.seen


@pytest.mark.slow
@pytest.mark.parametrize("fatal", [1, 3])
def test_a_killed_run_resumes_and_pays_for_every_pair_once(iea, fatal, server, options, tmp_path):
    out, pids, paid = tmp_path / "out", queue.Queue[int](), list[str]()

    def answer(handler: Any) -> None:
        paid.append(json.dumps(server.seen[-1]))
        server.completion()(handler)

    def kill(handler: Any) -> None:
        os.kill(pids.get(), signal.SIGKILL)

    server.script = [*[answer] * (fatal - 1), kill, answer]
    command = [sys.executable, "-m", "iea.recipe.cli", "data", "annotate", *options(out)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as first:
        pids.put(first.pid)
        assert first.wait() == -signal.SIGKILL
    assert len(server.seen) == fatal and not list(out.glob("*.parquet"))
    result = iea("data", "annotate", *options(out))
    assert result.exit_code == 0, result.output
    assert len(read_rows(out)) == 5
    assert len(server.seen) == 5 + 1 and usage(out)["this_run"]["cache_hits"] == fatal - 1
    assert Counter(paid).most_common(1)[0][1] == 1 and len(paid) == 5
    everything = [path for path in tmp_path.rglob("*") if path.is_file() and "images" not in path.parts]
    assert not any(KEY.encode() in path.read_bytes() for path in everything)
