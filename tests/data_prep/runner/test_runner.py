"""Shards: whatever is killed and started again, the folder holds the same bytes.

Runs that are killed, and all on Ray, are this file run as a script: `test_shards.py OUT WORKERS ADDRESS VICTIMS`.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import psutil
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from iea.data_prep.runner import Item, ItemFailedError, RejectedError, Report, Row, Step, read_rows, run

SCHEMA = pa.schema([("n", pa.int64()), ("text", pa.string()), ("more", pa.list_(pa.float64()))])
ITEMS: list[Item] = [{"n": n, "text": f"item {n}"} for n in range(30)]
FATAL = 13  # the item at which something is killed
ROWS = [n for n in range(30) for _ in range(n % 3) if n % 7]  # 0, 1 or 2 rows an item; sevens are rejected


def make(victims: Path, item: Item) -> list[Row]:
    """Rows of an item; at FATAL kill what the file `victims` names, process ids or "self", once or "always"."""
    if item["n"] == FATAL and victims.exists():
        words = victims.read_text().split()
        if "always" not in words:
            victims.unlink()
        for word in words:
            os.kill(os.getpid() if word in ("self", "always") else int(word), signal.SIGKILL)
    if item["n"] % 7 == 0:
        raise RejectedError("seven" if item["n"] else "zero", f"{item['n']} is a multiple of 7")
    return [{"n": item["n"], "text": f"{item['text']} {copy}", "more": [copy / 3]} for copy in range(item["n"] % 3)]


def step(victims: Path = Path("nobody"), **settings: int) -> Step:
    return Step("test", SCHEMA, partial(make, victims), settings)


def here(out: Path, items: list[Item] = ITEMS, **settings: int) -> Report:
    """A run in this process, four items a shard."""
    return run(step(**settings), items, out, workers=1, shard_items=4, quiet=True)


def script(out: Path, *, workers: int, address: str = "", victims: str = "") -> subprocess.CompletedProcess[str]:
    """A run in a process of its own, any warning an error; "driver" among `victims` is that process."""
    command = [sys.executable, "-W", "error", __file__, str(out), str(workers), address, victims]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def content(out: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(out.iterdir())}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What the folder of a run that nothing disturbed holds."""
    out = tmp_path_factory.mktemp("undisturbed")
    here(out)
    return content(out)


def test_rows_come_in_the_order_of_the_items_and_refusals_are_counted_and_listed(tmp_path: Path) -> None:
    report = here(tmp_path)
    assert (report.items, report.rows, report.reused_shards) == (30, len(ROWS), 0)
    assert report.rejected == {"seven": 4, "zero": 1}
    rows = read_rows(tmp_path)
    assert [row["n"] for row in rows] == ROWS
    assert rows[1] == {"n": 2, "text": "item 2 0", "more": [0.0]}
    listed = [
        json.loads(line) for path in sorted(tmp_path.glob("*.rejected.jsonl")) for line in path.read_text().splitlines()
    ]
    assert [one["number"] for one in listed] == [0, 7, 14, 21, 28]
    assert listed[1] == {"number": 7, "reason": "seven", "text": "7 is a multiple of 7", "item": ITEMS[7]}
    told = json.loads((tmp_path / "report.json").read_text())
    assert told["rejected"] == report.rejected and told["rows"] == len(ROWS)
    assert told["rejected_examples"]["seven"] == [f"{n} is a multiple of 7" for n in (7, 14, 21)]


def test_a_finished_folder_is_left_as_it_is(tmp_path: Path) -> None:
    here(tmp_path)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.glob("*.parquet")}
    again = here(tmp_path)
    assert again.reused_shards == 8 and again.rows == len(ROWS)
    assert {path: path.stat().st_mtime_ns for path in tmp_path.glob("*.parquet")} == before


def test_a_shard_that_is_missing_is_made_again_alone(tmp_path: Path, undisturbed: dict[str, bytes]) -> None:
    here(tmp_path)
    (tmp_path / "00003.parquet").unlink()
    (tmp_path / ".00003.parquet.0.partial").write_bytes(b"half a sh")
    with pytest.raises(ValueError, match="start the step's command again"):
        read_rows(tmp_path)
    assert here(tmp_path).reused_shards == 7
    assert content(tmp_path) == undisturbed


def test_more_items_by_whole_shards_go_on(tmp_path: Path, undisturbed: dict[str, bytes]) -> None:
    here(tmp_path, ITEMS[:20])
    assert here(tmp_path).reused_shards == 5
    assert content(tmp_path) == undisturbed


def test_no_items_are_no_rows(tmp_path: Path) -> None:
    assert here(tmp_path, []).rows == 0
    assert read_rows(tmp_path) == []


@pytest.mark.parametrize("change", ["items", "settings", "fewer", "foreign", "broken"])
def test_a_folder_of_something_else_is_refused_and_left_alone(change: str, tmp_path: Path) -> None:
    here(tmp_path)
    if change == "foreign":
        pq.write_table(pa.table({"a": [1]}), tmp_path / "00002.parquet")
    if change == "broken":
        (tmp_path / "00002.parquet").write_bytes(b"PAR1")
    before = content(tmp_path)
    items = {"items": [*ITEMS[:-1], {"n": 8, "text": ""}], "fewer": ITEMS[:28]}.get(change, ITEMS)
    with pytest.raises(ValueError, match="choose a new folder, or remove this one"):
        here(tmp_path, items, **({"seed": 1} if change == "settings" else {}))
    assert content(tmp_path) == before


def test_a_bug_stops_the_run_and_names_the_item_and_finished_shards_stay(
    tmp_path: Path, undisturbed: dict[str, bytes]
) -> None:
    def buggy(item: Item) -> list[Row]:
        return make(Path("nobody"), item if item["n"] != FATAL else {"n": FATAL})

    with pytest.raises(ItemFailedError, match=r"KeyError: 'text' from item 13, \{\"n\": 13"):
        run(Step("test", SCHEMA, buggy, {}), ITEMS, tmp_path, workers=1, shard_items=4, quiet=True)
    assert not (tmp_path / "report.json").exists()
    assert here(tmp_path).reused_shards == 3
    assert content(tmp_path) == undisturbed


@pytest.mark.parametrize(
    ("row", "reason"), [({"n": 1}, "columns"), ({"n": "1", "text": "", "more": []}, "ArrowInvalid|ArrowType")]
)
def test_rows_of_another_schema_are_a_bug(row: Row, reason: str, tmp_path: Path) -> None:
    with pytest.raises(ItemFailedError, match=reason):
        run(Step("test", SCHEMA, lambda item: [row], {}), [{}], tmp_path, workers=1, quiet=True)


def test_a_name_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    name = os.fsdecode(b"caf\xe9.jpg")
    report = here(tmp_path, [{"n": 1, "text": name}])
    assert report.rejected == {"not_utf8": 1} and read_rows(tmp_path) == []


def test_settings_of_the_run_out_of_range_are_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="shard_items must be >= 1"):
        run(step(), ITEMS, tmp_path, shard_items=0)


def test_a_killed_run_goes_on_where_it_was(tmp_path: Path, undisturbed: dict[str, bytes]) -> None:
    killed = script(tmp_path, workers=1, victims="driver")
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert len(list(tmp_path.glob("*.parquet"))) == 3 and not (tmp_path / "report.json").exists()
    assert here(tmp_path).reused_shards == 3
    assert content(tmp_path) == undisturbed


@pytest.mark.slow
def test_two_workers_one_of_them_killed_write_the_bytes_of_one(tmp_path: Path, undisturbed: dict[str, bytes]) -> None:
    done = script(tmp_path, workers=2, victims="self")
    assert done.returncode == 0, done.stderr
    assert content(tmp_path) == undisturbed


@pytest.mark.lane
def test_a_worker_that_always_dies_stops_the_run_and_names_the_shard(
    tmp_path: Path, undisturbed: dict[str, bytes]
) -> None:
    stopped = script(tmp_path, workers=2, victims="always")
    assert stopped.returncode == 1
    assert "00003.parquet (items 12 to 15) must not take its worker down, got 6 dead workers" in stopped.stderr
    here(tmp_path)
    assert content(tmp_path) == undisturbed


@pytest.mark.lane
def test_a_killed_run_on_ray_goes_on_where_it_was(tmp_path: Path, undisturbed: dict[str, bytes]) -> None:
    killed = script(tmp_path, workers=2, victims="driver")
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert not (tmp_path / "report.json").exists()
    assert script(tmp_path, workers=2).returncode == 0
    assert content(tmp_path) == undisturbed


@pytest.fixture
def head(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, list[int]]]:
    """A head of Ray with ports, files and a token of its own: its address, and the processes it consists of."""
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    monkeypatch.setenv("RAY_AUTH_MODE", "token")
    monkeypatch.setenv("RAY_AUTH_TOKEN", os.urandom(32).hex())
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ["--head", "--block", f"--port={port}", "--num-cpus=2", "--object-store-memory=100000000"]
    folder = tempfile.TemporaryDirectory(prefix="ray-", ignore_cleanup_errors=True)  # short: holds Unix sockets
    place = ["--node-ip-address=127.0.0.1", "--include-dashboard=false", f"--temp-dir={folder.name}"]
    command = [str(Path(sys.executable).with_name("ray")), "start", *options, *place]
    started = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert started.stdout is not None
    with folder, started.stdout:
        told = next((line for line in started.stdout if "runtime started" in line), None)
        assert told, "ray start did not start"
        processes = [psutil.Process(started.pid), *psutil.Process(started.pid).children(recursive=True)]
        yield f"127.0.0.1:{port}", [process.pid for process in processes]
        for process in processes:
            if process.is_running():  # by the time it was started too: never another one of the same number
                process.kill()
        started.wait()


@pytest.mark.lane
def test_a_lost_head_is_named_and_another_goes_on(
    head: tuple[str, list[int]], tmp_path: Path, undisturbed: dict[str, bytes]
) -> None:
    address, processes = head
    out = tmp_path / "out"
    lost = script(out, workers=0, address=address, victims=" ".join(map(str, processes)))
    assert lost.returncode == 1
    assert "start again, what is finished is kept" in lost.stderr
    assert not (out / "report.json").exists()
    assert script(out, workers=2).returncode == 0
    assert content(out) == undisturbed


def main(out: str, workers: str, address: str, victims: str) -> None:
    file = Path(out).with_suffix(".victims")
    if victims:
        file.write_text(victims.replace("driver", str(os.getpid())))
    run(step(file), ITEMS, Path(out), workers=int(workers), address=address or None, shard_items=4, quiet=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
