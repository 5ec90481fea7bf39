"""Look at the machine: the length of Ray's socket paths, and the shared memory that runs leave."""

import os
import re
import time
from contextlib import suppress
from pathlib import Path

from omegaconf import DictConfig

from iea.recipe.guard.error import SettingError, setting

SOCKET_LIMIT = 107  # bytes of the path of a Unix socket (Linux: sun_path has 108, with the final zero)
_SOCKET = "/session_2026-01-01_00-00-00_000000_4194304/sockets/plasma_store"  # Ray's longest, below its folder
_SHARED = Path("/dev/shm")
# verl's buckets of weights, vLLM's message queues (named by Python), the semaphores of its workers
_SEGMENT = re.compile(r"verl_weights_[0-9a-f]{32}|psm_[0-9a-f]{8}|sem\.(loky|mp)-\w+(-\w+)?")
_POLLS, _POLL_S = 20, 0.25  # until Ray's processes have ended


def ray_folder(config: DictConfig | None = None) -> Path:
    """Return the folder in which Ray makes its sessions, chosen as in ray/_common/utils.py."""
    given = setting(config, "ray_kwargs.ray_init._temp_dir") if config is not None else None
    if given is not None and not isinstance(given, str):
        raise SettingError(f"ray_kwargs.ray_init._temp_dir must be a path, got {given!r}; correct the setting")
    return Path(given or Path(os.environ.get("RAY_TMPDIR") or os.environ.get("TMPDIR") or "/tmp") / "ray")


def refuse_long_socket_path(config: DictConfig | None = None) -> None:
    """Raise SettingError if the sockets of a Ray that starts here would have paths that are too long for Linux."""
    address = setting(config, "ray_kwargs.ray_init.address") if config is not None else None
    if address not in (None, "local") or (address is None and os.environ.get("RAY_ADDRESS")):
        return  # the cluster has been started
    folder = ray_folder(config)
    limit = SOCKET_LIMIT - len(_SOCKET)
    if len(os.fsencode(folder)) > limit:
        raise SettingError(
            f"Ray's temporary folder must be a path of at most {limit} bytes, because the paths of its sockets are "
            f"limited, got {str(folder)!r}; set RAY_TMPDIR to a short one, such as /tmp"
        )


def remove_segments(since: float, *, wait: bool = False) -> None:
    """Remove the shared memory that a run of this user left: made since its start, and mapped by no process.

    vLLM's processes are killed at the end of a run, so that they leave some 400 MiB each time.

    Parameters
    ----------
    since : start of the run, seconds since the epoch
    wait : wait a few seconds for the processes of the run to end
    """
    for _ in range(_POLLS if wait else 1):
        for path in unused_segments(since):
            path.unlink(missing_ok=True)
        if not wait or not _segments(since):
            return
        time.sleep(_POLL_S)


def unused_segments(since: float) -> list[Path]:
    """Return the shared memory of this user's runs, made since then, seconds since the epoch, that no process has mapped."""
    made = _segments(since)
    mapped = _mapped()  # after the list: a segment that is made now is not in it
    return [path for path, inode in made.items() if inode not in mapped]


def _segments(since: float) -> dict[Path, int]:
    """Return the inode of every segment."""
    found = {}
    for path in _SHARED.glob("*"):
        with suppress(OSError):  # removed meanwhile
            status = path.stat()
            if _SEGMENT.fullmatch(path.name) and status.st_uid == os.getuid() and status.st_mtime >= since:
                found[path] = status.st_ino
    return found


def _mapped() -> set[int]:
    """Return the inodes of the shared memory that processes have mapped.

    Not the paths: glibc's sem_open maps a semaphore under another name, and then links it to its own.
    """
    found: set[int] = set()
    for maps in Path("/proc").glob("[0-9]*/maps"):
        try:
            text = maps.read_text(errors="replace")
        except OSError:  # ended, or of another user
            continue
        found.update(map(int, re.findall(r"(\d+) +/dev/shm/", text)))
    return found
