"""Draw previews in threads: for each session one at a time, and of those that wait only the latest."""

import asyncio
import io
import os
from concurrent.futures import ThreadPoolExecutor

from PIL import Image as PillowImage

from iea.editor import Image, Program, render
from iea.recipe.agent.web.store import Live

QUALITY = 88  # JPEG; four times quicker than WebP


class Previews:
    """Threads that draw, as many as CPUs: the kernel releases the lock of the interpreter."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(len(os.sched_getaffinity(0)), thread_name_prefix="iea-preview")

    def close(self) -> None:
        """Finish the previews that were begun, and end the threads."""
        self._threads.shutdown(cancel_futures=True)

    async def latest(self, live: Live, program: Program) -> bytes | None:
        """Return a preview as JPEG; None if another one was requested while this one waited."""
        live.ticket += 1
        mine = live.ticket
        async with live.drawing:
            if mine != live.ticket:
                return None
            return await self._drawn(live.small, program)

    async def thumbnail(self, live: Live, program: Program) -> bytes:
        """Return the image of a step as JPEG."""
        async with live.tracing:
            return await self._drawn(live.thumbnail, program)

    async def _drawn(self, image: Image, program: Program) -> bytes:
        return await asyncio.get_running_loop().run_in_executor(self._threads, draw, image, program)


def draw(image: Image, program: Program) -> bytes:
    """Return an edited image as JPEG."""
    buffer = io.BytesIO()
    PillowImage.fromarray(render(image, program)).save(buffer, "JPEG", quality=QUALITY)
    return buffer.getvalue()
