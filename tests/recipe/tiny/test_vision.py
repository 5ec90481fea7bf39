"""The eye's first lesson: it is learnt, changes the eye alone and is the same every time."""

import shutil
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("transformers")
pytestmark = [
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
def taught(model: Path, images: list[object], tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, float]:
    return _taught(model, images, tmp_path_factory.mktemp("taught") / "model", 60)


def _taught(model: Path, images: list[object], out: Path, steps: int) -> tuple[Path, float]:
    from iea.recipe.tiny.vision import open_eye

    shutil.copytree(model, out)
    return out, open_eye(out, images, steps=steps, seed=SEED)


def test_the_tokens_come_to_tell_what_the_pixels_are(
    model: Path, images: list[object], taught: tuple[Path, float], tmp_path: Path
) -> None:
    _, at_first = _taught(model, images, tmp_path / "model", 1)
    assert taught[1] < 0.1 * at_first


def test_only_the_eye_changes_and_the_folder_stays_whole(model: Path, taught: tuple[Path, float]) -> None:
    from safetensors.torch import load_file

    before, after = (load_file(folder / "model.safetensors") for folder in (model, taught[0]))
    assert before.keys() == after.keys()
    moved = {name for name in before if not before[name].equal(after[name])}
    assert moved == {name for name in before if "visual" in name}
    assert {file.name for file in model.iterdir()} == {file.name for file in taught[0].iterdir()}


def test_the_same_seed_teaches_the_same(model: Path, images: list[object], tmp_path: Path) -> None:
    folders = [_taught(model, images, tmp_path / name, 3)[0] for name in ("one", "two")]
    one, two = ((folder / "model.safetensors").read_bytes() for folder in folders)
    assert one == two


def test_pictures_of_several_sizes_are_refused(model: Path, images: list[object], tmp_path: Path) -> None:
    from PIL import Image

    with pytest.raises(ValueError, match="must have one size"):
        _taught(model, [*images, Image.new("RGB", (112, 56))], tmp_path / "model", 1)


def test_no_steps_are_refused(model: Path, images: list[object], tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="steps must be at least 1"):
        _taught(model, images, tmp_path / "model", 0)
