"""The manifest of a mix: what it was made from, by which a finished one is known and another one is refused."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq

from iea.data_prep.files import file_sha256, read_json
from iea.data_prep.lock import MARK
from iea.data_prep.runner.shard import digest_of

MANIFEST = "manifest.json"
SEAL = "sha256"  # key in the manifest: digest of the rest
KEPT = ("mix", "settings", "mixture")  # keys of a manifest: in one folder they never change, unlike the tables
WORK = ".work"  # present while a mix is in progress or was interrupted
FILES = ("train.parquet", "val.parquet")
IMAGE_COLUMNS = ("original", "reference", "previous")  # of extra_info; the judge's rows have none
MISSING_IMAGE = "missing_image"  # the reason of iea.reward_fns.tasks that another run may not have


def finished(out: Path, identity: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the manifest in `out` if it is of this identity, its parquet files are as written and their images exist."""
    found = read_json(out / MANIFEST) or {}
    if found.pop(SEAL, None) != digest_of(found) or {key: found.get(key) for key in identity} != identity:
        return None
    if MISSING_IMAGE in found.get("rejected", ()):  # it may exist by now
        return None
    hashes = {name: file_sha256(out / name) for name in FILES if (out / name).is_file()}
    whole = hashes == found.get("files") and all(map(os.path.isfile, _images(out)))
    return found if whole else None


def _images(out: Path) -> set[str]:
    """Return the paths of all images that the rows of a finished mix name."""
    found: set[str] = set()
    for name in FILES:
        info = pq.read_table(out / name, columns=["extra_info"])["extra_info"]
        for column in IMAGE_COLUMNS:
            if info.type.get_field_index(column) >= 0:
                found.update(pc.struct_field(info, column).unique().to_pylist())
    return found - {""}


def claim(out: Path, identity: Mapping[str, Any]) -> Path:
    """Mark `out` as in progress with an empty working folder. The files of a previous mix stay until this one is done.

    Raises
    ------
    ValueError : `out` holds files of others, or another mix
    """
    work = out / WORK
    manifest = read_json(out / MANIFEST) or {}
    ours = work.exists() or "mix" in manifest
    if not ours and set(os.listdir(out)) - {MARK}:
        raise ValueError(
            f"--out must be a new folder or one made by this command, got {str(out)!r} with files of its own and no readable "
            f"{MANIFEST}; choose another"
        )
    if "mix" in manifest and (other := [key for key in KEPT if manifest.get(key) != identity[key]]):
        raise ValueError(
            f"--out must be a new folder or one of the same mix and settings, got {str(out)!r} with another {other[0]!r} in its "
            f"{MANIFEST}; choose another, or remove this one to make it again"
        )
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    return work
