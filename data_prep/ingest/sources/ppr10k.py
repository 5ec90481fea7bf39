"""PPR10K: 11,161 portraits in 1,681 series, each retouched by three experts in Camera Raw.

Liang et al. (2021), "PPR10K: A Large-Scale Portrait Photo Retouching Dataset with Human-Region Mask and Group-Level
Consistency". The images are the 360p ones: folders `source` and `target_a`, `target_b`, `target_c`, in the root, in
`train_val_images_tif_360p`, or in `train` and `val` of either, hold `<series>_<number>.tif` (16 bits, and 8 of the
targets). `xmp_source` and `xmp_target_a` to `_c` in the root hold the settings: true slider values.

A program has every slider that our tools can express. Other changed settings (curves, color mixer, masks, ...) are listed
in the category `unmapped`, so that pairs whose program is incomplete can be excluded.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from iea.data_prep.ingest.sources.records import file_name
from iea.data_prep.ingest.sources.source import Listed, Rejected, Source, Split
from iea.data_prep.ingest.sources.xmp import program_between, read_settings

EXPERTS = "abc"
PHOTOS = 11_161  # of the whole data set
TRAIN = 8_875  # of them are for training: the first by the order of their names
LICENSE = "PPR10K: for non-commercial research only, as its documentation says."
_NAME = re.compile(r"(\d+)_(\d+)")  # three numbers are the augmented copies, which are not listed


def list_ppr10k(root: Path) -> Iterator[Listed | Rejected]:
    """List a pair for every available photograph and expert.

    Raises
    ------
    ValueError : no folder `source` with images
    """
    tops = [root, root / "train_val_images_tif_360p"]
    folders = [folder / "source" for top in tops for folder in (top, top / "train", top / "val")]
    found = {
        (int(match[1]), int(match[2])): path
        for folder in folders
        for path in sorted(folder.glob("*.tif"))
        if (match := _NAME.fullmatch(path.stem))
    }
    if not found:
        raise ValueError(
            f"the root of ppr10k must hold source/*.tif, or that in train_val_images_tif_360p, got {str(root)!r} "
            "without any; unpack the 360p images there"
        )
    for place, ((series, _), original) in enumerate(sorted(found.items())):
        targets = {expert: original.parent.parent / f"target_{expert}" / original.name for expert in EXPERTS}
        targets = {expert: path for expert, path in targets.items() if path.is_file()}
        if not targets:
            yield Rejected(original.stem, "no_reference", f"{original} has no target by any expert")
        split = _split(original, place, len(found))
        for expert, target in targets.items():
            yield _pair(root, original, target, expert, f"ppr10k:{series}", split)


def _pair(root: Path, original: Path, target: Path, expert: str, photo: str, split: Split) -> Listed | Rejected:
    """List a pair, with its program if it has side-cars; `photo` is a series, which is one sitting."""
    name = f"{original.stem}/{expert}"
    program, categories = None, {"expert": expert}
    before, after = (root / folder / f"{original.stem}.xmp" for folder in ("xmp_source", f"xmp_target_{expert}"))
    if after.is_file():
        try:
            source, edited = read_settings(before), read_settings(after)
        except (OSError, ValueError) as error:
            return Rejected(name, "malformed_xmp", f"{file_name(original.name)}: {error}")
        program = program_between(source, edited)
        if unmapped := sorted(edited.unmapped - source.unmapped):
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
