"""Watch the ports on which a run listens."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from ipaddress import ip_address

import psutil


@contextmanager
def exposed_ports() -> Iterator[set[str]]:
    """Collect the addresses outside of loopback on which descendants of this process listen."""
    found: set[str] = set()
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(0.5):
            for process in psutil.Process().children(recursive=True):
                with suppress(psutil.Error):  # ended meanwhile
                    listening = (one for one in process.net_connections("tcp") if one.status == psutil.CONN_LISTEN)
                    found.update(
                        f"{one.laddr} of {process.name()}" for one in listening if not _is_loopback(one.laddr.ip)
                    )

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield found
    finally:
        ended.set()
        watcher.join()


def _is_loopback(address: str) -> bool:
    return ip_address(address.removeprefix("::ffff:")).is_loopback
