"""Render a photograph with darktable and a file of Camera Raw's settings: an independent reader of the files written here.

darktable's import (src/develop/lightroom.c) reads of Camera Raw's settings that our tools become Exposure2012, Blacks2012,
Clarity2012, PostCropVignette*, Grain* and ToneCurvePV2012, which it applies to L of CIELAB. It ignores all others.
"""

import os
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from iea.data_prep.ingest.decode import to_8_bits
from iea.editor import Image
from iea.editor.io import read_image, write_image

VARIABLE = "IEA_DARKTABLE"
TIMEOUT = 300  # seconds


def program_path() -> str | None:
    """Return the path of darktable-cli: of the environment variable IEA_DARKTABLE, or on PATH; None without one."""
    return shutil.which(os.environ.get(VARIABLE) or "darktable-cli")


@cache
def version() -> str:
    """Return the version, such as "4.2.1". Raises RuntimeError as `darktable`."""
    done = subprocess.run([_required(), "--version"], capture_output=True, text=True, timeout=TIMEOUT, check=False)
    found = re.search(r"\d+\.\d+(\.\d+)?", done.stdout)
    return found[0] if found else "of an unknown version"


def darktable(xmp: str, image: Image) -> Image:
    """Return an 8-bit image as darktable shows it beside a side-car.

    Raises
    ------
    RuntimeError : darktable-cli is not installed, or writes no image; the text has its last line
    """
    command = _required()
    with TemporaryDirectory(prefix="iea-darktable-") as name:
        folder = Path(name)
        write_image(folder / "photograph.png", image)
        (folder / "photograph.xmp").write_text(xmp, encoding="utf-8")
        done = subprocess.run(
            [
                *(command, "photograph.png", "result.png", "--core", "--disable-opencl", "--library", ":memory:"),
                *("--configdir", "settings", "--cachedir", "cache", "--conf", "plugins/darkroom/workflow=none"),
            ],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
            check=False,
        )
        result = folder / "result.png"
        if not result.exists():
            last = (done.stdout + done.stderr).strip().rpartition("\n")[2]
            raise RuntimeError(f"darktable-cli must write an image, it ended with status {done.returncode}: {last}")
        return to_8_bits(read_image(result))


def _required() -> str:
    found = program_path()
    if found is None:
        raise RuntimeError(
            f"the check needs darktable-cli, which is not on PATH; install darktable or set {VARIABLE} to its path"
        )
    return found
