"""One lock for every step that writes to a folder."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from iea.data_prep.ingest.step import IngestConfig, ingest
from iea.data_prep.lock import LockedError, is_output, locked
from iea.data_prep.schema import ANNOTATED

HOLD = Path(__file__).parents[1] / "scripts/hold_lock.py"


@pytest.fixture
def holder(tmp_path: Path) -> Any:
    """Yield a process that holds the lock of `out`."""
    with subprocess.Popen([sys.executable, HOLD, tmp_path / "out"], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stdout.readline() == b"held\n"
        yield process
        process.kill()


COMMANDS: dict[str, list[str]] = {
    "prepare": ["--photos", "{photos}"],
    "ingest": ["folder", "--root", "{photos}"],
    "annotate": ["--pairs", "{pairs}"],
    "label": ["--annotated", "{annotated}"],
    "synthesize": ["--pairs", "{pairs}"],
    "mix": ["synthetic_stage1", "--table", "{examples}"],
}


def options_of(command: str, prepared: Path, photo_folder: Path, tmp_path: Path) -> list[str]:
    places = {
        "photos": photo_folder,
        "pairs": prepared / "pairs/pairs.parquet",
        "examples": prepared / "synthetic/examples",
    }
    places["annotated"] = tmp_path / "annotated.parquet"
    pq.write_table(ANNOTATED.empty_table(), places["annotated"])
    return [option.format_map(places) for option in COMMANDS[command]]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_second_run_in_the_same_folder_ends_with_a_clear_message(
    command: str, holder: Any, iea: Callable[..., Any], prepared: Path, photo_folder: Path, tmp_path: Path
) -> None:
    options = options_of(command, prepared, photo_folder, tmp_path)
    before = sorted(tmp_path.rglob("*"))
    done = iea("data", command, *options, "--out", tmp_path / "out")
    assert done.exit_code == 1
    assert "one run at a time may write to" in done.output and "wait until the first ends" in done.output
    assert sorted(tmp_path.rglob("*")) == before


def test_the_lock_of_a_killed_process_is_free(holder: Any, tmp_path: Path) -> None:
    with pytest.raises(LockedError), locked(tmp_path / "out"):
        pass
    holder.kill()
    holder.wait()
    with locked(tmp_path / "out"), locked(tmp_path / "out"):
        assert is_output(tmp_path / "out")
    assert is_output(tmp_path / "out"), "the mark stays"


@pytest.mark.parametrize("content", [[], ["note.txt"]])
def test_a_folder_made_in_vain_is_removed(content: list[str], tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no"), locked(tmp_path / "new" / "out"):
        for name in content:
            (tmp_path / "new/out" / name).touch()
        raise ValueError("no")
    assert (tmp_path / "new/out").exists() == bool(content)


def test_a_folder_with_hidden_files_is_not_marked_in_vain(tmp_path: Path) -> None:
    (tmp_path / ".DS_Store").touch()
    with pytest.raises(ValueError, match="no"), locked(tmp_path):
        raise ValueError("no")
    assert [path.name for path in tmp_path.iterdir()] == [".DS_Store"]


@pytest.mark.parametrize("name", ["photo.jpg", "below/photo.jpg", "caf\udce9.jpg"])
@pytest.mark.parametrize("command", COMMANDS)
def test_a_folder_with_files_of_others_is_refused_and_not_marked(
    command: str, name: str, iea: Callable[..., Any], prepared: Path, photo_folder: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    (out / name).parent.mkdir(parents=True)
    (out / name).touch()
    done = iea("data", command, *options_of(command, prepared, photo_folder, tmp_path), "--out", out)
    assert done.exit_code == 1 and "with files of its own, such as" in done.output
    assert [path for path in out.rglob("*") if path.is_file()] == [out / name]


def test_photographs_in_the_root_are_not_hidden_by_an_output(tmp_path: Path, photo_folder: Path) -> None:
    root = tmp_path / "photos"
    shutil.copytree(photo_folder, root)
    with pytest.raises(ValueError, match="files of its own"):
        ingest(IngestConfig("folder", root, root / "below"), workers=1, quiet=True)
    report = ingest(IngestConfig("folder", root, root / "out"), workers=1, quiet=True)
    assert report["sources"]["folder"]["items"] == 7


def test_a_root_may_lie_in_the_output_but_not_other_files(tmp_path: Path) -> None:
    root, other = tmp_path / "deep/photos", tmp_path / "other"
    root.mkdir(parents=True)
    other.mkdir()
    with pytest.raises(ValueError, match="such as 'other'"), locked(tmp_path, [root]):
        pass
    other.rmdir()
    with locked(tmp_path, [None, root]):
        assert is_output(tmp_path)


@pytest.mark.parametrize("command", COMMANDS)
def test_an_output_whose_name_is_not_utf8_is_an_error(
    command: str, iea: Callable[..., Any], prepared: Path, photo_folder: Path, tmp_path: Path
) -> None:
    out = tmp_path / os.fsdecode(b"caf\xe9")
    done = iea("data", command, *options_of(command, prepared, photo_folder, tmp_path), "--out", out)
    assert done.exit_code == 1 and "an output must have a UTF-8 name" in done.output
    assert not out.exists()
