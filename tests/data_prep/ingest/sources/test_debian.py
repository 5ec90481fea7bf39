"""The source of photographs in Debian's packages."""

from pathlib import Path

import pytest

from iea.data_prep.ingest.sources import Listed, Rejected
from iea.data_prep.ingest.sources.debian import PACKAGES, list_debian


@pytest.fixture
def unpacked(tmp_path: Path) -> Path:
    for package, content in PACKAGES.items():
        (tmp_path / package / content.folder).mkdir(parents=True)
    return tmp_path


def test_unpacked_packages_are_listed_without_a_download(unpacked: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    listed = list(list_debian(unpacked))
    assert len(listed) == 30
    assert all(isinstance(one, Listed) and one.split == "val" and one.license for one in listed)
    assert len({one.photo for one in listed if isinstance(one, Listed)}) == 30


def test_photographs_are_rejected_by_name_without_apt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    rejected = list(list_debian(tmp_path))
    assert len(rejected) == 30
    for one in rejected:
        assert isinstance(one, Rejected)
        assert one.reason == "missing" and "apt-get is not installed" in one.text
    assert not list(tmp_path.iterdir())


def test_a_failed_download_is_reported_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tool = tmp_path / "bin" / "apt-get"
    tool.parent.mkdir()
    tool.write_text("#!/bin/sh\necho 'E: Unable to locate package' >&2\nexit 100\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(tool.parent), prepend=":")
    root = tmp_path / "root"
    root.mkdir()
    assert {one.text for one in list_debian(root) if isinstance(one, Rejected)} == {
        f"cannot run apt-get download {package}: E: Unable to locate package; correct it and start again"
        for package in PACKAGES
    }
    assert not list(root.iterdir())


def test_a_folder_with_other_files_is_refused(unpacked: Path) -> None:
    (unpacked / "notes.txt").write_text("mine")
    with pytest.raises(ValueError, match="notes.txt"):
        list(list_debian(unpacked))


@pytest.mark.slow
def test_the_packages_hold_the_photographs(tmp_path: Path) -> None:
    listed = list(list_debian(tmp_path))
    rejected = [one for one in listed if isinstance(one, Rejected)]
    if rejected:
        pytest.skip(rejected[0].text)
    missing = [one.original.name for one in listed if isinstance(one, Listed) and not one.original.is_file()]
    assert not missing
