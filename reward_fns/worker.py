"""What a pool worker runs: answer calls until the parent closes the socket or is gone.

Started by `iea.reward_fns.pool` as `python -m iea.reward_fns.worker FD`. Importing this package is the
worker's whole warm-up: numpy, the editor and the reward, never verl, torch or the parent's `__main__`.

Protocol, pickles both ways: the worker sends `READY`, then for each `(function, arguments)` one of
`(value, None)` and `(None, (exception's type name, traceback))`.
"""

import os
import pickle
import signal
import socket
import sys
import threading
import traceback
from typing import BinaryIO

READY = "ready"


def _exit_with_parent() -> None:
    """Block on stdin, a pipe that the parent alone holds open: its end of file means that the parent is gone."""
    while os.read(0, 1):
        pass
    os._exit(1)  # at once, whatever the main thread is busy with


def _answer(calls: BinaryIO) -> tuple[object, tuple[str, str] | None]:
    """Receive one call and run it."""
    function, arguments = pickle.load(calls)
    try:
        return function(*arguments), None
    except Exception as error:  # noqa: BLE001 - the caller's to judge; the worker goes on
        return None, (type(error).__name__, traceback.format_exc().strip())


def main() -> None:
    """Serve the socket whose file descriptor is the first argument."""
    signal.signal(
        signal.SIGINT, signal.SIG_IGN
    )  # Ctrl-C is the parent's to handle; its exit ends this process
    threading.Thread(target=_exit_with_parent, daemon=True).start()
    with socket.socket(fileno=int(sys.argv[1])) as channel, channel.makefile("rb") as calls:
        channel.sendall(pickle.dumps(READY))
        while calls.peek(1):  # empty at end of file
            channel.sendall(pickle.dumps(_answer(calls)))


if __name__ == "__main__":
    main()
