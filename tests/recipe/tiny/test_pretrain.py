"""The base of the lane's policies: procedural images, texts, and pretraining that learns, resumes and is reproducible."""

import shutil
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

pytest.importorskip("transformers")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # transformers' and torch's own, on import
    pytest.mark.filterwarnings("ignore::FutureWarning"),
]

from iea.data_prep.synthesize.crops import is_usable
from iea.editor import TOOLS, Program, render
from iea.recipe.tiny import pretrain as module
from iea.recipe.tiny.base import lane_texts, make_base
from iea.recipe.tiny.dead_leaves import dead_leaves
from iea.recipe.tiny.image_statistics import image_statistics
from iea.recipe.tiny.pretrain import pretrain
from iea.recipe.tiny.procedural_pairs import SCALE, Pairs, draw_pairs

SEED = 3
AREA = 3.1416 * (0.4 * 2**0.5 * 55.5) ** 2  # px, of the center


@pytest.fixture(scope="module")
def pairs() -> Pairs:
    cv2.setNumThreads(2)
    cv2.GaussianBlur(np.zeros((2000, 2000, 3), np.float32), (0, 0), 5)  # a forked child would wait for these threads
    return draw_pairs(48, SEED)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_base(tmp_path_factory.mktemp("tiny") / "base", steps=1, pairs=64)


def test_procedural_images_are_usable_and_differ() -> None:
    images = [dead_leaves(np.random.default_rng(seed), 112) for seed in range(20)]
    assert sum(map(is_usable, images)) >= 14
    assert len({image.tobytes() for image in images}) == 20
    assert (images[0] == dead_leaves(np.random.default_rng(0), 112)).all()


def test_the_program_of_a_pair_renders_its_second_image(pairs: Pairs) -> None:
    for (original, reference), values, text in zip(pairs.images, pairs.programs, pairs.answers, strict=True):
        program = {tool: round(float(value * SCALE)) for tool, value in zip(TOOLS, values, strict=True) if value}
        assert program and (render(original, Program(program)) == reference).all()
        assert Program.from_json(text) == Program(program)


def test_statistics_are_those_of_known_images() -> None:
    import torch

    flat = torch.full((1, 112, 112, 3), 51, dtype=torch.uint8)
    found = image_statistics(flat)[0]
    assert found.shape == (59,)
    assert found[:36].tolist() == pytest.approx([0.2] * 36, abs=1e-5)  # quantiles of channels and luma
    assert found[36:45].tolist() == pytest.approx([0] * 9, abs=1e-6)  # of saturation
    framed = flat.clone()
    framed[:, 40:72, 40:72] = 255
    corners, center = image_statistics(framed)[0, -2:].tolist()
    assert corners == pytest.approx(0.2, abs=1e-5) and center == pytest.approx(0.2 + 0.8 * 32**2 / AREA, rel=0.01)


def test_texts_hold_every_tool_and_value() -> None:
    text = " ".join(lane_texts(40))
    assert all(f'"{tool}": -45' in text or tool in ("grain", "fade") for tool in TOOLS)
    assert "now: " in text and '"exposure": -65' in text


def test_pretraining_learns_to_answer_with_programs(base: Path, pairs: Pairs, tmp_path: Path) -> None:
    shutil.copytree(base, tmp_path / "model")
    assert pretrain(tmp_path / "model", pairs, steps=40, seed=SEED) < 2.0  # nats per token; 6.9 before
    assert sorted(path.name for path in base.iterdir()) == sorted(path.name for path in (tmp_path / "model").iterdir())


def test_an_interrupted_pretraining_ends_like_another(
    base: Path, pairs: Pairs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SAVE_EVERY", 2)
    for name in ("whole", "parts"):
        shutil.copytree(base, tmp_path / name)
    whole = pretrain(tmp_path / "whole", pairs, steps=4, seed=SEED)
    real: Any = module.clip_grad_norm_
    calls = []

    def interrupted(*arguments: Any) -> Any:
        calls.append(1)
        if len(calls) == 4:
            raise KeyboardInterrupt
        return real(*arguments)

    monkeypatch.setattr(module, "clip_grad_norm_", interrupted)
    with pytest.raises(KeyboardInterrupt):
        pretrain(tmp_path / "parts", pairs, steps=4, seed=SEED)
    assert pretrain(tmp_path / "parts", pairs, steps=4, seed=SEED) == pytest.approx(whole, rel=1e-4)
    assert len(calls) == 6  # the two steps after the saved one, again


def test_a_finished_base_is_kept(base: Path) -> None:
    before = (base / "model.safetensors").stat().st_mtime_ns
    assert make_base(base, steps=1, pairs=64) == base
    assert (base / "model.safetensors").stat().st_mtime_ns == before
    assert not list(base.parent.glob("*.partial"))
