"""GIER: photographs from Reddit and Zhopped, retouched by their users, with requests and the operators used.

Shi et al. (2020), "A Benchmark and Baseline for Language-Driven Image Editing". Below the root lie `images/` and either
`GIER.json` (older name `IER2.json`) or the splits that come with T2ONet, `{train,val,test}_sess_N.json` in the root or in
`splits/`. Where both are there, the split files say the split and the other adds what they lack.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast

from iea.data_prep.ingest.sources.records import file_name, picture_name, pictures_folder, read_records, requests
from iea.data_prep.ingest.sources.source import Listed, Rejected, Source, Split

OPERATORS: Mapping[str, str | None] = {
    "exposure": "exposure",
    "brightness": "brightness",
    "contrast": "contrast",
    "saturation": "saturation",
    "tint": "tint",
    "sharpness": "sharpness",
    "sharpen": "sharpness",  # these three as the paper maps them
    "hue": "temperature",  # what its users call hue is mostly a cast taken away or laid on
    "lightness": "highlights",
    "black&white": "saturation",  # -100 is exactly that; the paper leaves these pairs out
    "dehaze": None,  # a veil that grows with distance, which no curve of the pixel knows
    "denoise": None,  # keeps edges; our negative sharpness smooths them away with the noise
    "gaussain_blur": None,  # (sic) of any radius; our negative sharpness takes the finest detail only
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
"""Operator of GIER -> the tool of ours that expresses it over the whole picture, or None: the one place that says so."""

PAPER_LEAVES_OUT = frozenset({"black&white"})  # kept here, not in the paper's 2.4 k pairs
ANNOTATIONS = ("GIER.json", "IER2.json")
SPLIT_FILE = re.compile(r"(train|val|test)_sess_\d+\.json")
LICENCE = "GIER: no licence is stated; the pictures belong to users of Reddit and Zhopped. For research only."


def list_gier(root: Path) -> Iterator[Listed | Rejected]:
    """Every pair whose operators all act on the whole picture and are each expressed by one of our tools.

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
    elsewhere: set[str] = set()  # pairs of files before this one: a pair of two files is the same annotation twice
    for path, split in files:
        here: set[str] = set()
        for number, record in enumerate(read_records(path)):
            if isinstance(record, Rejected):
                yield record
                continue
            one = _listed(record, pictures_folder(root), split, f"{file_name(path.name)}/{number}")
            if one.name in elsewhere:
                continue
            if one.name in here:
                one = Rejected(one.name, "duplicate_row", f"row {number} of {path}: the pair comes twice")
            here.add(one.name)
            yield one
        elsewhere |= here


def annotation_files(root: Path) -> list[tuple[Path, Split]]:
    """The files to read and the split that each stands for."""
    folders = [root / "splits", root]
    found = sorted(path for folder in folders if folder.is_dir() for path in folder.glob("*_sess_*.json"))
    splits = [(path, cast(Split, match[1])) for path in found if (match := SPLIT_FILE.fullmatch(path.name))]
    whole: list[tuple[Path, Split]] = [(root / name, "") for name in ANNOTATIONS if (root / name).is_file()]
    return splits + whole[:1]


def pair_name(original: str, reference: str) -> str:
    """The name in the tables of the pair of these two files."""
    return f"{file_name(Path(original).stem)}-{file_name(Path(reference).stem)}"


def _listed(record: Mapping[str, Any], folder: Path, split: Split, place: str) -> Listed | Rejected:
    """One row, or why it cannot be used; `place` names a row whose pictures have no names."""
    name = place
    try:
        original, reference = picture_name(record, "input"), picture_name(record, "output")
        name = pair_name(original, reference)
        tools = _tools(record.get("operator"))
        expert = requests(record.get("expert_summary"), "expert_summary")
        amateur = requests(record.get("amateur_summary"), "amateur_summary")
    except UnicodeError as error:
        return Rejected(name, "odd_text", f"{name}: a request is no whole Unicode text ({error})")
    except (TypeError, ValueError) as error:
        return Rejected(name, "malformed_row", f"{name}: {error}")
    if isinstance(tools, Rejected):
        return Rejected(name, tools.reason, f"{name}: {tools.text}")
    return Listed(
        source="gier",
        name=name,
        photo=f"gier:{file_name(original.split('_')[0])}",  # a thread: all pictures of one request
        original=folder / original,
        reference=folder / reference,
        expert=expert,
        amateur=amateur,
        operators=tools,
        split=split,
        licence=LICENCE,
        categories={"forum": str(record["dataset"])} if record.get("dataset") in ("reddit", "zhopped") else {},
    )


def _tools(operators: object) -> tuple[str, ...] | Rejected:
    """Our tools for the operators of a row. Raises ValueError where they are malformed."""
    if not isinstance(operators, dict) or not all(isinstance(how, dict) for how in operators.values()):
        raise ValueError(f"'operator' must map names to objects, got {str(operators)[:60]!r}")
    local = [name for name, how in operators.items() if how.get("local") is not False]
    if any(operators[name].get("local") is not True for name in local):
        raise ValueError(f"'local' must be true or false, got {str(operators)[:60]!r}")
    if not operators:
        return Rejected("", "no_operator", "no operator is named")
    if local:
        return Rejected("", "local_operator", f"{local[0]} acts on a part of the picture")
    for name in operators:
        if name not in OPERATORS:
            return Rejected("", "unknown_operator", f"{name!r} is no operator of GIER")
        if OPERATORS[name] is None:
            return Rejected("", f"no_tool_for_{name}", f"no tool of ours expresses {name}")
    return tuple(sorted({tool for name in operators if (tool := OPERATORS[name])}))


SOURCE = Source(name="gier", origin="github.com/jshi31/T2ONet, data/GIER", licence=LICENCE, list=list_gier)
