"""The pairs of GIER that `gier` leaves out because an operator acts on a part of the image: only for evaluations.

Layout and license are those of `gier`. No program of ours expresses these edits; evaluations report them apart.
"""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from iea.data_prep.ingest.sources.gier import LICENSE, annotation_files, list_gier, listed_record
from iea.data_prep.ingest.sources.records import images_folder, list_records
from iea.data_prep.ingest.sources.source import Listed, Rejected, Source


def list_gier_local(root: Path) -> Iterator[Listed | Rejected]:
    """List every pair with a local operator.

    Raises
    ------
    ValueError : no annotation file below `root`
    """
    next(list_gier(root), None)  # the error of a root without annotations
    yield from list_records(annotation_files(root), partial(listed_record, images_folder(root), local=True))


SOURCE = Source(name="gier_local", origin="as gier", license=LICENSE, list=list_gier_local)
