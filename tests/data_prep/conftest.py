from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from iea.data_prep.prepare import PrepareConfig, prepare
from iea.data_prep.schema import EXAMPLES
from iea.editor import render
from iea.editor.io import write_image

MakePhoto = Callable[..., NDArray[np.uint8]]


@pytest.fixture(scope="session")
def make_photo() -> MakePhoto:
    """Return make_photo(path, seed, height, width), which saves a colorful textured image, another for each seed."""

    def make(path: Path, seed: int = 0, height: int = 90, width: int = 120) -> NDArray[np.uint8]:
        rng = np.random.default_rng([seed, 1])
        coarse = Image.fromarray(rng.integers(20, 235, (4, 5, 3), dtype=np.uint8))
        smooth = np.asarray(coarse.resize((width, height), Image.Resampling.BICUBIC), dtype=np.float64)
        pixels = np.clip(smooth + rng.normal(0, 20, smooth.shape), 0, 255).astype(np.uint8)
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(path)
        return pixels

    return make


@pytest.fixture(scope="session")
def photo_folder(tmp_path_factory: pytest.TempPathFactory, make_photo: MakePhoto) -> Path:
    """Write seven usable photographs, one of them in a subfolder."""
    folder = tmp_path_factory.mktemp("photos")
    for seed in range(6):
        make_photo(folder / f"{seed}.png", seed)
    make_photo(folder / "below" / "6.png", 6)
    return folder


@pytest.fixture(scope="session")
def small(photo_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> PrepareConfig:
    """Return settings of a data set that takes seconds; fold 0 holds out three of seven photographs."""
    return PrepareConfig(
        tmp_path_factory.mktemp("small") / "out",
        photo_folder,
        fold=0,
        style="short",
        size=56,
        difficulty="easy",
        pairs_per_photo=24,
        val_pairs_per_photo=8,
        judged=0,
        stage1_rows=96,
        stage2_rows=48,
        label_noise=1.0,
    )


@pytest.fixture(scope="session")
def prepared(small: PrepareConfig) -> Path:
    """Prepare one data set, which tests must not change; return its folder."""
    prepare(small, workers=1, sheets=False, quiet=True)
    return small.out


@pytest.fixture(scope="session")
def example_rows(tmp_path_factory: pytest.TempPathFactory, make_photo: MakePhoto) -> list[dict[str, Any]]:
    """Return rendered rows of EXAMPLES of all tasks, of eight photographs; the last two are for val.

    Of each photograph: labeled edits with an expert's request and without one, two expert summaries of one retouch and
    an amateur's; a synthetic edit, summary and refinement.
    """
    folder = tmp_path_factory.mktemp("examples")
    rows = []
    for seed in range(8):
        path = folder / f"{seed}.png"
        original = make_photo(path, seed, 60, 80)
        programs = {"reference": {"exposure": 45, "tint": -20}, "previous": {"exposure": 20, "tint": -20}}
        for name, program in programs.items():
            write_image(folder / f"{seed}-{name}.png", render(original, program))
        base = {
            "photo": path.name,
            "group": path.name,
            "split": "val" if seed > 5 else "train",
            "original": str(path),
            "reference": str(folder / f"{seed}-reference.png"),
            "reasoning": "It is dark and too green. First more light, then less green.",
            "program": '{"exposure": 45, "tint": -20}',
            "d_before": 0.1,
            "oracle_r_like": 0.9,
        }
        synthetic = base | {"origin": "synthetic", "reasoning": "", "oracle_r_like": 1.0}
        refined = {
            "first_text": "a little brighter, less green",
            "previous": str(folder / f"{seed}-previous.png"),
            "previous_program": '{"exposure": 20, "tint": -20}',
        }
        empty_program = {"program": "", "reasoning": ""}
        drawn = [
            base | {"task": "edit", "persona": "expert", "text": "Lift the exposure, shift the tint."},
            base | {"task": "edit", "persona": "none", "text": ""},
            *(
                base | empty_program | {"task": "summary", "persona": persona, "summary": summary}
                for persona, summary in (
                    ("expert", "Lift the exposure and take out green."),
                    ("expert", "More light, less green."),
                    ("amateur", "It is too dark and too green."),
                )
            ),
            synthetic | {"task": "edit", "persona": "template", "text": "raise the exposure, add some pink"},
            synthetic | empty_program | {"task": "summary", "persona": "amateur", "summary": "Make it brighter."},
            synthetic | refined | {"task": "refine", "persona": "amateur", "text": "brighter still"},
        ]
        rows += [row | {"name": f"{seed}-{place}"} for place, row in enumerate(drawn)]
    empty = dict.fromkeys(EXAMPLES.names, "") | {"origin": "gier"}
    return [empty | row for row in rows]
