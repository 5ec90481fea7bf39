"""Hold the lock of a file until a line arrives on standard input."""

import fcntl
import sys

with open(sys.argv[1], "a") as file:
    fcntl.flock(file, fcntl.LOCK_EX)
    print("held", flush=True)
    input()
