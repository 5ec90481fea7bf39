"""Measure the page of `iea web`: previews in a browser while a slider is dragged, previews of many sessions at once, and edits
through a model.

python tests/benchmarks/web.py preview
python tests/benchmarks/web.py load --sessions 50 --seconds 60
python tests/benchmarks/web.py edits --url http://127.0.0.1:8000 --seconds 60      # of a deployment that starts meanwhile

A bundled photograph is enlarged to 1600 px, so that its preview has the full 1024. The server of `preview` has one core.
"""

import argparse
import asyncio
import io
import json
import os
import random
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from tempfile import TemporaryDirectory

import aiohttp
import numpy as np
from photographs import photographs
from PIL import Image as Pillow

from iea.editor import TOOLS, Program

FIVE = {"exposure": 20, "temperature": 20, "highlights": -30, "natural_contrast": 20, "vibrance": 20}
PROGRAMS = {"1 tool": {}, "5 tools": FIVE, "16 tools": dict.fromkeys(TOOLS, 20)}
MOVES = 60
THINKING_S = 2.0  # mean time between two actions of a person


def photograph() -> bytes:
    buffer = io.BytesIO()
    image = Pillow.fromarray(photographs()[0])
    image.resize((1600, round(1600 * image.height / image.width))).save(buffer, "JPEG", quality=92)
    return buffer.getvalue()


@contextmanager
def server(cores: int) -> Iterator[str]:
    """Serve with `cores` of this machine, and yield the address."""
    chosen = sorted(os.sched_getaffinity(0))[:cores]
    with TemporaryDirectory() as root:
        command = ["taskset", "-c", ",".join(map(str, chosen)), sys.executable, "-m", "iea.recipe.cli", "web"]
        options = ["--port", "0", "--root", f"{root}/sessions", "--uploads", "1000"]
        with subprocess.Popen([*command, *options], stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout
            try:
                yield process.stdout.readline().strip()
            finally:
                process.terminate()


def report(name: str, milliseconds: list[float], what: str = "previews") -> None:
    low, middle, high, most = np.percentile(milliseconds, (50, 95, 99, 100))
    print(
        f"{name}: {len(milliseconds)} {what}, ms at 50 % {low:.0f}, 95 % {middle:.0f}, 99 % {high:.0f}, most {most:.0f}"
    )


def preview() -> None:
    """Drag a slider in Chromium: from the slider's event until the preview is shown."""
    from playwright.sync_api import sync_playwright

    with server(1) as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.set_default_timeout(120_000)
        page.goto(url)
        page.set_input_files("#choose", {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": photograph()})
        page.wait_for_selector("#frame[data-shown]")
        page.click("#tab-tools")
        for name, program in PROGRAMS.items():
            page.evaluate(
                "program => fetch(location.pathname + '/program', {method: 'POST', body: JSON.stringify({program})})",
                program,
            )
            page.reload()
            page.wait_for_selector("#frame[data-shown]")
            page.click("#tab-tools")
            page.evaluate("performance.clearMeasures()")
            box = page.locator("#tool-brightness").bounding_box()
            page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
            page.mouse.down()
            for step in range(MOVES):
                page.mouse.move(box["x"] + box["width"] * (0.5 + 0.45 * (step + 1) / MOVES), box["y"] + 5)
                page.wait_for_timeout(50)
            page.mouse.up()
            page.wait_for_timeout(1000)
            report(name, page.evaluate("performance.getEntriesByName('preview').map(one => one.duration)"))


async def person(url: str, number: int, photo: bytes, until: float, times: list[float], counts: Counter[str]) -> None:
    """Upload, then move sliders, set them, and ask, with pauses, until the time is over."""
    rng = random.Random(number)
    async with aiohttp.ClientSession(url) as session:
        while True:
            async with session.post("/photographs", data=photo) as answer:
                counts[f"upload {answer.status}"] += 1
                if answer.status == 201:
                    base = f"/s/{(await answer.json())['session']}"
                    break
            await asyncio.sleep(rng.expovariate(1 / THINKING_S))
        while time.monotonic() < until:
            await asyncio.sleep(rng.expovariate(1 / THINKING_S))
            program = Program({tool: rng.randint(1, 40) for tool in rng.sample(list(TOOLS), rng.randint(1, 5))})
            start = time.perf_counter()
            async with session.get(f"{base}/image", params={"program": program.to_json()}) as answer:
                await answer.read()
                counts[f"preview {answer.status}"] += 1
            times.append(1000 * (time.perf_counter() - start))
            if rng.random() < 0.1:
                async with session.post(f"{base}/say", json={"request": "a bit warmer"}) as answer:
                    counts[f"say {answer.status}"] += 1


async def load(url: str, sessions: int, seconds: float) -> None:
    photo, times, counts = photograph(), list[float](), Counter[str]()
    until = time.monotonic() + seconds
    await asyncio.gather(*(person(url, number, photo, until, times, counts) for number in range(sessions)))
    report(f"{sessions} sessions", times)
    print(", ".join(f"{name}: {count}" for name, count in sorted(counts.items())))


async def edits(url: str, seconds: float) -> None:
    """Wait for the page and for its model, then edit: from the request in words until the preview of its program is here."""
    start, photo, times, counts = time.monotonic(), photograph(), list[float](), Counter[str]()
    async with aiohttp.ClientSession(url) as session:

        async def answers(path: str) -> bool:
            with suppress(aiohttp.ClientError):
                async with session.get(path) as answer:
                    return answer.status == 200
            return False

        while not await answers("/health"):
            await asyncio.sleep(0.5)
        print(f"the page answers after {time.monotonic() - start:.0f} s")
        async with session.post("/photographs", data=photo) as answer:
            base = f"/s/{(await answer.json())['session']}"
        while not times or time.monotonic() - start < seconds:
            begun = time.perf_counter()
            async with session.post(f"{base}/say", json={"request": "make it warmer"}) as answer:
                told = await answer.json()
                counts[f"say {answer.status} {told.get('error', '')}".strip()] += 1
            if answer.status == 200:
                async with session.get(f"{base}/image", params={"program": json.dumps(told["program"])}) as answer:
                    await answer.read()
                if not times:
                    print(f"the first edit is done after {time.monotonic() - start:.0f} s; {told['program']}")
                    seconds += time.monotonic() - start
                times.append(1000 * (time.perf_counter() - begun))
            elif answer.status == 429:
                await asyncio.sleep(5)
            async with session.post(f"{base}/go", json={"length": 0}) as answer:
                await answer.read()
    report("a request until its preview", times[1:] or times, "edits")
    print(", ".join(f"{name}: {count}" for name, count in sorted(counts.items())))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("preview", "load", "edits"))
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    parser.add_argument("--sessions", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=60)
    given = parser.parse_args()
    if given.what == "preview":
        preview()
    elif given.what == "edits":
        asyncio.run(edits(given.url, given.seconds))
    else:
        with server(2) as address:
            asyncio.run(load(address, given.sessions, given.seconds))
