import itertools

import numpy as np
import pytest

from iea.data_prep.ingest.near_duplicates import SIDE
from iea.data_prep.ingest.split_groups import ImagePrint, group_rows, own_split, split_rows


def image(row: int, scene: int, pixels: str = "") -> ImagePrint:
    rng = np.random.default_rng(scene)
    phash = f"{int(rng.integers(0, 2**63)):016x}"
    return ImagePrint(
        row, pixels or f"row {row}, scene {scene}", phash, rng.integers(0, 256, SIDE * SIDE, np.uint8).tobytes()
    )


def test_rows_are_grouped_by_photo_and_by_scene_in_chains() -> None:
    photos = ["d", "c", "b", "a", "a", "e"]
    scenes = [1, 1, 2, 3, 2, 4]  # d-c by scene, b-a by scene, a-a by photo; e alone
    images = [image(row, scene) for row, scene in enumerate(scenes)]
    assert group_rows(photos, images) == ["c", "c", "a", "a", "a", "e"]


def test_references_join_rows_like_originals() -> None:
    assert group_rows(["a", "b"], [image(0, 1), image(1, 2), image(1, 1)]) == ["a", "a"]


def test_flat_images_are_grouped_only_if_equal() -> None:
    flat = bytes(SIDE * SIDE)
    images = [
        ImagePrint(0, "x", "8" * 16, flat),
        ImagePrint(1, "y", "8" * 16, flat),
        ImagePrint(2, "x", "8" * 16, flat),
    ]
    assert group_rows(["a", "b", "c"], images) == ["a", "b", "a"]


def test_groups_do_not_depend_on_the_order_of_rows() -> None:
    photos, scenes = ["p", "q", "r", "s"], [1, 2, 1, 3]
    expected = {"p": "p", "q": "q", "r": "p", "s": "s"}
    for order in itertools.permutations(range(4)):
        images = [image(place, scenes[row]) for place, row in enumerate(order)]
        found = group_rows([photos[row] for row in order], images)
        assert {photos[row]: group for row, group in zip(order, found, strict=True)} == expected


@pytest.mark.parametrize(
    ("own", "split"),
    [(["train", "val"], "val"), (["val", "test"], "test"), (["train", "test"], "test"), (["", "train"], "train")],
)
def test_a_group_takes_the_stronger_of_two_own_splits(own: list[str], split: str) -> None:
    assert split_rows(["g", "g"], own) == [split, split]


def test_groups_without_a_split_get_one_by_their_name() -> None:
    groups = [f"photo {number}" for number in range(4000)]
    splits = split_rows(groups, [""] * 4000)
    counts = {split: splits.count(split) for split in ("train", "val", "test")}
    assert counts["val"] == pytest.approx(200, abs=60) and counts["test"] == pytest.approx(200, abs=60)
    assert sum(counts.values()) == 4000
    assert split_rows(groups[::-1], [""] * 4000) == splits[::-1]


@pytest.mark.parametrize("fold", range(6))
def test_five_folds_hold_out_a_fifth_each_and_all_together(fold: int) -> None:
    groups = [f"photo {number}" for number in range(4000)]
    splits = split_rows(groups, [""] * 4000, fold)
    assert splits.count("val") == pytest.approx(800, abs=100) and splits.count("test") == 0
    held = [split_rows(groups, [""] * 4000, one) for one in range(5)]
    assert all([split[place] for split in held].count("val") == 1 for place in range(4000))


def test_the_split_of_the_source_precedes_the_fold() -> None:
    rows = [("", (0, 2)), ("", (1,)), ("train", ()), ("test", ())]
    assert [own_split(*row, 2) for row in rows] == ["val", "train", "train", "test"]
    assert [own_split(*row, None) for row in rows] == ["", "", "train", "test"]
    assert split_rows(["g", "g", "h"], ["", "val", "train"], 2) == ["val", "val", "train"]


def test_no_rows_have_no_groups() -> None:
    assert group_rows([], []) == [] and split_rows([], []) == []
