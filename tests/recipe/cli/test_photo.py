"""The commands for photographs, as people use them."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as PillowImage
from typer.testing import Result

from iea.editor import render
from iea.editor.io import read_image

pytestmark = pytest.mark.slow
Iea = Callable[..., Result]


@pytest.fixture
def photo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a JPEG of a cat, of a camera held upright."""
    skimage = pytest.importorskip("skimage.data")
    for name in ("IEA_ENDPOINT", "IEA_MODEL", "IEA_KEY_ENV", "IEA_PROMPT_STYLE"):
        monkeypatch.delenv(name, raising=False)
    exif = PillowImage.Exif()
    exif[0x0112] = 6
    PillowImage.fromarray(np.asarray(skimage.chelsea())).save(tmp_path / "cat.jpg", quality=95, exif=exif.tobytes())
    return tmp_path / "cat.jpg"


def test_a_conversation_from_edit_to_undo(iea: Iea, photo: Path) -> None:
    before = photo.read_bytes()
    first = iea("edit", photo, "make it warmer and a bit brighter")
    assert first.exit_code == 0, first.output
    assert "offline interpreter" in first.output and "temperature       +45" in first.output
    assert read_image(photo.with_name("cat_edited.jpg")).shape == read_image(photo).shape == (451, 300, 3)
    assert "+22" in iea("refine", photo, "less").output
    assert photo.with_name("cat_edited2.jpg").is_file()
    assert "you said" in iea("refine", photo, "why?").output
    assert "cat_edited.jpg" in iea("refine", photo.with_name("cat.jpg.iea.json"), "undo").output
    assert sorted(path.name for path in photo.parent.iterdir()) == [
        "cat.jpg",
        "cat.jpg.iea.json",
        "cat_edited.jpg",
        "cat_edited2.jpg",
    ]
    assert photo.read_bytes() == before
    assert json.loads(photo.with_name("cat.jpg.iea.json").read_text())["program"] == {
        "temperature": 45,
        "brightness": 20,
    }


@pytest.mark.parametrize(
    ("request_text", "rule"),
    [("crop it", "No tool crops"), ("remove the dog", "No tool removes"), ("make it fluffier", "not understood")],
)
def test_a_request_without_a_tool_writes_nothing_and_has_its_own_status(
    request_text: str, rule: str, iea: Iea, photo: Path
) -> None:
    done = iea("edit", photo, request_text)
    assert (done.exit_code, done.stderr.count("\n")) == (4, 1) and rule in done.stderr
    assert [path.name for path in photo.parent.iterdir()] == ["cat.jpg"]


def test_an_endpoint_that_is_down_has_its_own_status(iea: Iea, photo: Path, make_server: Callable[[], Any]) -> None:
    with make_server() as server:
        url = server.url
    done = iea("edit", photo, "warmer", "--endpoint", url, "--model", "m")
    assert (done.exit_code, done.stderr.count("\n")) == (3, 1)
    assert "must answer" in done.stderr and "No photograph was changed" in done.stderr
    assert [path.name for path in photo.parent.iterdir()] == ["cat.jpg"]


def test_an_endpoint_of_the_environment_is_used(
    iea: Iea, photo: Path, server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.script = [server.completion('{"exposure": 30}')]
    monkeypatch.setenv("IEA_ENDPOINT", server.url)
    monkeypatch.setenv("IEA_MODEL", "m")
    monkeypatch.setenv("IEA_KEY_ENV", "MY_KEY")
    assert "MY_KEY must hold the API key" in iea("edit", photo, "brighter").stderr
    monkeypatch.setenv("MY_KEY", "secret")
    done = iea("edit", photo, "brighter", "--out", photo.with_name("new.png"))
    assert done.exit_code == 0 and "exposure          +30" in done.output and server.keys == ["Bearer secret"]
    assert (read_image(photo.with_name("new.png")) == render(read_image(photo), {"exposure": 30})).all()


@pytest.mark.parametrize(
    ("options", "rule"),
    [
        (["--endpoint", "no address"], "url must be an address"),
        (["--out", "x.psd"], "--out must end in .jpg"),
        (["--out", "cat.jpg"], "--out must be a new file"),
        (["--out", "none/a.jpg"], "--out must be in a folder that exists"),
    ],
)
def test_settings_are_checked_before_the_photograph_is_read(
    options: list[str], rule: str, iea: Iea, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cat.jpg").write_bytes(b"not a photograph")
    done = iea("edit", "cat.jpg", "warmer", *options)
    assert done.exit_code == 1 and rule in done.stderr


def test_refine_needs_the_file_that_was_edited(iea: Iea, photo: Path) -> None:
    assert "must begin with `iea edit`" in iea("refine", photo, "warmer").stderr
    iea("edit", photo, "warmer")
    photo.write_bytes(photo.with_name("cat_edited.jpg").read_bytes())
    for command in ("refine", "edit"):
        assert "must be the file that was edited" in iea(command, photo, "less").stderr


def test_a_file_that_is_asked_for_is_written_though_another_shows_the_same(iea: Iea, photo: Path) -> None:
    iea("edit", photo, "warmer")
    iea("refine", photo, "more contrast")
    assert "saved" in iea("refine", photo, "undo", "--strip").output
    for request, out in (("redo", "again.png"), ("start over", "original.png")):
        assert iea("refine", photo, request, "--out", photo.with_name(out)).exit_code == 0
    assert (read_image(photo.with_name("original.png")) == read_image(photo)).all()
    assert (read_image(photo.with_name("again.png")) != read_image(photo)).any()


def test_a_conversation_that_cannot_be_kept_is_refused_before_the_edit(iea: Iea, photo: Path) -> None:
    done = iea("edit", photo, "warmer", "--session", photo.with_name("none") / "a.json")
    assert done.exit_code == 1 and "--session must be in a folder that can be written" in done.stderr
    assert [path.name for path in photo.parent.iterdir()] == ["cat.jpg"]


def test_a_name_that_is_not_utf8_is_printed_as_its_bytes(iea: Iea, photo: Path) -> None:
    odd = photo.rename(os.fsdecode(os.fsencode(photo.parent) + b"/caf\xe9.jpg"))
    done = iea("edit", odd, "warmer")
    assert done.exit_code == 0 and b"caf\xe9_edited.jpg" in done.stdout_bytes
    assert odd.with_name(f"{odd.name}.iea.json").is_file()


def test_photographs_that_differ_in_the_suffix_alone_have_conversations_of_their_own(iea: Iea, photo: Path) -> None:
    PillowImage.open(photo).save(photo.with_name("cat.png"))
    for path, request in ((photo, "warmer"), (photo.with_name("cat.png"), "add grain")):
        assert iea("edit", path, request).exit_code == 0
    assert "+22" in iea("refine", photo, "less").output


def test_an_edit_is_explained_summarized_and_given_to_others(iea: Iea, photo: Path) -> None:
    iea("edit", photo, "much cooler", "--out", photo.with_name("cool.png"))
    found = iea("fit", photo, photo.with_name("cool.png"), "--out", photo.with_name("style.json"))
    assert found.exit_code == 0 and "explains 100%" in found.output and "temperature" in found.output, found.output
    assert "cool" in iea("summarize", photo, photo.with_name("cool.png")).output
    begun = iea("edit", photo, "a bit brighter", "--program", photo.with_name("style.json"))
    assert "temperature       -80" in begun.output and "brightness        +20" in begun.output
    out = photo.with_name("others")
    done = iea(
        "apply", photo.with_name("style.json"), photo, photo.with_name("none.jpg"), "--out", out, "--format", "png"
    )
    assert done.exit_code == 1 and "1 of 2 photographs" in done.output and "failed: " in done.stderr
    assert np.abs(read_image(out / "cat.png").astype(int) - read_image(photo.with_name("cool.png"))).mean() < 2


def test_a_program_that_cannot_be_written_is_refused_before_the_search(iea: Iea, photo: Path) -> None:
    done = iea("fit", photo, photo, "--out", photo.with_name("none") / "style.json")
    assert done.exit_code == 1 and "--out must be in a folder that exists" in done.stderr


def test_a_look_is_matched_from_an_image_or_a_pair(iea: Iea, photo: Path) -> None:
    iea("edit", photo, "much cooler", "--out", photo.with_name("cool.png"))
    like, out = photo.with_name("cool.png"), photo.with_name("out")
    assert "difference " in iea("match", like, photo, "--out", out).output
    done = iea("match", like, photo, "--before", photo, "--out", photo.with_name("pair"), "--strength", 0.5)
    assert done.exit_code == 0 and '"temperature": -4' in done.output, done.output


def test_statistics_are_text_or_json(iea: Iea, photo: Path) -> None:
    assert "300 x 451 px, 8 bits" in iea("stats", photo).output
    found = json.loads(iea("stats", photo, "--json").output)
    assert found["lightness"]["50"] == pytest.approx(51, abs=2) and found["findings"]
