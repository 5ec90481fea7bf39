"""End a started process together with the process that started it."""

import ctypes
import signal

_LIBC = ctypes.CDLL(None)
_SET_PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG, <sys/prctl.h>


def end_with_parent() -> None:
    """Have the kernel send SIGTERM to this process when the thread that started it ends (Linux)."""
    _LIBC.prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGTERM)
