"""A photograph at full size: opened with its metadata, saved beside the original under a name that is free."""

from ast import literal_eval
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from iea.data_prep.ingest.decode import RAW_SUFFIXES, read_photograph
from iea.data_prep.runner import RejectedError
from iea.editor import Image
from iea.editor.io import regular
from iea.recipe.agent.metadata import Metadata, read_metadata
from iea.recipe.agent.save import SUFFIXES, save_image

OTHER_SUFFIX = {".heic": ".jpg", ".heif": ".jpg", ".hif": ".jpg", ".avif": ".jpg", ".gif": ".png", ".bmp": ".png"}
"""Suffix of an original that is not written -> that of its result; JPEG for all others."""


class PhotoError(ValueError):
    """A photograph cannot be opened; the text names the file and the reason."""


@dataclass(frozen=True)
class Photo:
    """An opened photograph.

    path : of the file
    image : (H, W, 3) sRGB, uint8 or uint16, upright
    metadata : of the file
    """

    path: Path
    image: Image
    metadata: Metadata

    def save(self, image: Image, path: Path, *, strip: bool = False, new: bool = False) -> None:
        """Write an edited image of this photograph with its metadata; see `iea.recipe.agent.save.save_image`.

        strip : leave location, serial numbers, owner and XMP out
        new : raise OSError if there is a file of this name, such as that of another command that runs at the same time
        """
        save_image(path, image, self.metadata.stripped() if strip else self.metadata, new=new)


def open_photo(path: Path) -> Photo:
    """Open JPEG, PNG, TIFF, WebP, AVIF, HEIC and other images, and raw files of cameras.

    Raises
    ------
    PhotoError : the file is missing, or is not a readable photograph
    """
    try:
        image = read_photograph(path)
        return Photo(path, image, read_metadata(regular(path).read_bytes()))
    except RejectedError as error:
        text = error.text
        with suppress(ValueError, SyntaxError):  # a text of a decoder is quoted as a whole
            text = str(literal_eval(text))
        raise PhotoError(text) from error


def result_path(photo: Path, out: Path | None = None) -> Path:
    """Return the name of a result: `out` if it is given, else a free name beside the photograph.

    Parameters
    ----------
    out : file to write, or an existing folder

    Raises
    ------
    ValueError : `out` exists already, its folder does not, or it has the suffix of a format that is not written

    >>> result_path(Path("missing/a.heic")).name
    'a_edited.jpg'
    """
    if out is not None and not out.is_dir():
        if out.suffix.lower() not in SUFFIXES:
            raise ValueError(f"--out must end in {', '.join(SUFFIXES)}, got {out.name!r}")
        check_new(out)
        return out
    folder = photo.parent if out is None else out
    number = 1
    while (path := folder / f"{photo.stem}_edited{number if number > 1 else ''}{suffix_of(photo)}").exists():
        number += 1
    return path


def check_new(out: Path) -> None:
    """Raise ValueError if a file to write exists, or its folder does not."""
    if out.exists():
        raise ValueError(f"--out must be a new file, got {str(out)!r}, which exists; choose another name")
    if not out.parent.is_dir():
        raise ValueError(f"--out must be in a folder that exists, got {str(out)!r}; make the folder first")


def suffix_of(photo: Path) -> str:
    """Return the suffix of a photograph's result: its own where it is written, else one that everybody reads."""
    suffix = photo.suffix.lower()
    if suffix in SUFFIXES and suffix not in RAW_SUFFIXES:
        return photo.suffix
    return OTHER_SUFFIX.get(suffix, ".jpg")
