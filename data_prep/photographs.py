"""Photographs in: the ones that ship inside common wheels, or a folder of yours.

Bundled by default (wheel: photographs), found on disk without importing the packages:

- scikit-image: astronaut, coffee, chelsea, rocket, motorcycle; scikit-learn: china, flower;
  matplotlib: grace_hopper. Eight everyday colour photographs: these are split into training and held-out
  ones.
- scikit-image: camera, coins, brick, grass, gravel (black and white): for training only, nothing is measured on
  them, but they too can be too dark or too bright and be brought back.
- scikit-image: retina, ihc (medical, colour): for training only and only in rows with an instruction, where any
  picture will do; nobody could say what "make it look natural" means there.

Left out of the same folders: motorcycle_right (the other eye of a stereo pair: motorcycle once more),
hubble_deep_field (nearly all black), moon (nearly without contrast), clock_motion, cell, microaneurysms, page
and text (blurred, microscopic or scanned), and the drawings, charts and test patterns.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from PIL import Image

from iea.data_prep.synthesize.crops import AUTO_CROP, usable_crop
from iea.editor.io import read_image

SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp", ".bmp"})
EVERYDAY = (  # in the order in which folds hold them out: each three differ in subject and light
    ("sklearn", "datasets/images/flower.jpg"),
    ("skimage", "data/rocket.jpg"),
    ("matplotlib", "mpl-data/sample_data/grace_hopper.jpg"),
    ("sklearn", "datasets/images/china.jpg"),
    ("skimage", "data/coffee.png"),
    ("skimage", "data/astronaut.png"),
    ("skimage", "data/chelsea.png"),
    ("skimage", "data/motorcycle_left.png"),
)
BLACK_AND_WHITE = tuple(
    ("skimage", f"data/{name}.png") for name in ("camera", "coins", "brick", "grass", "gravel")
)
MEDICAL = (("skimage", "data/retina.jpg"), ("skimage", "data/ihc.png"))
WORKING_SIDE = 2.5
"""Working copies keep a short side of at most this many times the row's size: enough for the smallest crop to
be reduced still, and a folder of 24-megapixel files costs one decoding each, not one per row."""


@dataclass(frozen=True)
class Photo:
    """A photograph: `name` is unique in a data set, `everyday` = may be held out, `natural` = may be damaged
    and asked to look natural again."""

    name: str
    path: Path
    everyday: bool = True
    natural: bool = True


@dataclass(frozen=True)
class Skipped:
    """A file that is not used, and why."""

    file: str
    reason: str


@dataclass(frozen=True)
class Prepared:
    """A usable photograph: sha256 of its file, and a reduced sRGB working copy as an uncompressed picture."""

    photo: Photo
    sha256: str
    working: Path


def bundled_photos() -> tuple[list[Photo], list[Skipped]]:
    """The photographs inside the scikit-image, scikit-learn and matplotlib wheels that are installed."""
    photos: list[Photo] = []
    skipped: list[Skipped] = []
    groups = ((EVERYDAY, True, True), (BLACK_AND_WHITE, False, True), (MEDICAL, False, False))
    for entries, everyday, natural in groups:
        for package, relative in entries:
            spec = find_spec(package)
            roots = list(spec.submodule_search_locations or ()) if spec else []
            if not roots:
                skipped.append(
                    Skipped(relative, f"{package} is not installed: pip install 'verl-iea[photos]'")
                )
                continue
            path = Path(roots[0]) / relative
            photos.append(Photo(path.stem.removesuffix("_left"), path, everyday, natural))
    return photos, skipped


def folder_photos(folder: Path) -> list[Photo]:
    """Every image file below `folder`, sorted by its path, named by its path within the folder.

    Raises
    ------
    ValueError : `folder` is not a directory
    """
    if not folder.is_dir():
        raise ValueError(f"--photos must be a folder of images, got {str(folder)!r}")
    files = sorted(
        (p for p in folder.rglob("*") if p.is_file() and p.suffix.lower() in SUFFIXES),
        key=lambda p: p.relative_to(folder).as_posix(),
    )
    return [Photo(p.relative_to(folder).as_posix(), p) for p in files]


def file_sha256(path: Path) -> str:
    """Hex digest of a file's bytes."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _working_copy(path: Path, size: int) -> Image.Image:
    """Decode, bake EXIF and ICC, and reduce to a short side of at most `WORKING_SIDE * size`."""
    image = read_image(path)
    if image.dtype == np.uint16:
        image = ((image.astype(np.uint32) + 128) // 257).astype(np.uint8)
    height, width = image.shape[:2]
    if min(height, width) < size:
        raise ValueError(f"{width}x{height} pixels: the short side must be at least --size {size}")
    picture = Image.fromarray(image)
    scale = WORKING_SIDE * size / min(height, width)
    if scale >= 1:
        return picture
    target = (round(width * scale), round(height * scale))
    return picture.resize(target, Image.Resampling.LANCZOS, reducing_gap=3.0)


def prepare(
    photos: Iterable[Photo], size: int, work: Path, skipped: Sequence[Skipped] = ()
) -> tuple[list[Prepared], list[Skipped]]:
    """Decode every photograph once into `work`; report the ones that cannot be used.

    Parameters
    ----------
    size : side of a row's crop, pixels; a photograph with a shorter side is skipped
    work : existing folder for the working copies
    skipped : files already found unusable

    Raises
    ------
    ValueError : not one usable photograph; the message lists the first reasons
    """
    usable: list[Prepared] = []
    rejected = list(skipped)
    seen: dict[str, str] = {}
    for photo in photos:
        try:
            digest = file_sha256(photo.path)
            if digest in seen:
                raise ValueError(f"the same file as {seen[digest]}")
            picture = _working_copy(photo.path, size)
            if usable_crop(picture, size, AUTO_CROP, np.random.default_rng(0)) is None:
                raise ValueError("no usable crop: flat, black or blown nearly everywhere")
        except (ValueError, OSError) as error:
            rejected.append(Skipped(photo.name, str(error)))
            continue
        seen[digest] = photo.name
        working = work / f"{len(usable):05d}.bmp"
        picture.save(working)
        usable.append(Prepared(photo, digest, working))
    if not usable:
        reasons = "; ".join(f"{s.file}: {s.reason}" for s in rejected[:3]) or "no image files found"
        raise ValueError(f"at least one usable photograph is needed, got none ({reasons})")
    return usable, rejected
