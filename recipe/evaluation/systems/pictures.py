"""Finished images of any other system: a folder, `pictures=FOLDER`, with one file for each row.

`iea.recipe.evaluation.image_folder` says how files are named. Results state the number of rows without a file, and of images of
another size.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from iea.data_prep.ingest.decode import read_photograph
from iea.data_prep.runner import RejectedError
from iea.editor import Image
from iea.recipe.evaluation.image_folder import find_image, image_names, list_images
from iea.recipe.evaluation.systems.system import PROGRAMS, Answer, Edited, Failed, Session, session_system


@dataclass(frozen=True)
class PictureSettings:
    """Options of a folder of images.

    folder : folder of the images, at any depth
    """

    folder: Path

    def __post_init__(self) -> None:
        if not self.folder.is_dir():
            raise ValueError(f"pictures must be a folder of images, such as pictures=FOLDER, got {str(self.folder)!r}")


def start(settings: PictureSettings) -> Session:
    """List the folder once; return the function that answers rows: the file of each, or Failed("no_image").

    Raises
    ------
    ValueError : the folder has no image, or two files are of one row
    """
    files = list_images(settings.folder)
    return lambda rows: [_answer(extra, files) for extra in rows.extra_info]


def _answer(extra: Mapping[str, Any], files: Mapping[str, Sequence[Path]]) -> Answer:
    names = image_names(extra["name"], extra["index"])
    path = find_image(files, names)
    if path is None:
        return Failed("no_image", f"no file is named {' or '.join(names)}", image=True)
    return Edited(partial(_read, str(path)), path=str(path))


def _read(path: str, _: Mapping[str, Any]) -> Image:
    try:
        return read_photograph(Path(path))
    except RejectedError as error:
        raise ValueError(f"{error.reason}: {error.text}") from error


SYSTEM = session_system("pictures", start, PROGRAMS, options=PictureSettings, value="folder")
