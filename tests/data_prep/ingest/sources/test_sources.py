import json
import os
from pathlib import Path

import pytest

from iea.data_prep.ingest.sources import SOURCES, Listed, Rejected


def test_every_file_of_the_folder_registers_a_source() -> None:
    assert list(SOURCES) == ["bundled", "fivek", "fivek_req", "folder", "gier", "ppr10k"]
    assert all(source.licence and source.origin and source.name == name for name, source in SOURCES.items())


@pytest.mark.parametrize("name", [name for name, source in SOURCES.items() if source.needs_root])
def test_a_root_that_is_no_such_source_is_an_error(name: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="must"):
        list(SOURCES[name].list(tmp_path / "nowhere"))


def test_the_bundled_photographs_are_listed() -> None:
    found = list(SOURCES["bundled"].list(Path()))
    kept = [one for one in found if isinstance(one, Listed)]
    assert len(kept) == 15 and all(one.original.is_file() for one in kept)
    assert {one.split for one in kept if one.categories["kind"] != "everyday"} == {"train"}


def test_a_folder_lists_its_pictures_whatever_their_names(tmp_path: Path) -> None:
    names = [b"plain.jpg", b"\xff\xfe odd 100%.png", b"sub/inner.TIF", b"notes.txt"]
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
        colours="prophoto",
    )
    assert Listed.of_item(json.loads(json.dumps(one.to_item()))) == one
    assert not isinstance(one, Rejected)
