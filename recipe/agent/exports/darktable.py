"""Render a photograph with darktable and a file of Camera Raw's settings: an independent reader of the files written here.

darktable's import (src/develop/lightroom.c) reads of Camera Raw's settings that our tools become Exposure2012, Blacks2012,
Clarity2012, PostCropVignette*, Grain* and ToneCurvePV2012, which it applies to L of CIELAB. It ignores all others.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from iea.data_prep.ingest.decode import to_8_bits
from iea.editor import Image
from iea.editor.io import read_image, write_image

VARIABLE = "IEA_DARKTABLE"
TIMEOUT = 900  # seconds
OPTIONS = ("--disable-opencl", "--library", ":memory:", "--configdir", "settings", "--cachedir", "cache")


def program_path() -> str | None:
    """Return the path of darktable-cli: of the environment variable IEA_DARKTABLE, or on PATH; None without one."""
    return shutil.which(os.environ.get(VARIABLE) or "darktable-cli")


@cache
def version() -> str:
    """Return the version, such as "4.2.1". Raises RuntimeError as `darktable`."""
    done = subprocess.run([_required(), "--version"], capture_output=True, text=True, timeout=TIMEOUT, check=False)
    found = re.search(r"\d+\.\d+(\.\d+)?", done.stdout)
    return found[0] if found else "of an unknown version"


def darktable(files: Sequence[tuple[str, Image]]) -> list[Image]:
    """Return 8-bit images as darktable shows them beside side-cars, in one run.

    Parameters
    ----------
    files : text of the side-car, and the image

    Raises
    ------
    RuntimeError : darktable-cli is not installed, or does not write all images; the text has its last line
    """
    command = _required()
    with TemporaryDirectory(prefix="iea-darktable-") as name:
        folder = Path(name)
        for part in ("given", "shown"):
            (folder / part).mkdir()
        names = [f"{number:06d}" for number in range(len(files))]
        for one, (xmp, image) in zip(names, files, strict=True):
            write_image(folder / f"given/{one}.png", image)
            (folder / f"given/{one}.xmp").write_text(xmp, encoding="utf-8")
        done = subprocess.run(
            [command, "given", "shown", "--out-ext", "png", "--core", *OPTIONS],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
            check=False,
        )
        results = [folder / f"shown/{one}.png" for one in names]
        if not all(one.exists() for one in results):
            last = (done.stdout + done.stderr).strip().rpartition("\n")[2]
            raise RuntimeError(f"darktable-cli must write every image, it ended with status {done.returncode}: {last}")
        return [to_8_bits(read_image(one)) for one in results]


def _required() -> str:
    found = program_path()
    if found is None:
        raise RuntimeError(
            f"the check needs darktable-cli, which is not on PATH; install darktable or set {VARIABLE} to its path"
        )
    return found
