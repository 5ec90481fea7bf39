import io
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image as PillowImage

from iea.data_prep.ingest.near_duplicates import MAX_BITS, SIDE, TILE, fingerprint, near_duplicates
from iea.data_prep.ingest.resample import resample, whole
from iea.data_prep.ingest.sources import Listed
from iea.data_prep.ingest.sources.bundled import everyday_photographs, list_bundled
from iea.editor import Image, render
from iea.editor.io import read_image


def prints(images: list[Image]) -> tuple[NDArray[np.uint64], NDArray[np.uint8]]:
    found = [fingerprint(image) for image in images]
    thumbs = np.array([np.frombuffer(thumb, np.uint8) for _, thumb in found])
    return np.array([int(phash, 16) for phash, _ in found], np.uint64), thumbs


def photographs() -> list[Image]:
    return [read_image(path) for path in everyday_photographs().values()]


def as_jpeg(image: Image) -> Image:
    stream = io.BytesIO()
    PillowImage.fromarray(image).save(stream, "JPEG", quality=50)
    return np.asarray(PillowImage.open(stream))


def trimmed(image: Image, share: float) -> Image:
    down, across = round(image.shape[0] * share), round(image.shape[1] * share)
    return np.ascontiguousarray(image[down // 2 : down // 2 - down, across // 2 : across // 2 - across])


COPIES = {
    "re-encoded": as_jpeg,
    "resized": lambda image: resample(image, whole(image), (301, 200)),
    "brightened": lambda image: render(image, {"exposure": 50, "saturation": 40}),
    "trimmed": lambda image: trimmed(image, 0.02),
    "all of these": lambda image: as_jpeg(render(trimmed(image, 0.01), {"exposure": -40, "contrast": 30})),
}


@pytest.mark.parametrize("copy", COPIES)
def test_only_copies_of_a_photograph_are_near_duplicates(copy: str) -> None:
    originals = photographs()
    made = [COPIES[copy](image) for image in originals]
    pairs = set(near_duplicates(*prints(originals + made)))
    assert pairs == {(number, number + len(originals)) for number in range(len(originals))}


@pytest.mark.parametrize("copy", ["re-encoded", "resized"])
def test_copies_of_textures_without_a_subject_are_found(copy: str) -> None:
    originals = [read_image(one.original) for one in list_bundled(Path()) if isinstance(one, Listed) and not one.folds]
    pairs = set(near_duplicates(*prints(originals + [COPIES[copy](image) for image in originals])))
    assert pairs == {(number, number + len(originals)) for number in range(len(originals))}


def test_disjoint_crops_are_rarely_near_duplicates() -> None:
    tiles = [
        np.ascontiguousarray(
            image[y * image.shape[0] // 5 :, x * image.shape[1] // 5 :][: image.shape[0] // 5, : image.shape[1] // 5]
        )
        for image in photographs()
        for y in range(5)
        for x in range(5)
    ]
    pairs = set(near_duplicates(*prints(tiles)))
    print(f"false merges: {len(pairs)} of {len(tiles) * (len(tiles) - 1) // 2} pairs of distinct crops")
    assert len(pairs) <= 1


def test_flat_images_are_not_near_duplicates() -> None:
    flat = [np.full((50, 60, 3), level, np.uint8) for level in (0, 3, 128, 255)]
    assert not set(near_duplicates(*prints(flat)))


@pytest.mark.parametrize("seed", [0, 1])
def test_candidates_are_all_pairs_within_max_bits(seed: int) -> None:
    rng = np.random.default_rng(seed)
    centers = rng.integers(0, 2**63, 12, dtype=np.uint64)
    masks = [
        np.uint64(sum(1 << int(bit) for bit in rng.choice(64, rng.integers(0, 9), replace=False))) for _ in range(400)
    ]
    hashes = np.array([centers[i % 12] ^ mask for i, mask in enumerate(masks)], np.uint64)
    thumbs: NDArray[np.uint8] = np.tile(rng.integers(0, 256, SIDE * SIDE, dtype=np.uint8), (400, 1))
    first, second = np.triu_indices(400, 1)
    near = np.bitwise_count(hashes[first] ^ hashes[second]) <= MAX_BITS
    expected = set(zip(first[near].tolist(), second[near].tolist(), strict=True))
    assert 0 < len(expected) < len(first) / 5
    assert set(near_duplicates(hashes, thumbs)) == expected


def test_every_pair_across_tiles_is_found_once() -> None:
    count = TILE[0] * 2 + 10
    hashes = np.repeat(np.array([5], np.uint64), count)
    thumbs = np.tile(np.arange(SIDE * SIDE, dtype=np.uint8) * 3, (count, 1))
    found = list(near_duplicates(hashes, thumbs))
    assert len(found) == len(set(found)) == count * (count - 1) // 2


def test_no_images_have_no_near_duplicates() -> None:
    assert not set(near_duplicates(np.zeros(0, np.uint64), np.zeros((0, SIDE * SIDE), np.uint8)))
