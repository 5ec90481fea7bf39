"""Pretraining of the vision tower: it learns, changes nothing else and is reproducible."""

import shutil
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("transformers")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # transformers' and torch's own, on import
    pytest.mark.filterwarnings("ignore::FutureWarning"),
]

SEED = 3


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from iea.recipe.tiny.policy import build_tiny_model

    out = tmp_path_factory.mktemp("tiny") / "model"
    build_tiny_model(out, iter(["make it warmer"] * 50))
    return out


@pytest.fixture(scope="module")
def images() -> list[object]:
    from PIL import Image

    random = np.random.default_rng(SEED)
    corners = random.integers(0, 256, (24, 3, 3, 3), np.uint8)
    return [Image.fromarray(corner).resize((56, 56), Image.Resampling.BICUBIC) for corner in corners]


@pytest.fixture(scope="module")
def pretrained(model: Path, images: list[object], tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, float]:
    return _pretrain(model, images, tmp_path_factory.mktemp("pretrained") / "model", 60)


def _pretrain(model: Path, images: list[object], out: Path, steps: int) -> tuple[Path, float]:
    from iea.recipe.tiny.vision import pretrain_vision

    shutil.copytree(model, out)
    return out, pretrain_vision(out, images, steps=steps, seed=SEED)


def test_tokens_learn_to_predict_color_statistics(
    model: Path, images: list[object], pretrained: tuple[Path, float], tmp_path: Path
) -> None:
    _, initial = _pretrain(model, images, tmp_path / "model", 1)
    assert pretrained[1] < 0.1 * initial


def test_only_the_vision_tower_changes(model: Path, pretrained: tuple[Path, float]) -> None:
    from safetensors.torch import load_file

    before, after = (load_file(folder / "model.safetensors") for folder in (model, pretrained[0]))
    assert before.keys() == after.keys()
    moved = {name for name in before if not before[name].equal(after[name])}
    assert moved == {name for name in before if "visual" in name}
    assert {file.name for file in model.iterdir()} == {file.name for file in pretrained[0].iterdir()}


def test_one_seed_gives_one_result(model: Path, images: list[object], tmp_path: Path) -> None:
    folders = [_pretrain(model, images, tmp_path / name, 3)[0] for name in ("one", "two")]
    one, two = ((folder / "model.safetensors").read_bytes() for folder in folders)
    assert one == two


def test_images_of_several_sizes_are_rejected(model: Path, images: list[object], tmp_path: Path) -> None:
    from PIL import Image

    with pytest.raises(ValueError, match="must have one size"):
        _pretrain(model, [*images, Image.new("RGB", (112, 56))], tmp_path / "model", 1)


def test_zero_steps_are_rejected(model: Path, images: list[object], tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="steps must be at least 1"):
        _pretrain(model, images, tmp_path / "model", 0)
