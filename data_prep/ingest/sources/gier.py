"""GIER: photographs from Reddit and Zhopped, retouched by their users, with requests and the operators used.

Shi et al. (2020), "A Benchmark and Baseline for Language-Driven Image Editing". Below the root lie `images/` and either
`GIER.json` (older name `IER2.json`) or the splits that come with T2ONet, `{train,val,test}_sess_N.json` in the root or in
`splits/`. If both exist, the split files decide the split and the other adds the pairs that they lack.
"""

import os
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from iea.data_prep.ingest.sources.records import (
    file_name,
    image_name,
    images_folder,
    list_records,
    requests,
    split_files,
)
from iea.data_prep.ingest.sources.source import Listed, Rejected, Source, Split
from iea.data_prep.runner.shard import RejectedError

OPERATORS: Mapping[str, str | None] = {
    "exposure": "exposure",
    "brightness": "brightness",
    "contrast": "contrast",
    "saturation": "saturation",
    "tint": "tint",
    "sharpness": "sharpness",
    "sharpen": "sharpness",  # these three as the paper maps them
    "hue": "temperature",  # GIER's users mostly mean a color cast, removed or added
    "lightness": "highlights",
    "black&white": "saturation",  # -100 is exactly that; the paper excludes these pairs
    "dehaze": None,  # a veil that grows with distance, which a curve of the pixel cannot express
    "denoise": None,  # keeps edges; our negative sharpness smooths them with the noise
    "gaussain_blur": None,  # (sic) of any radius; our negative sharpness removes only the finest detail
    "radial_blur": None,
    "facet_blur": None,
    "edge": None,
    "crop": None,  # geometry and objects: pixels move or are painted
    "rotate": None,
    "flip": None,
    "deform_obj": None,
    "inpaint_obj": None,
    "rotate_obj": None,
    "flip_obj": None,
    "color_bg": None,
}
"""Operator of GIER -> our tool that expresses it over the whole image, or None."""

PAPER_EXCLUDES = frozenset({"black&white"})  # kept here, not in the paper's 2.4 k pairs
ANNOTATIONS = ("GIER.json", "IER2.json")
LICENSE = "GIER: no license is stated; the images belong to users of Reddit and Zhopped. For research only."


def list_gier(root: Path) -> Iterator[Listed | Rejected]:
    """List every pair whose operators all act on the whole image and are each expressed by one of our tools.

    Raises
    ------
    ValueError : no annotation file below `root`
    """
    files = annotation_files(root)
    if not files:
        raise ValueError(
            f"the root of gier must hold {' or '.join(ANNOTATIONS)} or files such as splits/train_sess_3.json, got "
            f"{str(root)!r} without any; name the folder with the annotations"
        )
    yield from list_records(files, partial(listed_record, images_folder(root)))


def annotation_files(root: Path) -> list[tuple[Path, Split]]:
    """Return the files to read and the split of each."""
    whole: list[tuple[Path, Split]] = [(root / name, "") for name in ANNOTATIONS if os.path.lexists(root / name)]
    return split_files(root) + whole[:1]


def pair_name(original: str, reference: str) -> str:
    """Return the name of a pair of files in the tables."""
    return f"{file_name(Path(original).stem)}-{file_name(Path(reference).stem)}"


def listed_record(
    folder: Path, record: Mapping[str, Any], split: Split, place: str, *, local: bool = False
) -> Listed | Rejected:
    """List or reject one record; `place` names one of images without names. `local`: list those with a local operator."""
    name = place
    try:
        original, reference = image_name(record, "input"), image_name(record, "output")
        name = pair_name(original, reference)
        tools = () if local else _tools(record.get("operator"))
        if local and not _has_local(record.get("operator")):
            raise RejectedError("global_operators", "all operators act on the whole image: a pair of the source gier")
        expert = requests(record.get("expert_summary"), "expert_summary")
        amateur = requests(record.get("amateur_summary"), "amateur_summary")
    except RejectedError as error:
        return Rejected(name, error.reason, f"{name}: {error.text}")
    except UnicodeError as error:
        return Rejected(name, "odd_text", f"{name}: a request must be valid Unicode ({error})")
    except (TypeError, ValueError) as error:
        return Rejected(name, "malformed_row", f"{name}: {error}")
    return Listed(
        source="gier_local" if local else "gier",
        name=name,
        photo=f"gier:{file_name(original.split('_')[0])}",  # a thread: all images of one request
        original=folder / original,
        reference=folder / reference,
        expert=expert,
        amateur=amateur,
        operators=tools,
        split=split,
        license=LICENSE,
        categories=({"forum": str(record["dataset"])} if record.get("dataset") in ("reddit", "zhopped") else {})
        | ({"scope": "local"} if local else {}),
    )


def _has_local(operators: object) -> bool:
    """Return True if an operator of a row acts on a part of the image."""
    uses = list(operators.values()) if isinstance(operators, dict) else []
    return any(isinstance(use, dict) and use.get("local") is True for use in uses)


def _tools(operators: object) -> tuple[str, ...]:
    """Return our tools for the operators of a row. Raises RejectedError, or ValueError for a malformed value."""
    if not isinstance(operators, dict) or not all(isinstance(use, dict) for use in operators.values()):
        raise ValueError(f"'operator' must map names to objects, got {str(operators)[:60]!r}")
    local = [name for name, use in operators.items() if use.get("local") is not False]
    if any(operators[name].get("local") is not True for name in local):
        raise ValueError(f"'local' must be true or false, got {str(operators)[:60]!r}")
    if not operators:
        raise RejectedError("no_operator", "no operator is named")
    if local:
        raise RejectedError("local_operator", f"{local[0]} acts on a part of the image")
    for name in operators:
        if name not in OPERATORS:
            raise RejectedError("unknown_operator", f"{name!r} is not an operator of GIER")
        if OPERATORS[name] is None:
            raise RejectedError(f"no_tool_for_{name}", f"none of our tools expresses {name}")
    return tuple(sorted({tool for name in operators if (tool := OPERATORS[name])}))


SOURCE = Source(name="gier", origin="github.com/jshi31/T2ONet, data/GIER", license=LICENSE, list=list_gier)
