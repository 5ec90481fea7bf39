import numpy as np

from iea.data_prep.synthesize.crops import is_usable
from iea.data_prep.synthesize.variation import varied, varied_crops


def noise(side: int, channels: int = 3) -> np.ndarray:
    values = np.random.default_rng(0).integers(30, 220, (side, side, channels), dtype=np.uint8)
    return np.ascontiguousarray(np.broadcast_to(values, (side, side, 3)))


def test_a_varied_crop_has_the_size_and_other_colors():
    crop = noise(28)
    for seed in range(20):
        result = varied(crop, np.random.default_rng(seed))
        assert result.shape == crop.shape
        assert result.dtype == np.uint8
        assert result.flags.c_contiguous
        assert np.abs(result.mean(axis=(0, 1)) - crop.mean(axis=(0, 1))).max() > 1


def test_variations_are_seeded():
    first, same, other = (varied(noise(28), np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert np.array_equal(first, same)
    assert not np.array_equal(first, other)


def test_the_order_of_gray_levels_is_kept():
    crop = noise(28, 1)
    result = varied(crop, np.random.default_rng(1))
    values = result.reshape(-1, 3).astype(int)
    turned = [np.rot90(crop[..., 0], turn).ravel() for turn in range(4)]
    assert any((np.diff(values[np.argsort(one, kind="stable")], axis=0) >= 0).all() for one in turned)


def test_a_variation_that_is_not_usable_is_not_taken():
    flat = np.full((28, 28, 3), 120, np.uint8)
    draw = varied_crops(lambda smallest: flat, np.random.default_rng(0))
    assert not is_usable(flat)
    assert draw(0.5) is flat
