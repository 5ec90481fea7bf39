"""PPR10K: 11,161 portraits in 1,681 series, each retouched by three experts in Camera Raw.

Liang et al. (2021), "PPR10K: A Large-Scale Portrait Photo Retouching Dataset with Human-Region Mask and Group-Level
Consistency". The images are the 360p ones: folders `source` and `target_a`, `target_b`, `target_c`, in the root, in
`train_val_images_tif_360p`, or in `train` and `val` of either, hold `<series>_<number>.tif` (16 bits, and 8 of the
targets). `xmp_source` and `xmp_target_a` to `_c` in the root hold the settings: true slider values.

A program has every slider that our tools can express. Other changed settings (curves, color mixer, masks, ...), and sliders
beyond the range of our tools, are listed in the category `unmapped`, so that pairs whose program is incomplete can be excluded.
"""

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from iea.data_prep.ingest.decode import DECODABLE_SUFFIXES
from iea.data_prep.ingest.sources.camera_raw import compare
from iea.data_prep.ingest.sources.records import file_name
from iea.data_prep.ingest.sources.source import Listed, Rejected, Source, Split
from iea.data_prep.ingest.sources.xmp import read_settings

EXPERTS = "abc"
PHOTOS = 11_161  # of the whole data set
TRAIN = 8_875  # of them are for training: the first by the order of their names
LICENSE = "PPR10K: for non-commercial research only, as its documentation says."
_NAME = re.compile(r"[0-9]+_[0-9]+(_[0-9]+)?")  # with three numbers, an augmented copy


def list_ppr10k(root: Path) -> Iterator[Listed | Rejected]:
    """List a pair for every available photograph and expert.

    Raises
    ------
    ValueError : no folder `source` with images
    """
    tops = [root, root / "train_val_images_tif_360p"]
    folders = [folder for top in tops for folder in (top, top / "train", top / "val")]
    rejected: list[Rejected] = []
    originals = _numbered([folder / "source" for folder in folders], rejected)
    if not originals:
        raise ValueError(
            f"the root of ppr10k must hold source/*.tif, or that in train_val_images_tif_360p, got {str(root)!r} "
            "without any; unpack the 360p images there"
        )
    versions = {
        (folder, expert): _numbered([folder / f"target_{expert}"], rejected) for folder in folders for expert in EXPERTS
    }
    sidecars = {
        name: _sidecars(root / f"xmp_{name}", rejected) for name in ("source", *(f"target_{e}" for e in EXPERTS))
    }
    for number, path in (one for found in versions.values() for one in found.items()):
        if number not in originals:
            rejected.append(Rejected(f"{path.parent.name}/{path.stem}", "no_original", f"{path} has no original"))
    yield from rejected
    for place, (number, original) in enumerate(sorted(originals.items())):
        folder, split = original.parent.parent, _split(original, place, len(originals))
        targets = {expert: versions[folder, expert][number] for expert in EXPERTS if number in versions[folder, expert]}
        if not targets:
            yield Rejected(original.stem, "no_reference", f"{original} has no target by any expert")
        for expert, target in targets.items():
            before, after = (sidecars[name].get(original.stem) for name in ("source", f"target_{expert}"))
            yield _pair(original, target, expert, f"ppr10k:{number[0]}", split, before, after)


def _numbered(folders: Sequence[Path], rejected: list[Rejected]) -> dict[tuple[int, int], Path]:
    """Return (series, number) -> photograph of all folders, and reject every other file in them."""
    found: dict[tuple[int, int], Path] = {}
    for path in (path for folder in folders if folder.is_dir() for path in sorted(folder.iterdir())):
        numbers = [int(number) for number in path.stem.split("_")] if _NAME.fullmatch(path.stem) else []
        name = f"{path.parent.name}/{file_name(path.name)}"
        if path.suffix.lower() not in DECODABLE_SUFFIXES:
            rejected.append(Rejected(name, "not_an_image", f"{path} is not in a known image format"))
        elif len(numbers) == 3:
            rejected.append(Rejected(name, "augmented_copy", f"{path} is a copy of another photograph"))
        elif len(numbers) != 2:
            rejected.append(Rejected(name, "malformed_name", f"{path} must be named as 9_1.tif"))
        elif (other := found.setdefault((numbers[0], numbers[1]), path)) != path:
            rejected.append(Rejected(name, "duplicate_file", f"{path} has the numbers of {other}"))
    return found


def _sidecars(folder: Path, rejected: list[Rejected]) -> dict[str, Path]:
    """Return stem -> side-car, a file or anything else named *.xmp in any case; reject a folder that cannot be listed."""
    try:
        names = sorted(os.listdir(folder)) if os.path.lexists(folder) else []
    except OSError as error:
        rejected.append(Rejected(folder.name, "unreadable_annotations", f"{folder}: {error.strerror}"))
        return {}
    return {Path(name).stem: folder / name for name in names if Path(name).suffix.lower() == ".xmp"}


def _pair(
    original: Path, target: Path, expert: str, photo: str, split: Split, before: Path | None, after: Path | None
) -> Listed | Rejected:
    """List a pair, with its program if the target has a side-car; `photo` is a series, which is one sitting."""
    name = f"{original.stem}/{expert}"
    program, categories = None, {"expert": expert}
    if after:
        try:
            if not before:
                raise FileNotFoundError(f"{after} needs the side-car of the original in xmp_source, got none")
            program, unmapped = compare(read_settings(before), read_settings(after))
        except OSError as error:
            return Rejected(name, "unreadable_annotations", f"{file_name(original.name)}: {error}")
        except ValueError as error:
            return Rejected(name, "malformed_xmp", f"{file_name(original.name)}: {error}")
        if unmapped:
            categories["unmapped"] = " ".join(unmapped)
    return Listed(
        source="ppr10k",
        name=name,
        photo=photo,
        original=original,
        reference=target,
        operators=tuple(program or ()),
        program=program,
        split=split,
        license=LICENSE,
        categories=categories,
    )


def _split(original: Path, place: int, photos: int) -> Split:
    """Return the split by the folder's name, else by the place among all; "" if some photographs are missing."""
    folder = original.parent.parent.name
    if folder in ("train", "val"):
        return "train" if folder == "train" else "val"
    if photos < PHOTOS:
        return ""
    return "train" if place < TRAIN else "val"


SOURCE = Source(name="ppr10k", origin="github.com/csjliang/PPR10K", license=LICENSE, list=list_ppr10k)
