"""The system of two turns: which rows get a second one, and what it shows; the answers are given."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from iea.editor import render
from iea.editor.io import write_image
from iea.recipe.evaluation.systems import SYSTEMS, Settings, checkpoint
from iea.reward_fns.prompts import Style
from iea.reward_fns.tasks.look import look_turn

FIRST = {"exposure": 45}
ORIGINAL = np.random.default_rng(0).integers(60, 190, (28, 56, 3), dtype=np.uint8)


def row(path: Path, source: str, style: Style) -> dict[str, object]:
    system = [] if style == "short" else [{"role": "system", "content": "tools"}]
    prompt = [*system, {"role": "user", "content": "<image>warmer"}]
    images = [{"image": str(path), "min_pixels": 784, "max_pixels": 784}]
    return {"data_source": source, "prompt": prompt, "images": images, "extra_info": {"original": str(path)}}


@pytest.mark.parametrize("style", ["short", "full"])
def test_edits_with_a_program_get_a_second_turn(style: Style, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_image(path := tmp_path / "original.png", ORIGINAL)
    rows = pd.DataFrame([row(path, source, style) for source in ("iea/edit", "iea/auto", "iea/edit", "iea/refine")])
    seen: list[pd.DataFrame] = []
    given = iter([["prose", json.dumps(FIRST), "{}", "a refinement"], ["second", "third"]])

    def generate(rows: pd.DataFrame) -> list[str]:
        seen.append(rows)
        return next(given)

    monkeypatch.setattr(checkpoint, "start", lambda settings: generate)
    assert SYSTEMS["two_turns"].answers(rows, Settings()) == ["prose", "second", "third", "a refinement"]
    _, looks = seen
    assert len(looks) == 2
    *before, first, look = looks.prompt[0]
    assert before == rows.prompt[1] and first == {"role": "assistant", "content": json.dumps(FIRST)}
    assert look == look_turn(short=style == "short")
    original, result = looks.images[0]
    assert original == rows.images[1][0] and {**result, "image": str(path)} == original
    assert np.array_equal(result["image"], render(ORIGINAL, FIRST))
    assert np.array_equal(looks.images[1][1]["image"], ORIGINAL)


def test_without_a_program_there_is_no_second_turn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_image(path := tmp_path / "original.png", ORIGINAL)
    monkeypatch.setattr(checkpoint, "start", lambda settings: lambda rows: ["prose"])
    assert SYSTEMS["two_turns"].answers(pd.DataFrame([row(path, "iea/edit", "short")]), Settings()) == ["prose"]
