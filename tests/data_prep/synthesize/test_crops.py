import numpy as np
import pytest
from PIL import Image

from iea.data_prep.synthesize.crops import is_usable, random_crop, usable_crop


def noise(height: int, width: int) -> np.ndarray:
    """Pixels anywhere from dark to light."""
    return np.random.default_rng(0).integers(30, 220, (height, width, 3), dtype=np.uint8)


@pytest.mark.parametrize("shape", [(28, 28), (28, 90), (100, 60), (300, 200)])
def test_a_crop_is_a_square_of_the_given_size(shape):
    for seed in range(20):
        crop = random_crop(Image.fromarray(noise(*shape)), 28, 0.3, np.random.default_rng(seed))
        assert crop.shape == (28, 28, 3)
        assert crop.dtype == np.uint8
        assert crop.flags.c_contiguous


def test_crops_are_seeded_and_vary():
    photo = Image.fromarray(noise(100, 120))
    first, same, other = (random_crop(photo, 28, 0.5, np.random.default_rng(s)) for s in (1, 1, 2))
    assert np.array_equal(first, same)
    assert not np.array_equal(first, other)


def test_reducing_averages_instead_of_picking_pixels():
    stripes = np.zeros((280, 280, 3), dtype=np.uint8)
    stripes[:, ::2] = 200
    crop = random_crop(Image.fromarray(stripes), 28, 1.0, np.random.default_rng(0))
    assert np.abs(crop[:, 2:-2].astype(int) - 100).max() <= 3


def test_crops_without_reduction_are_the_photographs_own_pixels():
    photo = noise(28, 60)
    crop = random_crop(Image.fromarray(photo), 28, 1.0, np.random.default_rng(3))
    windows = [photo[:, x : x + 28] for x in range(33)]
    assert any(np.array_equal(crop, w) or np.array_equal(crop, w[:, ::-1]) for w in windows)


@pytest.mark.parametrize(
    ("image", "usable"),
    [
        (noise(40, 40), True),
        (np.full((40, 40, 3), 120, np.uint8), False),
        (noise(40, 40) // 12, False),
        (255 - noise(40, 40) // 12, False),
    ],
    ids=["textured", "flat", "black", "blown"],
)
def test_flat_black_and_blown_crops_are_refused(image, usable):
    assert is_usable(image) is usable


def test_a_crop_mostly_clipped_is_refused_whatever_its_contrast():
    image = np.zeros((40, 40, 3), dtype=np.uint8)
    image[:16] = 200
    assert not is_usable(image)


def test_a_photograph_without_usable_crops_has_none():
    wall = Image.new("RGB", (80, 80), (90, 90, 90))
    assert usable_crop(wall, 28, 0.5, np.random.default_rng(0)) is None
