from pathlib import Path

import pytest

from iea.data_prep.folds import held_out_count, split_photos
from iea.data_prep.photographs import Photo, Prepared, bundled_photos


def prepared(*names: str) -> list[Prepared]:
    return [Prepared(Photo(n, Path(n)), sha256=n[::-1], working=Path(n)) for n in names]


def names(group: tuple[Prepared, ...]) -> list[str]:
    return [p.photo.name for p in group]


@pytest.mark.parametrize("fold", range(9))
@pytest.mark.parametrize("count", [2, 3, 6, 8, 9, 40])
def test_no_photograph_is_both_trained_on_and_held_out(fold, count):
    everything = prepared(*(f"photo{i}" for i in range(count)))
    split = split_photos(everything, fold, by_content=True)
    assert not set(split.train) & set(split.held_out)
    assert set(split.train) | set(split.held_out) == set(everything)
    assert len(split.held_out) == held_out_count(count)


@pytest.mark.parametrize(("count", "held_out"), [(2, 1), (5, 2), (6, 3), (8, 3), (20, 4), (1000, 200)])
def test_a_fifth_is_held_out_at_least_three_and_at_most_half(count, held_out):
    assert held_out_count(count) == held_out


def test_the_first_three_folds_hold_out_every_bundled_photograph():
    photos = [Prepared(p, p.name, p.path) for p in bundled_photos()[0]]
    held = [names(split_photos(photos, fold, by_content=False).held_out) for fold in (0, 1, 2)]
    assert held == [
        ["flower", "rocket", "grace_hopper"],
        ["china", "coffee", "astronaut"],
        ["flower", "chelsea", "motorcycle"],
    ]
    assert len({n for fold in held for n in fold}) == 8


def test_training_only_photographs_are_never_held_out():
    photos = [Prepared(p, p.name, p.path) for p in bundled_photos()[0]]
    for fold in range(8):
        split = split_photos(photos, fold, by_content=False)
        assert all(p.photo.everyday for p in split.train + split.held_out)
        assert len(split.extra) == 7


def test_a_folders_split_does_not_depend_on_names_or_order():
    photos = prepared(*(f"photo{i}" for i in range(8)))
    renamed = [Prepared(Photo(f"other{p.sha256}", p.photo.path), p.sha256, p.working) for p in photos]
    split = split_photos(photos, 1, by_content=True)
    again = split_photos(renamed[::-1], 1, by_content=True)
    assert [p.sha256 for p in split.held_out] == [p.sha256 for p in again.held_out]


def test_few_photographs_give_a_warning_and_one_is_an_error():
    assert "only 2 held-out" in split_photos(prepared(*"abcde"), 0, by_content=True).warning
    assert split_photos(prepared(*"abcdef"), 0, by_content=True).warning == ""
    with pytest.raises(ValueError, match="at least 2 usable"):
        split_photos(prepared("a"), 0, by_content=True)
    with pytest.raises(ValueError, match="fold must be 0 or more"):
        split_photos(prepared("a", "b"), -1, by_content=True)
