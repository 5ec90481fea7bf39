"""Start a call that does not return, then kill this process. No `__main__` guard: a worker must not import this file."""

import asyncio
import os
import signal
import sys
from pathlib import Path

from iea.reward_fns.workers import WorkerPool

print("main runs", flush=True)
pool, fifo = WorkerPool(1), Path(sys.argv[1])
BUSY = f"import pathlib, signal; pathlib.Path({str(fifo)!r}).write_text('busy'); signal.pause()"


async def main() -> None:
    """Kill this process once the worker is busy."""
    hung = asyncio.create_task(pool.run(1000, exec, BUSY))
    await asyncio.to_thread(fifo.read_text)
    os.kill(os.getpid(), signal.SIGKILL)
    await hung


asyncio.run(main())
