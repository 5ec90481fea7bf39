"""A pipe would wait without end, a device never end: nothing but a file is opened, whichever input it stands in for."""

import os
import re
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from iea.data_prep.ingest.decode import read_photograph
from iea.data_prep.ingest.sources import SOURCES, Rejected
from iea.data_prep.ingest.sources.fivek import LICENSE_FILES, SPLIT_FILES
from iea.data_prep.runner import RejectedError
from iea.recipe.checkpoints import TRACKER, tracked_step
from iea.recipe.evaluation.logs import read_log
from iea.recipe.model_files import FolderError, refuse_bad_model

XMP = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description xmlns:crs="http://ns.adobe.com/camera-raw-settings/1.0/" crs:Contrast2012="0"/></rdf:RDF>"""


def make_socket(path: Path) -> None:
    here = Path.cwd()
    os.chdir(path.parent)  # a socket's path has at most about 100 bytes
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(path.name)
    os.chdir(here)


KINDS: dict[str, Callable[[Path], None]] = {
    "pipe": os.mkfifo,
    "socket": make_socket,
    "device": lambda path: path.symlink_to("/dev/zero"),
    "folder": Path.mkdir,
}


@pytest.fixture(params=KINDS)
def stand_in(request: pytest.FixtureRequest) -> Callable[[Path], Path]:
    """Return stand_in(path), which makes something other than a file there."""

    def make(path: Path) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        KINDS[request.param](path)
        return path

    return make


@pytest.mark.parametrize(
    ("source", "beside", "name"),
    [
        ("gier", (), "GIER.json"),
        ("gier", ("train_sess_3.json",), "IER2.json"),
        ("gier", (), "splits/val_sess_3.json"),
        ("fivek_req", (), "train_sess_1.json"),
        ("ppr10k", ("source/1_0.tif", "target_a/1_0.tif", "xmp_source/1_0.xmp"), "xmp_target_a/1_0.xmp"),
        ("ppr10k", ("source/1_0.tif", "target_a/1_0.tif", "xmp_target_a/1_0.xmp"), "xmp_source/1_0.xmp"),
    ],
)
def test_annotations_are_rejected(
    source: str, beside: tuple[str, ...], name: str, stand_in: Callable[[Path], Path], tmp_path: Path
) -> None:
    for other in beside:
        (tmp_path / other).parent.mkdir(exist_ok=True)
        (tmp_path / other).write_text(XMP if other.endswith(".xmp") else "[]")
    stand_in(tmp_path / name)
    found = list(SOURCES[source].list(tmp_path))
    assert [one.reason for one in found if isinstance(one, Rejected)] == ["unreadable_annotations"]


@pytest.mark.parametrize("kind", ["pipe", "socket", "device"])  # a folder is searched
@pytest.mark.parametrize("name", [*SPLIT_FILES, *LICENSE_FILES])
def test_annotations_that_are_searched_for_are_rejected(kind: str, name: str, tmp_path: Path) -> None:
    (tmp_path / "a0001-x.dng").touch()
    KINDS[kind](tmp_path / name)
    rejected, *_ = SOURCES["fivek"].list(tmp_path)
    assert isinstance(rejected, Rejected) and rejected.reason == "unreadable_annotations"


@pytest.mark.parametrize("name", ["a.jpg", "a.dng", "a.tif", "a"])
def test_photographs_are_rejected(name: str, stand_in: Callable[[Path], Path], tmp_path: Path) -> None:
    with pytest.raises(RejectedError) as error:
        read_photograph(stand_in(tmp_path / name))
    assert error.value.reason == "not_a_file"


@pytest.mark.parametrize(
    "arguments",
    [
        ("data", "stats", "{it}"),
        ("data", "show", "{it}", "--out", "{folder}/sheet.png"),
        ("data", "mix", "stage1", "--table", "{it}", "--out", "{folder}/out"),
        ("data", "mix", "{it}", "--table", "{folder}/t.parquet", "--out", "{folder}/out"),
        ("data", "annotate", "--pairs", "{it}", "--out", "{folder}/out"),
        ("data", "label", "--annotated", "{it}", "--out", "{folder}/out"),
        ("data", "synthesize", "--pairs", "{it}", "--out", "{folder}/out"),
        ("data", "compare-methods", "--data", "{it}"),
        ("data", "reasons", "--page", "{it}"),
        ("evaluate", "untouched", "--rows", "{it}", "--out", "{folder}/out"),
    ],
)
def test_a_command_ends_with_one_line(
    arguments: tuple[str, ...], stand_in: Callable[[Path], Path], iea: Callable[..., Any], tmp_path: Path
) -> None:
    it = stand_in(tmp_path / "it.yaml")
    done = iea(*(one.format(it=it, folder=tmp_path) for one in arguments))
    assert done.exit_code and isinstance(done.exception, SystemExit), done.output
    assert "it.yaml" in re.sub(r"[\s│]", "", done.output)  # click draws a box


def test_files_of_a_training_are_named(stand_in: Callable[[Path], Path], tmp_path: Path) -> None:
    stand_in(tmp_path / "log/1.jsonl")
    with pytest.raises(OSError, match=r"must be a file.*1\.jsonl"):
        read_log(tmp_path / "log")
    stand_in(tmp_path / "run" / TRACKER)
    with pytest.raises(FolderError, match="must be a file"):
        tracked_step(tmp_path / "run")
    stand_in(tmp_path / "model/model.safetensors")
    (tmp_path / "model/config.json").write_text('{"model_type": "qwen3"}')
    with pytest.raises(FolderError, match="must be a file"):
        refuse_bad_model(tmp_path / "model")
