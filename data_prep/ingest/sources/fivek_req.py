"""FiveKReq: requests in words for the experts' versions of MIT-Adobe FiveK, distributed with T2ONet.

`{train,val,test}_sess_N.json` in the root or in `splits/`: lists of `{input: "3458_O.jpg", output: "3458_B.jpg", request}`,
O = original, A to E = expert; the images, sRGB, lie in `images/` or beside the files. The number is that of FiveK's own
names (a3458-...), so a photograph has the same `photo` in this source and in fivek.
"""

import re
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from iea.data_prep.ingest.sources.fivek import LICENSE, photo_id
from iea.data_prep.ingest.sources.records import image_name, images_folder, list_records, requests, split_files
from iea.data_prep.ingest.sources.source import Listed, Rejected, Source, Split

_NAMES = re.compile(r"(\d+)_O\.\w+ \1_([A-E])\.\w+")  # of original and reference


def list_fivek_req(root: Path) -> Iterator[Listed | Rejected]:
    """List every request; a meaningless one leaves its pair without words.

    Raises
    ------
    ValueError : no split file below `root`
    """
    files = split_files(root)
    if not files:
        raise ValueError(
            f"the root of fivek_req must hold files such as train_sess_1.json or splits/train_sess_1.json, got "
            f"{str(root)!r} without any; name the folder with the annotations"
        )
    yield from list_records(files, partial(_listed, images_folder(root)))


def _listed(folder: Path, record: Mapping[str, Any], split: Split, place: str) -> Listed | Rejected:
    """List or reject one record; `place` names a rejected one."""
    try:
        original, reference = image_name(record, "input"), image_name(record, "output")
        names = _NAMES.fullmatch(f"{original} {reference}")
        if not names:
            raise ValueError(f"a pair must be named as 3458_O.jpg and 3458_B.jpg, got {original!r}, {reference!r}")
        number, expert = names[1], names[2]
        if not isinstance(record.get("request"), str):
            raise TypeError(f"'request' must be a text, got {record.get('request')!r}")
        amateur = requests([record["request"]], "request")
    except UnicodeError as error:
        return Rejected(place, "odd_text", f"{place}: the request must be valid Unicode ({error})")
    except (TypeError, ValueError) as error:
        return Rejected(place, "malformed_row", f"{place}: {error}")
    return Listed(
        source="fivek_req",
        name=f"{number}_{expert}",
        photo=photo_id(int(number)),
        original=folder / original,
        reference=folder / reference,
        amateur=amateur,
        split=split,
        license=LICENSE,
        categories={"expert": expert.lower()},
    )


SOURCE = Source(
    name="fivek_req",
    origin="github.com/jshi31/T2ONet, data/FiveK; images of data.csail.mit.edu/graphics/fivek",
    license=LICENSE,
    list=list_fivek_req,
)
