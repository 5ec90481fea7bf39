"""Shards: after any kill and restart, the folder holds the same bytes.

Killed runs and runs on Ray execute this file as a script: `test_runner.py OUT WORKERS ADDRESS VICTIMS`.
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

from iea.data_prep.runner import (
    Item,
    ItemFailedError,
    NothingMadeError,
    RejectedError,
    Report,
    Row,
    Step,
    read_rows,
    run,
)

SCHEMA = pa.schema([("n", pa.int64()), ("text", pa.string()), ("more", pa.list_(pa.float64()))])
ITEMS: list[Item] = [{"n": n, "text": f"item {n}"} for n in range(30)]
FATAL = 13  # the item at which something is killed
ROWS = [n for n in range(30) for _ in range(n % 3) if n % 7]  # 0, 1 or 2 rows an item; sevens are rejected


def make(victims: Path, item: Item) -> list[Row]:
    """Make the rows of an item; at FATAL kill the processes in the file `victims` (ids or "self"), once or "always"."""
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
    """Run in this process with four items per shard."""
    return run(step(**settings), items, out, workers=1, shard_items=4, quiet=True)


def script(out: Path, *, workers: int, address: str = "", victims: str = "") -> subprocess.CompletedProcess[str]:
    """Run in another process, where a warning is an error; "driver" among `victims` is that process."""
    command = [sys.executable, "-W", "error", __file__, str(out), str(workers), address, victims]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def content(out: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(out.iterdir())}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Return the content of the folder after an undisturbed run."""
    out = tmp_path_factory.mktemp("undisturbed")
    here(out)
    return content(out)


def test_rows_keep_the_order_and_rejections_are_listed(tmp_path: Path) -> None:
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
    report_file = json.loads((tmp_path / "report.json").read_text())
    assert report_file["rejected"] == report.rejected and report_file["rows"] == len(ROWS)
    assert report_file["rejected_examples"]["seven"] == [f"{n} is a multiple of 7" for n in (7, 14, 21)]


def test_a_finished_folder_is_left_unchanged(tmp_path: Path) -> None:
    here(tmp_path)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.glob("*.parquet")}
    again = here(tmp_path)
    assert again.reused_shards == 8 and again.rows == len(ROWS)
    assert {path: path.stat().st_mtime_ns for path in tmp_path.glob("*.parquet")} == before


def test_only_a_missing_shard_is_made_again(tmp_path: Path, undisturbed: dict[str, bytes]) -> None:
    here(tmp_path)
    (tmp_path / "00003.parquet").unlink()
    (tmp_path / ".00003.parquet.0.partial").write_bytes(b"half a sh")
    with pytest.raises(ValueError, match="start the step's command again"):
        read_rows(tmp_path)
    assert here(tmp_path).reused_shards == 7
    assert content(tmp_path) == undisturbed


def test_more_items_reuse_the_full_shards(tmp_path: Path, undisturbed: dict[str, bytes]) -> None:
    here(tmp_path, ITEMS[:20])
    assert here(tmp_path).reused_shards == 5
    assert content(tmp_path) == undisturbed


def test_no_items_make_no_rows(tmp_path: Path) -> None:
    assert here(tmp_path, []).rows == 0
    assert read_rows(tmp_path) == []


@pytest.mark.parametrize("change", ["settings", "foreign", "extra", "broken"])
def test_a_folder_of_other_data_is_an_error_and_unchanged(change: str, tmp_path: Path) -> None:
    here(tmp_path)
    if change in ("foreign", "extra"):
        pq.write_table(pa.table({"a": [1]}), tmp_path / ("00002.parquet" if change == "foreign" else "own.parquet"))
    if change == "broken":
        (tmp_path / "00002.parquet").write_bytes(b"PAR1")
    before = content(tmp_path)
    with pytest.raises(ValueError, match="choose a new folder, or remove this one"):
        here(tmp_path, **({"seed": 1} if change == "settings" else {}))
    assert content(tmp_path) == before


@pytest.mark.parametrize(
    "items", [ITEMS[:18], [*ITEMS[:-1], {"n": 8, "text": ""}], ITEMS[::-1]], ids=["fewer", "other", "order"]
)
def test_other_items_make_their_own_shards_again(
    items: list[Item], tmp_path: Path, undisturbed: dict[str, bytes]
) -> None:
    here(tmp_path / "fresh", items)
    here(tmp_path / "out")
    here(tmp_path / "out", items)
    assert content(tmp_path / "out") == content(tmp_path / "fresh") != undisturbed
    here(tmp_path / "out")
    assert content(tmp_path / "out") == undisturbed


def test_a_report_of_another_step_is_an_error(tmp_path: Path) -> None:
    (tmp_path / ".iea.lock").touch()
    (tmp_path / "report.json").write_text('{"sources": {}}')
    with pytest.raises(ValueError, match="one with a report.json of another; choose a new folder"):
        here(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {".iea.lock", "report.json"}


DAMAGE = [
    "",
    "[]",
    "5",
    "null",
    '"x"',
    "{}",
    "{",
    "[" * 5000,
    '{"number": 1}',
    '{"/a": 5, "/b": "x"}',
    "no JSON",
    "\0\xff",
]


@pytest.mark.parametrize("damage", DAMAGE)
@pytest.mark.parametrize("name", ["00000.rejected.jsonl", ".00000.files.json", "report.json"])
def test_a_damaged_file_beside_a_shard_is_made_again(name: str, damage: str, tmp_path: Path) -> None:
    (tmp_path / "photo").touch()
    items: list[Item] = [{"n": n, "path": str(tmp_path / "photo")} for n in range(3)]
    reading = Step("reading", SCHEMA, rejecting_first, {}, reads=("path",))
    out = tmp_path / "out"

    def made() -> dict[str, bytes]:
        run(reading, items, out, workers=1, shard_items=2, quiet=True)
        return {path.name: path.read_bytes() for path in out.iterdir()}

    whole = made()
    (out / name).write_text(damage, encoding="latin-1")
    if name == "report.json" and damage[1:] and damage.startswith("{") and damage.endswith("}"):  # an object
        with pytest.raises(ValueError, match=r"report\.json of another"):
            made()
    else:
        assert made() == whole


def rejecting_first(item: Item) -> list[Row]:
    if not item["n"]:
        raise RejectedError("own", "the first")
    return [{"n": item["n"], "text": "", "more": []}]


@pytest.mark.parametrize(
    ("reason", "tried"), [("unreadable", True), ("http_400", True), ("declined", False), ("own", False)]
)
def test_an_item_that_the_environment_rejected_is_tried_again(reason: str, tried: bool, tmp_path: Path) -> None:
    down = tmp_path / "down"
    down.touch()

    def ask(item: Item) -> list[Row]:
        if down.exists() and item["n"] == 13:
            raise RejectedError(reason, "no")
        return make(Path("nobody"), item)

    def again() -> Report:
        return run(Step("test", SCHEMA, ask, {}), ITEMS, tmp_path / "out", workers=1, shard_items=4, quiet=True)

    again()
    before = content(tmp_path / "out")
    assert again().reused_shards == 8 and content(tmp_path / "out") == before
    down.unlink()
    report = again()
    assert (reason not in report.rejected) == tried
    assert len(read_rows(tmp_path / "out")) == report.rows == len(ROWS) - (not tried)


def test_the_version_of_an_item_is_part_of_its_identity(tmp_path: Path) -> None:
    answers = {n: "no" for n in range(30)}

    def again() -> Report:
        step = Step("test", SCHEMA, partial(make, Path("nobody")), {}, version=lambda item: answers[item["n"]])
        return run(step, ITEMS, tmp_path, workers=1, shard_items=4, quiet=True)

    again()
    answers[13] = "yes"
    assert [again().reused_shards for _ in range(2)] == [7, 8]


def test_a_step_without_rows_is_an_error_that_says_why(tmp_path: Path) -> None:
    for _ in range(2):
        with pytest.raises(
            NothingMadeError, match="test must make rows of at least one of 2 items, got none: 1 seven, 1 zero"
        ):
            here(tmp_path, [ITEMS[0], ITEMS[7]])
    assert json.loads((tmp_path / "report.json").read_text())["rejected"] == {"seven": 1, "zero": 1}


def test_an_error_of_the_file_system_names_item_and_file(tmp_path: Path) -> None:
    def write(item: Item) -> list[Row]:
        (tmp_path / "no" / "such.png").write_bytes(b"")
        return []

    with pytest.raises(OSError, match=r"test cannot make the rows of item 0: .*such\.png"):
        run(Step("test", SCHEMA, write, {}), ITEMS, tmp_path / "out", workers=1, quiet=True)


def test_names_of_files_in_a_rejection_are_printable() -> None:
    assert RejectedError("missing", os.fsdecode(b"caf\xe9")).text.encode() == rb"caf\udce9"


def test_a_bug_names_the_item_and_keeps_finished_shards(tmp_path: Path, undisturbed: dict[str, bytes]) -> None:
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


def test_a_name_that_is_not_utf8_is_rejected(tmp_path: Path) -> None:
    name = os.fsdecode(b"caf\xe9.jpg")
    report = here(tmp_path, [{"n": 1, "text": name}, ITEMS[2]])
    assert report.rejected == {"not_utf8": 1} and len(read_rows(tmp_path)) == 2


def test_settings_of_the_run_are_checked(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="shard_items must be >= 1"):
        run(step(), ITEMS, tmp_path, shard_items=0)


def test_a_killed_run_resumes(tmp_path: Path, undisturbed: dict[str, bytes]) -> None:
    killed = script(tmp_path, workers=1, victims="driver")
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert len(list(tmp_path.glob("*.parquet"))) == 3 and not (tmp_path / "report.json").exists()
    assert here(tmp_path).reused_shards == 3
    assert content(tmp_path) == undisturbed


@pytest.mark.slow
def test_two_workers_one_killed_write_the_same_bytes(tmp_path: Path, undisturbed: dict[str, bytes]) -> None:
    done = script(tmp_path, workers=2, victims="self")
    assert done.returncode == 0, done.stderr
    assert content(tmp_path) == undisturbed


@pytest.mark.lane
def test_a_worker_that_always_dies_names_its_shard(tmp_path: Path, undisturbed: dict[str, bytes]) -> None:
    stopped = script(tmp_path, workers=2, victims="always")
    assert stopped.returncode == 1
    assert "cannot finish 00003.parquet (items 12 to 15): 6 workers died" in stopped.stderr
    here(tmp_path)
    assert content(tmp_path) == undisturbed


@pytest.mark.lane
def test_a_killed_run_on_ray_resumes(tmp_path: Path, undisturbed: dict[str, bytes]) -> None:
    killed = script(tmp_path, workers=2, victims="driver")
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert not (tmp_path / "report.json").exists()
    assert script(tmp_path, workers=2).returncode == 0
    assert content(tmp_path) == undisturbed


@pytest.fixture
def head(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, list[int]]]:
    """Start a head of Ray with its own ports, files and token; yield its address and the ids of its processes."""
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
        line = next((line for line in started.stdout if "runtime started" in line), None)
        assert line, "ray start did not start"
        processes = [psutil.Process(started.pid), *psutil.Process(started.pid).children(recursive=True)]
        yield f"127.0.0.1:{port}", [process.pid for process in processes]
        for process in processes:
            if process.is_running():  # compares the start time too, so that another process of the same id stays
                process.kill()
        started.wait()


@pytest.mark.lane
def test_after_a_lost_head_another_one_resumes(
    head: tuple[str, list[int]], tmp_path: Path, undisturbed: dict[str, bytes]
) -> None:
    address, processes = head
    out = tmp_path / "out"
    lost = script(out, workers=0, address=address, victims=" ".join(map(str, processes)))
    assert lost.returncode == 1
    assert "Start again; what is finished is kept" in lost.stderr
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
