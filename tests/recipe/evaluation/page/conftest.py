"""Results of four systems on real photographs: programs, finished images, summaries, and everything that can go wrong."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image as PillowImage

from iea.data_prep.ingest.sources.bundled import everyday_photographs
from iea.editor import Program, render
from iea.editor.io import read_image, write_image
from iea.reward_fns.result import make_score
from iea.reward_fns.score import score_text

HOSTILE = (
    "Sure!</script><script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">&amp; \u2028"
)
REQUESTS = (
    ("brighter, <b>warmer</b> & calm", {"exposure": 25, "temperature": 20}),
    ("less color", {"saturation": -40}),
)
NO_REWARD = dict.fromkeys(("score", "first_score", "n_tools", "r_use", "r_use_scaled"), np.nan)


@pytest.fixture(scope="session")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write results of the systems good, bad, images and sentences: two edits and a summary of each of three photographs."""
    home = tmp_path_factory.mktemp("compared")
    lines: dict[str, list[dict[str, Any]]] = {name: [] for name in ("good", "bad", "images", "sentences")}
    for number, (name, path) in enumerate(list(everyday_photographs().items())[:3]):
        small = PillowImage.fromarray(read_image(path))
        small.thumbnail((320, 320))
        original = home / "photos" / f"{name}.png"
        original.parent.mkdir(exist_ok=True)
        write_image(original, np.asarray(small))
        for place, (request, program) in enumerate(REQUESTS):
            facts = _facts(3 * number + place, name, "edit", original, request, program)
            facts["scope"] = "local" if place else "global"
            _answer(lines, facts, np.asarray(small), program)
        facts = _facts(3 * number + 2, name, "summary", original, "what was asked?", REQUESTS[0][1])
        score = make_score(score=number / 3, parsable=1, judge=number / 3, rouge_l=0.5)
        lines["sentences"].append(facts | score | {"answer": f"make it warmer, {HOSTILE}"})
    (home / "photos" / "image.3.jpg").write_bytes(b"no image")
    for label, rows in lines.items():
        pd.DataFrame(rows).to_parquet(home / f"{label}.parquet")
    manifest = {"not_computed": {"r_use": "an image shows no tools"}}
    (home / "images.json").write_text(json.dumps(manifest))
    return home


def _facts(index: int, photo: str, kind: str, original: Path, request: str, program: dict[str, int]) -> dict[str, Any]:
    reference = original.with_name(f"{original.stem}.{index}.png")
    write_image(reference, render(read_image(original), Program(program)))
    return {
        "index": index,
        "photo": f"bundled:{photo}",
        "kind": kind,
        "data_source": f"iea/{kind}",
        "original": str(original),
        "reference": str(reference),
        "program": json.dumps(program),
        "instruction": request,
        "answer": "",
        "scope": "global",
        "failure": "",
        "failure_text": "",
        "edited": "",
    }


def _answer(lines: dict[str, list[dict[str, Any]]], facts: dict[str, Any], image: Any, program: dict[str, int]) -> None:
    reference = read_image(facts["reference"])
    right = json.dumps({tool: value - 3 for tool, value in program.items()})
    lines["good"].append(facts | score_text(image, reference, right) | {"answer": right})
    wrong = HOSTILE if facts["index"] == 0 else '{"fade": 60}'
    failure = {"failure": "unparsable", "failure_text": HOSTILE} if wrong == HOSTILE else {}
    lines["bad"].append(facts | score_text(image, reference, wrong) | {"answer": wrong} | failure)
    edited = Path(facts["original"]).with_name(f"image.{facts['index']}.jpg")
    half = {tool: value // 2 for tool, value in program.items()}
    write_image(edited, render(image, Program(half)))
    score = score_text(image, reference, json.dumps(half)) | NO_REWARD
    lines["images"].append(facts | score | {"edited": str(edited)})
