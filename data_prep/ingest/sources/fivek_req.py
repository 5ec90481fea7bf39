"""FiveKReq: requests in words for the experts' versions of MIT-Adobe FiveK, as they come with T2ONet.

`{train,val,test}_sess_N.json` in the root or in `splits/`: lists of `{input: "3458_O.jpg", output: "3458_B.jpg", request}`,
O = original, A to E = expert; the pictures, sRGB, lie in `images/` or beside the files. The number is that of FiveK's own
names (a3458-...), so a photo is the same one in this source and in fivek.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from iea.data_prep.ingest.sources.fivek import LICENCE, photo_id
from iea.data_prep.ingest.sources.gier import annotation_files
from iea.data_prep.ingest.sources.records import file_name, picture_name, pictures_folder, read_records, requests
from iea.data_prep.ingest.sources.source import Listed, Rejected, Source, Split

_NAMES = re.compile(r"(\d+)_([OA-E])\.\w+")


def list_fivek_req(root: Path) -> Iterator[Listed | Rejected]:
    """Every request; one that says nothing leaves its pair without words.

    Raises
    ------
    ValueError : no split file below `root`
    """
    files = [(path, split) for path, split in annotation_files(root) if split]
    if not files:
        raise ValueError(
            f"the root of fivek_req must hold files such as train_sess_1.json or splits/train_sess_1.json, got "
            f"{str(root)!r} without any; name the folder with the annotations"
        )
    seen: set[str] = set()
    for path, split in files:
        for number, record in enumerate(read_records(path)):
            if isinstance(record, Rejected):
                yield record
                continue
            one = _listed(record, pictures_folder(root), split, f"{file_name(path.name)}/{number}")
            if one.name in seen:
                one = Rejected(one.name, "duplicate_row", f"row {number} of {path}: the pair comes twice")
            seen.add(one.name)
            yield one


def _listed(record: Mapping[str, Any], folder: Path, split: Split, place: str) -> Listed | Rejected:
    """One row, or why it cannot be used."""
    try:
        original, reference = picture_name(record, "input"), picture_name(record, "output")
        before, after = _NAMES.fullmatch(original), _NAMES.fullmatch(reference)
        if not before or not after or before[1] != after[1] or before[2] != "O" or after[2] == "O":
            raise ValueError(f"a pair must be named as 3458_O.jpg and 3458_B.jpg, got {original!r}, {reference!r}")
        if not isinstance(record.get("request"), str):
            raise TypeError(f"'request' must be a text, got {record.get('request')!r}")
        asked = requests([record["request"]], "request")
    except UnicodeError as error:
        return Rejected(place, "odd_text", f"{place}: the request is no whole Unicode text ({error})")
    except (TypeError, ValueError) as error:
        return Rejected(place, "malformed_row", f"{place}: {error}")
    return Listed(
        source="fivek_req",
        name=f"{after[1]}_{after[2]}",
        photo=photo_id(int(after[1])),
        original=folder / original,
        reference=folder / reference,
        amateur=asked,
        split=split,
        licence=LICENCE,
        categories={"expert": after[2].lower()},
    )


SOURCE = Source(
    name="fivek_req",
    origin="github.com/jshi31/T2ONet, data/FiveK; pictures of data.csail.mit.edu/graphics/fivek",
    licence=LICENCE,
    list=list_fivek_req,
)
