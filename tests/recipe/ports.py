"""Watch the ports on which a run listens."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from ipaddress import ip_address

import psutil

STORE = "ray::WorkerDict"
"""Process whose torch.distributed.TCPStore listens on all interfaces: it has no option for the address."""


@contextmanager
def exposed_ports() -> Iterator[set[str]]:
    """Collect the addresses outside of loopback on which descendants of this process listen, but those of STORE."""
    found: set[str] = set()
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(0.5):
            for process in psutil.Process().children(recursive=True):
                with suppress(psutil.Error):  # ended meanwhile
                    name, connections = process.name(), process.net_connections("tcp")
                    listening = [one.laddr for one in connections if one.status == psutil.CONN_LISTEN]
                    if not name.startswith(STORE):
                        found.update(f"{address} of {name}" for address in listening if not _is_loopback(address.ip))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield found
    finally:
        ended.set()
        watcher.join()


def _is_loopback(address: str) -> bool:
    return ip_address(address.removeprefix("::ffff:")).is_loopback
