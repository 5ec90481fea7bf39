import numpy as np
import pytest

from iea.data_prep.ingest.resample import resample, whole


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_the_same_box_and_size_return_the_image_itself(dtype: type) -> None:
    image = np.random.default_rng(0).integers(0, np.iinfo(dtype).max, (7, 9, 3)).astype(dtype)
    assert resample(image, whole(image), (9, 7)) is image


def test_both_depths_give_the_same_result() -> None:
    image = np.random.default_rng(0).integers(0, 256, (60, 80, 3), dtype=np.uint8)
    box = (3.5, 2.25, 77.0, 58.5)
    deep = resample(image.astype(np.uint16) * np.uint16(257), box, (20, 15))
    assert deep.dtype == np.uint16
    assert np.abs(deep / 257 - resample(image, box, (20, 15))).max() <= 1


def test_stripes_finer_than_the_result_turn_gray() -> None:
    stripes = np.zeros((64, 64, 3), np.uint8)
    stripes[:, ::2] = 254
    assert np.abs(resample(stripes, whole(stripes), (16, 16))[4:-4, 4:-4].astype(int) - 127).max() <= 2
