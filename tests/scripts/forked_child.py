"""Use the shared pool in this process and in a forked child; print the ids of both and of their workers as JSON."""

import asyncio
import json
import os

from iea.reward_fns.workers import shared_pool


def worker() -> int:
    """Return the process id of the worker."""
    return asyncio.run(shared_pool(1).run(60.0, os.getpid))


before, (reader, writer) = worker(), os.pipe()
if os.fork() == 0:
    os.write(writer, json.dumps([os.getpid(), worker()]).encode())
    os._exit(0)
os.wait()
print(json.dumps([os.getpid(), before, *json.loads(os.read(reader, 1000)), worker()]))
