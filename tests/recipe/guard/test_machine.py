"""Sockets with too long a path are refused; shared memory of ended runs is removed, that of others is not."""

import os
import time
from multiprocessing import get_context
from multiprocessing.shared_memory import SharedMemory
from pathlib import Path
from typing import Any

import pytest
from homes import start

from iea.recipe.guard.error import SettingError
from iea.recipe.guard.machine import SOCKET_LIMIT, refuse_long_socket_path, remove_segments

SHARED = Path("/dev/shm")


@pytest.mark.parametrize("name", ["TMPDIR", "RAY_TMPDIR"])
@pytest.mark.parametrize("letter", ["t", "é"])
def test_a_long_temporary_folder_ends_the_run(
    name: str, letter: str, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, "/tmp/" + letter * (50 // len(letter.encode())))
    with pytest.raises(SystemExit, match="temporary folder must be a path of at most .* RAY_TMPDIR"):
        start("iea_cpu")
    start("iea_sft_cpu")  # starts no Ray


def test_a_short_folder_for_ray_mends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", "/tmp/" + "t" * 90)
    with pytest.raises(SettingError):
        refuse_long_socket_path()
    monkeypatch.setenv("RAY_TMPDIR", "/tmp")
    refuse_long_socket_path()


def test_a_cluster_that_runs_has_its_sockets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", "/tmp/" + "t" * 90)
    monkeypatch.setenv("RAY_ADDRESS", "127.0.0.1:6379")
    refuse_long_socket_path()


def test_the_longest_accepted_path_is_within_the_limit_of_the_system() -> None:
    import socket

    with socket.socket(socket.AF_UNIX) as one, pytest.raises(OSError, match="too long"):
        one.bind("/tmp/" + "s" * SOCKET_LIMIT)


@pytest.mark.skipif(not SHARED.is_dir(), reason="needs /dev/shm")
def test_shared_memory_of_ended_runs_is_removed() -> None:
    started = time.time() - 5
    left = [SHARED / f"psm_0{os.getpid() % 2**24:07x}", SHARED / f"verl_weights_{os.urandom(16).hex()}"]
    earlier, other = SHARED / f"psm_1{os.getpid() % 2**24:07x}", SHARED / f"mine_{os.getpid()}"
    in_use = SharedMemory(create=True, size=16)
    try:
        for path in (*left, earlier, other):
            path.write_bytes(b"0")
        os.utime(earlier, (started - 60, started - 60))
        remove_segments(started)
        assert [path.exists() for path in left] == [False, False]
        assert earlier.exists() and other.exists() and (SHARED / in_use.name.lstrip("/")).exists()
    finally:
        for path in (*left, earlier, other):
            path.unlink(missing_ok=True)
        in_use.close()
        in_use.unlink()


@pytest.mark.skipif(not SHARED.is_dir(), reason="needs /dev/shm")
def test_a_semaphore_of_another_run_stays() -> None:
    started = time.time() - 5
    semaphore: Any = get_context("spawn").Semaphore()  # of a process that has started no other yet
    path = SHARED / f"sem.{semaphore._semlock.name.lstrip('/')}"
    remove_segments(started)
    assert path.exists()


@pytest.mark.skipif(not SHARED.is_dir(), reason="needs /dev/shm")
def test_the_next_start_cleans_up_after_a_killed_run(home: Path) -> None:
    start("iea_sft_cpu")
    left = SHARED / f"psm_2{os.getpid() % 2**24:07x}"
    left.write_bytes(b"0")
    try:
        start("iea_sft_cpu")
        assert left.exists(), "the former run ended by itself"
        (home / "stage1/.lock").write_text(f"{time.time() - 5:.3f}")  # as a killed run leaves it
        start("iea_sft_cpu")
        assert not left.exists()
    finally:
        left.unlink(missing_ok=True)
