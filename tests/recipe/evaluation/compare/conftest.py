"""Images of known brightness, and an endpoint that looks at them: it prefers the brighter one, unless a test adds a fault."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from iea.data_prep.annotate.online_config import VisionConfig
from iea.editor.io import write_image
from iea.recipe.evaluation.compare.items import Edits, Item

sys.path.insert(0, str(Path(__file__).parent))  # makes graders.py importable from the tests of this folder

from graders import honest

LEVELS = {"original": 60, "weak": 90, "strong": 130, "reference": 150}
"""Mean level of the images of a system, 0 to 255."""


@pytest.fixture
def look(server: Any) -> Callable[..., Any]:
    """look(answer) makes the server answer every request by answer(body): an object, a text, or a Reaction."""

    def make(answer: Callable[[dict[str, Any]], Any] = honest) -> Any:
        def react(handler: Any, body: dict[str, Any]) -> None:
            with server.lock:
                server.seen.append(body)
            found = answer(body)
            (found if callable(found) else server.completion(found))(handler)

        server.react = react
        return server

    return make


@pytest.fixture
def config(server: Any) -> VisionConfig:
    return VisionConfig(
        url=server.url,
        model="m",
        image_side=16,
        attempts=2,
        backoff_s=0.001,
        max_backoff_s=0.002,
        concurrency=2,
        requests_per_minute=None,
    )


@pytest.fixture
def make_edits(tmp_path: Path) -> Callable[..., Edits]:
    """make_edits("weak", "strong", photos=6) writes images of LEVELS, two items for each photograph."""

    def make(*systems: str, photos: int = 6, **levels: int) -> Edits:
        known, items, images = LEVELS | levels, [], dict[str, dict[str, Path]]()
        for place in range(2 * photos):
            paths = {name: tmp_path / "secret" / name / f"{place}.png" for name in {*systems, "original", "reference"}}
            for name, path in paths.items():
                path.parent.mkdir(parents=True, exist_ok=True)
                noise = np.random.default_rng([place, *name.encode()]).integers(-9, 10, (16, 16, 3))
                write_image(path, (known[name] + noise).astype(np.uint8))
            request, photo = f"make it brighter, number {place}", f"photo{place // 2}"
            items.append(Item(str(place), photo, request, paths["original"], paths["reference"]))
            for name in systems:
                images.setdefault(name, {})[str(place)] = paths[name]
        return Edits(items, images, systems)

    return make


@pytest.fixture
def compared(tmp_path: Path, config: VisionConfig) -> Callable[..., dict[str, Any]]:
    """compared(edits) compares without a progress bar and returns comparison.json."""
    from iea.recipe.evaluation.compare.compare import compare

    def run(edits: Edits, **options: Any) -> dict[str, Any]:
        compare(edits, tmp_path / "out", options.pop("config", config), quiet=True, **options)
        found: dict[str, Any] = json.loads((tmp_path / "out" / "comparison.json").read_text())
        return found

    return run
