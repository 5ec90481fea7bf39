"""PPR10K: 11,161 portraits in 1,681 series, each retouched by three experts in Camera Raw.

Liang et al. (2021), "PPR10K: A Large-Scale Portrait Photo Retouching Dataset with Human-Region Mask and Group-Level
Consistency". The pictures are the 360p ones: folders `source` and `target_a`, `target_b`, `target_c`, in the root, in
`train_val_images_tif_360p`, or in `train` and `val` of either, hold `<series>_<number>.tif` (16 bits, and 8 of the
targets). `xmp_source` and `xmp_target_a` to `_c` in the root hold the settings: true slider values.

A program has every slider that we can express. Moved settings that we cannot (curves, colour mixer, masks, ...) are listed
in the category `unmapped`, so that whoever wants programs that say all can leave those pairs out.
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
LICENCE = "PPR10K: for non-commercial research only, as its documentation says."
_NAME = re.compile(r"(\d+)_(\d+)")  # three numbers are the augmented copies, which are not listed


def list_ppr10k(root: Path) -> Iterator[Listed | Rejected]:
    """A pair for every photograph and expert at hand.

    Raises
    ------
    ValueError : no folder `source` with pictures
    """
    found = {}
    for folder in _picture_folders(root):
        for path in sorted((folder / "source").glob("*.tif")):
            if match := _NAME.fullmatch(path.stem):
                found[int(match[1]), int(match[2])] = path
    if not found:
        raise ValueError(
            f"the root of ppr10k must hold source/*.tif, or that in train_val_images_tif_360p, got {str(root)!r} "
            "without any; unpack the 360p pictures there"
        )
    for place, (series, number) in enumerate(sorted(found)):
        original = found[series, number]
        split = _split(original, place, len(found))
        targets = [expert for expert in EXPERTS if _target(original, expert).is_file()]
        if not targets:
            yield Rejected(original.stem, "no_reference", f"{original} has no target by any expert")
        for expert in targets:
            yield _pair(root, original, series, expert, split)


def _pair(root: Path, original: Path, series: int, expert: str, split: Split) -> Listed | Rejected:
    """A pair with its program, where there are side-cars."""
    name = f"{original.stem}/{expert}"
    program, categories = None, {"expert": expert}
    source, target = (root / folder / f"{original.stem}.xmp" for folder in ("xmp_source", f"xmp_target_{expert}"))
    if target.is_file():
        try:
            before, after = read_settings(source), read_settings(target)
        except (OSError, ValueError) as error:
            return Rejected(name, "malformed_xmp", f"{file_name(original.name)}: {error}")
        program = program_between(before, after)
        if unmapped := sorted(after.unmapped - before.unmapped):
            categories["unmapped"] = " ".join(unmapped)
    return Listed(
        source="ppr10k",
        name=name,
        photo=f"ppr10k:{series}",  # a series is one sitting
        original=original,
        reference=_target(original, expert),
        operators=tuple(program or ()),
        program=program,
        split=split,
        licence=LICENCE,
        categories=categories,
    )


def _picture_folders(root: Path) -> list[Path]:
    tops = [root, root / "train_val_images_tif_360p"]
    return [folder for top in tops for folder in (top, top / "train", top / "val")]


def _target(original: Path, expert: str) -> Path:
    return original.parent.parent / f"target_{expert}" / original.name


def _split(original: Path, place: int, photos: int) -> Split:
    """By the folder's name, else by the place among all; "" where only some of the photographs are here."""
    folder = original.parent.parent.name
    if folder in ("train", "val"):
        return "train" if folder == "train" else "val"
    if photos < PHOTOS:
        return ""
    return "train" if place < TRAIN else "val"


SOURCE = Source(name="ppr10k", origin="github.com/csjliang/PPR10K", licence=LICENCE, list=list_ppr10k)
