"""Batches: all photographs but the broken ones, continued where they ended, on worker processes."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from PIL import Image as PillowImage

from iea.editor import Image, render
from iea.editor.io import read_image
from iea.recipe.agent.batch import JOURNAL, apply_one, match_one, photos_in, run_batch
from iea.recipe.agent.look import Look
from iea.reward_fns.workers import WorkerError

pytestmark = pytest.mark.slow
PROGRAM = '{"exposure": 20}'


@pytest.fixture
def folder(tmp_path: Path, cat: Image) -> Path:
    """Return a folder with three photographs, a broken one and a text."""
    (tmp_path / "in").mkdir()
    for name in ("a.png", "b.jpg", "c.webp"):
        PillowImage.fromarray(cat).save(tmp_path / "in" / name, quality=95)
    (tmp_path / "in/d.jpg").write_bytes(b"broken")
    (tmp_path / "in/notes.txt").write_text("not a photograph")
    return tmp_path / "in"


def batch(
    folder: Path, out: Path, work: Any = apply_one, arguments: tuple[Any, ...] = (PROGRAM,), **options: Any
) -> Any:
    return run_batch(work, arguments, photos_in([folder]), out, workers=2, **options)


def test_all_but_the_broken_are_edited(folder: Path, tmp_path: Path, cat: Image) -> None:
    outcomes = batch(folder, tmp_path / "out")
    assert [(one.photo.name, bool(one.failure)) for one in outcomes] == [
        ("a.png", False),
        ("b.jpg", False),
        ("c.webp", False),
        ("d.jpg", True),
    ]
    assert "unknown image format" in outcomes[3].failure
    assert (read_image(tmp_path / "out/a.png") == render(cat, {"exposure": 20})).all()


def test_a_second_run_makes_only_the_rest(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    batch(folder, out)
    times = {path.name: path.stat().st_mtime_ns for path in out.glob("[ab].*")}
    (out / "b.jpg").unlink()
    with (out / JOURNAL).open("a") as journal:
        journal.write('{"result": "cut o')
    outcomes = batch(folder, out)
    assert [one.reused for one in outcomes] == [True, False, True, False]
    assert (out / "a.png").stat().st_mtime_ns == times["a.png"] and (out / "b.jpg").is_file()


def test_an_interrupted_batch_makes_no_second_file(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    batch(folder, out)
    lines = (out / JOURNAL).read_text().splitlines(keepends=True)
    (out / JOURNAL).write_text("".join(line for line in lines if "program" not in line) + '[]\n{"result": "cut o')
    for reused in (False, True):
        assert [one.reused for one in batch(folder, out)] == [reused] * 3 + [False]
    assert sorted(path.name for path in out.iterdir() if path.name[0] in "abcd") == ["a.png", "b.jpg", "c.webp"]


def test_a_batch_is_continued_from_another_folder(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch(folder, tmp_path / "out")
    monkeypatch.chdir(tmp_path)
    assert [one.reused for one in batch(folder, Path("out"))] == [True, True, True, False]


def test_another_program_or_photograph_is_made_again(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    batch(folder, out)
    assert not any(one.reused for one in batch(folder, out, arguments=('{"exposure": 30}',)))
    (folder / "a.png").write_bytes((folder / "b.jpg").read_bytes())
    assert [one.reused for one in batch(folder, out, arguments=('{"exposure": 30}',))] == [False, True, True, False]


def test_equal_names_do_not_overwrite_each_other(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "more").mkdir()
    (tmp_path / "more/b.jpg").write_bytes((folder / "b.jpg").read_bytes())
    photos = photos_in([folder / "b.jpg", tmp_path / "more", folder / "b.jpg"])
    outcomes = run_batch(apply_one, [PROGRAM], photos, tmp_path / "out", suffix=".png")
    assert [one.result and one.result.name for one in outcomes] == ["b.png", "b-2.png"]


def test_no_file_is_overwritten_but_the_result_of_the_same_photograph_and_edit(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    for program in (PROGRAM, '{"exposure": 30}', PROGRAM):
        run_batch(apply_one, [program], [folder / "b.jpg"], out)
    assert sorted(path.name for path in out.glob("b*")) == ["b-2.jpg", "b.jpg"]
    assert (read_image(out / "b-2.jpg") != read_image(out / "b.jpg")).any()


def test_a_look_is_given_to_each_photograph(folder: Path, tmp_path: Path, cat: Image) -> None:
    look = Look.of(render(cat, {"exposure": -30, "temperature": 40}))
    outcomes = batch(folder, tmp_path / "out", match_one, (look, 1.0), strip=True)
    assert all(one.about["after"] < 0.4 * one.about["before"] for one in outcomes[:3])
    lines = [json.loads(line) for line in (tmp_path / "out" / JOURNAL).read_text().splitlines()]
    assert [bool(line.get("program")) for line in lines].count(True) == 3


@pytest.mark.parametrize("fault", ["no photographs", "the same folder"])
def test_impossible_batches_are_refused(fault: str, folder: Path, tmp_path: Path) -> None:
    photos: list[Path] = [] if fault == "no photographs" else photos_in([folder])
    with pytest.raises(ValueError, match="must be (photographs|another folder)"):
        run_batch(apply_one, [PROGRAM], photos, folder)


def test_a_failure_without_words_is_a_failure(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Pool:
        async def run(self, *_: Any) -> Any:
            raise WorkerError("MemoryError", "Traceback (most recent call last):\nMemoryError")

    monkeypatch.setattr("iea.recipe.agent.batch.shared_pool", lambda _: Pool())
    (outcome,) = run_batch(apply_one, [PROGRAM], [folder / "a.png"], tmp_path / "out")
    assert (outcome.failure, outcome.result) == ("MemoryError", None)


def test_a_pipe_fails_and_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    (outcome,) = run_batch(apply_one, [PROGRAM], [tmp_path / "pipe.jpg"], tmp_path / "out")
    assert outcome.failure == "must be a file"


def test_photographs_are_listed_once_and_hidden_files_never(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "._a.png").write_bytes(b"a resource fork of macOS")
    monkeypatch.chdir(folder)
    found = photos_in([Path("a.png"), folder, folder / "../in/b.jpg"])
    assert [path.name for path in found] == ["a.png", "b.jpg", "c.webp", "d.jpg"]


def test_a_missing_photograph_is_a_failure_of_its_own(folder: Path, tmp_path: Path) -> None:
    outcomes = run_batch(apply_one, [PROGRAM], [tmp_path / "none.jpg", folder / "a.png"], tmp_path / "out")
    assert (outcomes[0].failure, outcomes[1].failure) == ("No such file or directory", "")
