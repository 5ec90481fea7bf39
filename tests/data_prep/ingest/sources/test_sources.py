import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from iea.data_prep.ingest.sources import SOURCES, Listed, Rejected
from iea.data_prep.ingest.sources.bundled import everyday_photographs
from iea.data_prep.ingest.step import _check_names


def test_every_file_of_the_folder_registers_a_source() -> None:
    assert list(SOURCES) == [
        "bundled",
        "debian",
        "fivek",
        "fivek_req",
        "folder",
        "gier",
        "gier_local",
        "mmart",
        "pairs",
        "ppr10k",
    ]
    assert all(source.license and source.origin and source.name == name for name, source in SOURCES.items())


@pytest.mark.parametrize("name", [name for name, source in SOURCES.items() if source.needs_root])
def test_a_root_of_another_source_is_an_error(name: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="must"):
        list(SOURCES[name].list(tmp_path / "nowhere"))


def bundled() -> list[Listed]:
    found = list(SOURCES["bundled"].list(Path()))
    return [one for one in found if isinstance(one, Listed)]


def test_the_wheels_hold_eight_everyday_and_five_gray_photographs() -> None:
    everyday = ["flower", "rocket", "grace_hopper", "china", "coffee", "astronaut", "chelsea", "motorcycle"]
    assert list(everyday_photographs()) == [one.name for one in bundled()][:8] == everyday
    assert len(bundled()) == 13 and all(one.original.is_file() for one in bundled())
    for one in bundled()[8:]:
        assert (one.split, one.folds) == ("train", ()) and one.weight < 1


def test_three_folds_hold_out_every_everyday_photograph() -> None:
    folds = {fold: [one.name for one in bundled() if fold in one.folds] for fold in range(8)}
    assert folds[0] == ["flower", "rocket", "grace_hopper"]
    assert folds[1] == ["china", "coffee", "astronaut"]
    assert folds[2] == ["flower", "chelsea", "motorcycle"]
    assert all(len(held) == 3 for held in folds.values())


def test_a_missing_wheel_is_rejected_with_its_pip_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("iea.data_prep.ingest.sources.bundled.find_spec", lambda name: None)
    found = list(SOURCES["bundled"].list(Path()))
    assert len(found) == 13
    assert all(isinstance(one, Rejected) and "pip install" in one.text for one in found)


def test_photographs_are_found_without_importing_packages(script: Callable[..., Any]) -> None:
    done = script("find_photographs")
    assert done.stdout.strip() == "[]"


def test_a_folder_lists_images_of_any_name(tmp_path: Path) -> None:
    names = [b"plain.jpg", b"\xff\xfe odd 100%.png", b"sub/inner.TIF"]
    for name in names:
        path = tmp_path / os.fsdecode(name)
        path.parent.mkdir(exist_ok=True)
        path.touch()
    found = list(SOURCES["folder"].list(tmp_path))
    assert {one.name for one in found} == {"plain.jpg", "%FF%FE odd 100%25.png", "sub/inner.TIF"}


def test_a_listed_photograph_survives_json(tmp_path: Path) -> None:
    one = Listed(
        source="folder",
        name="%FF.jpg",
        photo="folder:%FF.jpg",
        original=tmp_path / os.fsdecode(b"\xff.jpg"),
        reference=tmp_path / "r.jpg",
        expert=("brighter",),
        operators=("exposure",),
        program={"exposure": 3},
        categories={"a": "b"},
        folds=(0, 2),
        weight=0.5,
        colors="prophoto",
    )
    assert Listed.of_item(json.loads(json.dumps(one.to_item()))) == one
    assert not isinstance(one, Rejected)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"amateur": "warm it"}, "amateur of 'a' must be a tuple"),
        ({"split": "valid"}, "a split among"),
        ({"weight": 0}, "a weight"),
    ],
)
def test_a_badly_listed_photograph_is_an_error(changes: dict[str, Any], message: str) -> None:
    with pytest.raises((TypeError, ValueError), match=message):
        Listed("own", "a", "own:a", Path("a.png"), **changes)


def test_a_name_listed_twice_is_an_error() -> None:
    item = Listed("own", "a", "own:a", Path("a.png")).to_item()
    with pytest.raises(ValueError, match="must list every name once, got 'a' 2 times"):
        _check_names("own", [item, item])
