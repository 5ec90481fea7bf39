"""Broken side-cars and annotations of every source: each record is listed, or rejected by a registered reason.

A root as a whole may be refused by ValueError that names it. Set IEA_FUZZ_SEED to repeat a run.
"""

import copy
import json
import os
import random
import shutil
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from iea.data_prep.ingest.sources import SOURCES, Listed
from iea.data_prep.ingest.sources.camera_raw import SLIDERS
from iea.data_prep.reasons import reason_named
from iea.editor import TOOLS, Program

LARGEST = 300_000
STEM = "a0001-jmac_DSC1459"
TEXTS = [
    "",
    "x",
    "+0,50",
    "1e999",
    "-0",
    "nan",
    "True",
    "\N{MINUS SIGN}3",
    "\ud83d",
    "\x00",
    "../up.jpg",
    "é" * 200,
    "9" * 5000,
]
VALUES: list[Any] = [None, True, 0, -1, 10**400, 1e308, float("nan"), [], {}, [[]], {"local": False}, *TEXTS]
KEYS = [
    *SLIDERS,
    "Temperature",
    "WhiteBalance",
    "ToneCurvePV2012",
    "Look",
    "HasCrop",
    "CropTop",
    "PointColors",
    "Unknown",
]
XMP = """<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:crs="http://ns.adobe.com/camera-raw-settings/1.0/" {}>{}</rdf:Description>
</rdf:RDF></x:xmpmeta>"""


def sidecar(rng: random.Random) -> bytes:
    """Draw a side-car of attributes and nested elements, and damage its text in half of the cases."""
    attributes = {
        rng.choice(KEYS): rng.choice([*TEXTS[:8], str(rng.uniform(-200, 200))]) for _ in range(rng.randrange(8))
    }
    given = " ".join(f'crs:{key}="{value}"' for key, value in attributes.items())
    text = XMP.format(given, "".join(element(rng) for _ in range(rng.randrange(5))))
    data = text.encode(rng.choice(["utf-8", "utf-8", "utf-16"]), "surrogatepass")
    return damaged(data, rng) if rng.random() < 0.5 else data


def element(rng: random.Random) -> str:
    names = rng.choices(
        ["rdf:Seq", "rdf:li", "rdf:Description", "crs:Parameters", "rdf:value", "rdf:RDF"], k=rng.randrange(1, 5)
    )
    depth = rng.choice([1, 1, 1, 3, 1000])
    inner = rng.choice([*TEXTS[:8], "0, 0", "128, 140", "255,255", "0.5, -1, 0"])
    opened, closed = "".join(f"<{name}>" for name in names), "".join(f"</{name}>" for name in reversed(names))
    key = rng.choice(KEYS)
    return f"<crs:{key}>{opened * depth}{inner}{closed * depth}</crs:{key}>"


def damaged(data: bytes, rng: random.Random) -> bytes:
    """Cut, repeat, replace or insert bytes."""
    for _ in range(rng.randrange(1, 4)):
        start = rng.randrange(len(data) + 1)
        stop = min(len(data), start + rng.randrange(40))
        middle = rng.choice(
            [b"", data[start:stop] * rng.randrange(3), rng.randbytes(3), b"&a;", b"<", b'"', b"[", b"}"]
        )
        data = (data[:start] + middle + data[stop:])[:LARGEST]
    return data


def records(rng: random.Random, good: dict[str, Any]) -> bytes:
    """Draw a JSON list of records like `good` with some values replaced, and damage its text in a third of the cases."""
    drawn: list[Any] = []
    for _ in range(rng.randrange(6)):
        one: Any = json.loads(json.dumps(good))
        for _ in range(rng.randrange(4)):
            place = one
            while rng.random() < 0.5 and isinstance(place, dict) and place:
                inner = place[rng.choice(list(place))]
                place = inner if isinstance(inner, dict) else place
                if place is not inner:
                    break
            place[rng.choice([*place, rng.choice(TEXTS)])] = copy.deepcopy(rng.choice(VALUES))
        drawn.append(rng.choice([one, one, one, rng.choice(VALUES)]))
    content: Any = rng.choice(
        [drawn, drawn, drawn, {str(number): one for number, one in enumerate(drawn)}, rng.choice(VALUES)]
    )
    data = json.dumps(content).encode()
    return damaged(data, rng) if rng.random() < 0.3 else data


GIER = {
    "input": "a_a.jpg",
    "output": "a_b.jpg",
    "operator": {"exposure": {"local": False, "ids": []}},
    "expert_summary": ["lift it"],
    "amateur_summary": ["brighter"],
    "dataset": "reddit",
}
FIVEK_REQ = {"input": "3458_O.jpg", "output": "3458_B.jpg", "request": "Increase the contrast"}
FIVEK = {
    "id": 1,
    "license": "Adobe",
    "categories": {"location": "outdoor"},
    "camera": {"make": "Nikon", "model": "D70"},
}


def gier(root: Path, rng: random.Random) -> None:
    for name in rng.sample(["GIER.json", "IER2.json", "train_sess_1.json", "val_sess_2.json"], 2):
        (root / name).write_bytes(records(rng, GIER))


def fivek_req(root: Path, rng: random.Random) -> None:
    for name in ("train_sess_1.json", "test_sess_1.json"):
        (root / name).write_bytes(records(rng, FIVEK_REQ))


def fivek(root: Path, rng: random.Random) -> None:
    touch(root / f"{STEM}.dng", root / f"tiff16_{rng.choice('abz')}/{STEM}.tif", root / f"{rng.choice(TEXTS[6:8])}.dng")
    about = {STEM: FIVEK, "b": FIVEK}
    (root / "training.json").write_bytes(damaged(json.dumps(about).encode(), rng))
    (root / "validation.json").write_bytes(records(rng, about))
    (root / "filesAdobe.txt").write_bytes(damaged(STEM.encode() * 3, rng))


def ppr10k(root: Path, rng: random.Random) -> None:
    touch(root / "source/9_1.tif", root / "target_a/9_1.tif")
    for folder in ("xmp_source", "xmp_target_a"):
        (root / folder).mkdir()
        (root / folder / "9_1.xmp").write_bytes(sidecar(rng))


def folder(root: Path, rng: random.Random) -> None:
    names = [rng.randbytes(rng.randrange(1, 200)).replace(b"/", b"").replace(b"\0", b"") or b"x" for _ in range(4)]
    touch(
        *(
            root / os.fsdecode(name + rng.choice([b"", b".jpg", b".HEIC"]))
            for name in names
            if name not in (b".", b"..")
        )
    )
    for _ in range(3):
        (root / f"link{rng.random()}").symlink_to(
            rng.choice([root, root.parent / "nowhere", Path("/dev/zero"), *root.iterdir()])
        )
    for path in (path for path in root.iterdir() if path.is_file() and not path.is_symlink()):
        path.write_bytes(
            rng.choice([b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"II*\0", b"P6 9", b"%!PS-Adobe"]) + rng.randbytes(60)
        )


def touch(*paths: Path) -> None:
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


MAKERS: dict[str, Callable[[Path, random.Random], None]] = {
    "gier": gier,
    "fivek_req": fivek_req,
    "fivek": fivek,
    "ppr10k": ppr10k,
    "folder": folder,
}


def outcomes(source: str, root: Path) -> list[str]:
    """Return "listed", a reason or "refused" for every record. Raises AssertionError for a broken promise."""
    found = []
    try:
        for one in SOURCES[source].list(root):
            item = json.loads(json.dumps(one.to_item()))
            if isinstance(one, Listed):
                assert Listed.of_item(item) == one
                assert one.name.isascii(), one.name
                Program(one.program or {})  # raises ProgramError if it is out of range
                assert set(one.operators) <= set(TOOLS)
                "".join((*one.expert, *one.amateur)).encode()
            else:
                assert reason_named(one.reason), one.reason
            found.append(getattr(one, "reason", "listed"))
    except ValueError as error:
        assert str(root) in str(error), repr(error)
        found.append("refused")
    return found


@pytest.mark.slow
def test_broken_sidecars_and_annotations_are_counted_by_reason(seed: int, seconds: float, tmp_path: Path) -> None:
    print(f"seed {seed}")
    counts: Counter[str] = Counter()
    started = time.monotonic()
    number = 0
    while time.monotonic() - started < seconds:
        rng = random.Random(f"{seed} {number}")
        source = rng.choice(list(MAKERS))
        root = tmp_path / "root"
        root.mkdir()
        MAKERS[source](root, rng)
        try:
            counts.update(f"{source}: {outcome}" for outcome in outcomes(source, root))
        except Exception as error:
            raise AssertionError(f"seed {seed}, case {number}, {source}: {error!r}") from error
        shutil.rmtree(root)
        number += 1
    print(f"{number} roots: {dict(sorted(counts.items()))}")
    assert all(counts[f"{source}: listed"] for source in MAKERS)
    assert counts["ppr10k: malformed_xmp"] and counts["gier: malformed_row"]
