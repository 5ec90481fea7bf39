import itertools

import numpy as np
import pytest

from iea.data_prep.ingest.groups import ImagePrint, group_rows, own_split, split_rows
from iea.data_prep.ingest.near_duplicates import SIDE


def picture(row: int, scene: int, pixels: str = "") -> ImagePrint:
    rng = np.random.default_rng(scene)
    phash = f"{int(rng.integers(0, 2**63)):016x}"
    return ImagePrint(
        row, pixels or f"row {row}, scene {scene}", phash, rng.integers(0, 256, SIDE * SIDE, np.uint8).tobytes()
    )


def test_rows_of_one_photo_or_of_equal_scenes_are_joined_by_chains() -> None:
    photos = ["d", "c", "b", "a", "a", "e"]
    scenes = [1, 1, 2, 3, 2, 4]  # d-c by scene, b-a by scene, a-a by photo; e alone
    pictures = [picture(row, scene) for row, scene in enumerate(scenes)]
    assert group_rows(photos, pictures) == ["c", "c", "a", "a", "a", "e"]


def test_a_reference_ties_rows_like_an_original() -> None:
    assert group_rows(["a", "b"], [picture(0, 1), picture(1, 2), picture(1, 1)]) == ["a", "a"]


def test_equal_flat_pictures_are_one_group_and_other_flat_ones_are_not() -> None:
    flat = bytes(SIDE * SIDE)
    pictures = [
        ImagePrint(0, "x", "8" * 16, flat),
        ImagePrint(1, "y", "8" * 16, flat),
        ImagePrint(2, "x", "8" * 16, flat),
    ]
    assert group_rows(["a", "b", "c"], pictures) == ["a", "b", "a"]


def test_groups_do_not_depend_on_the_order_of_rows() -> None:
    photos, scenes = ["p", "q", "r", "s"], [1, 2, 1, 3]
    expected = {"p": "p", "q": "q", "r": "p", "s": "s"}
    for order in itertools.permutations(range(4)):
        pictures = [picture(place, scenes[row]) for place, row in enumerate(order)]
        found = group_rows([photos[row] for row in order], pictures)
        assert {photos[row]: group for row, group in zip(order, found, strict=True)} == expected


@pytest.mark.parametrize(
    ("own", "split"),
    [(["train", "val"], "val"), (["val", "test"], "test"), (["train", "test"], "test"), (["", "train"], "train")],
)
def test_the_stronger_of_two_own_splits_is_the_groups(own: list[str], split: str) -> None:
    assert split_rows(["g", "g"], own) == [split, split]


def test_groups_without_a_split_are_dealt_by_their_names() -> None:
    groups = [f"photo {number}" for number in range(4000)]
    splits = split_rows(groups, [""] * 4000)
    counts = {split: splits.count(split) for split in ("train", "val", "test")}
    assert counts["val"] == pytest.approx(200, abs=60) and counts["test"] == pytest.approx(200, abs=60)
    assert sum(counts.values()) == 4000
    assert split_rows(groups[::-1], [""] * 4000) == splits[::-1]


@pytest.mark.parametrize("fold", range(6))
def test_a_fold_holds_out_a_fifth_and_five_hold_out_all(fold: int) -> None:
    groups = [f"photo {number}" for number in range(4000)]
    splits = split_rows(groups, [""] * 4000, fold)
    assert splits.count("val") == pytest.approx(800, abs=100) and splits.count("test") == 0
    held = [split_rows(groups, [""] * 4000, one) for one in range(5)]
    assert all([split[place] for split in held].count("val") == 1 for place in range(4000))


def test_in_a_fold_the_source_decides_first() -> None:
    rows = [("", (0, 2)), ("", (1,)), ("train", ()), ("test", ())]
    assert [own_split(*row, 2) for row in rows] == ["val", "train", "train", "test"]
    assert [own_split(*row, None) for row in rows] == ["", "", "train", "test"]
    assert split_rows(["g", "g", "h"], ["", "val", "train"], 2) == ["val", "val", "train"]


def test_nothing_has_no_groups() -> None:
    assert group_rows([], []) == [] and split_rows([], []) == []
