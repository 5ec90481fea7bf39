"""Rates, queues, and the number and age of sessions."""

import asyncio
import os
from pathlib import Path

import numpy as np
import pytest
import tifffile

from iea.recipe.agent.web.intake import take_in
from iea.recipe.agent.web.limits import Gate, Rate
from iea.recipe.agent.web.settings import RefusedError, WebSettings
from iea.recipe.agent.web.store import Store


def test_each_client_has_a_rate_of_its_own() -> None:
    rate = Rate(2)
    for client in ("a", "b", "a", "b"):
        rate.count(client)
    with pytest.raises(RefusedError, match="too_many"):
        rate.count("a")


def test_a_queue_refuses_instead_of_growing() -> None:
    async def crowd() -> list[object]:
        gate, over = Gate(2, 3), asyncio.Event()

        async def one() -> str:
            async with gate.entered():
                await over.wait()
            return "done"

        tasks = [asyncio.create_task(one()) for _ in range(7)]
        refused = [task for task in (await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION))[0]]
        assert len(refused) == 2
        over.set()
        await asyncio.wait(tasks)
        assert await one() == "done"
        return [task.exception() and task.exception().code for task in tasks]  # type: ignore[union-attr, attr-defined]

    assert asyncio.run(crowd()) == [None] * 5 + ["busy"] * 2


def _begun(store: Store) -> Path:
    folder = store.begin()
    (folder / "talk.iea.json").touch()
    return store.root / store.complete(folder)


def test_sessions_are_limited_in_number_and_age(tmp_path: Path) -> None:
    store = Store(WebSettings(root=tmp_path / "sessions", sessions=2, days=1))
    old, new = _begun(store), _begun(store)
    with pytest.raises(RefusedError, match="full"):
        store.begin()
    os.utime(old / "talk.iea.json", (0, 0))
    store.begin()
    assert not old.exists() and new.exists()


def test_the_rest_of_broken_uploads_is_removed_after_hours(tmp_path: Path) -> None:
    settings = WebSettings(root=tmp_path)
    left = Store(settings).begin()
    os.utime(left, (0, 0))
    whole = _begun(Store(settings))
    assert not left.exists() and whole.exists()


def test_only_whole_identifiers_are_looked_up(tmp_path: Path) -> None:
    store = Store(WebSettings(root=tmp_path / "sessions"))
    for identifier in ("", "..", "../" * 10 + "xx", "x" * 32, store.begin().name):
        with pytest.raises(RefusedError, match="unknown"):
            asyncio.run(store.get(identifier))


@pytest.mark.parametrize("layout", ["thumbnail first", "planes of 16 bits"])
def test_the_size_of_a_tiff_is_checked_before_it_is_decoded(
    layout: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("iea.recipe.agent.web.intake.open_photo", lambda _: pytest.fail("it was decoded"))
    with tifffile.TiffWriter(tmp_path / "upload.tif") as file:
        if layout == "thumbnail first":
            file.write(np.zeros((8, 8, 3), np.uint8), photometric="rgb", subfiletype=1)
        file.write(np.zeros((3, 300, 300), np.uint16), photometric="rgb", planarconfig="separate")
    assert take_in(str(tmp_path), "a.tif", ".tif", 1000) == "too_many_pixels"
