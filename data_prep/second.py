"""Make the second evaluation file: rows of photographs that nothing trains on, from a source held out whole."""

import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from iea.data_prep.annotate.step import read_pairs
from iea.data_prep.ingest.step import PAIRS_FILE, IngestConfig, ingest
from iea.data_prep.ingest.step import summary as ingest_summary
from iea.data_prep.mix.held_out import write_held_out
from iea.data_prep.mix.step import MixConfig
from iea.data_prep.runner import NothingMadeError
from iea.data_prep.synthesize.step import SynthesizeConfig, synthesize
from iea.data_prep.synthesize.step import summary as synthesize_summary

PAIRS_PER_PHOTO = 8  # one in four without an instruction


def write_second(
    source: IngestConfig,
    synthesis: SynthesizeConfig,
    shown: MixConfig,
    *,
    run: Mapping[str, Any],
    log: Callable[[str], None],
) -> dict[str, Any] | None:
    """Write the file `shown.out`, and all that it is made from beside `source.out`. Returns its manifest.

    Without photographs it writes nothing, logs the reason and returns None: the packages of `debian`, for example, need apt.

    Parameters
    ----------
    synthesis : size, difficulty and seed are read
    shown : as iea.data_prep.mix.held_out.write_held_out
    run : workers, address and quiet, as iea.data_prep.runner.run
    log : prints a summary
    """
    folder = source.out.parent
    try:
        ingested = ingest(source, **run)
    except NothingMadeError as error:
        shutil.rmtree(folder)  # another run may find its photographs
        log(f"no second evaluation file: {error}")
        return None
    log(ingest_summary(ingested, source.source))
    pairs = [row | {"split": "val"} for row in read_pairs(source.out / PAIRS_FILE)]
    asked = replace(synthesis, pairs_per_photo=PAIRS_PER_PHOTO, val_pairs_per_photo=None, judged=0, judged_val=0)
    log(synthesize_summary(synthesize(pairs, folder / "synthetic", asked, **run)))
    return write_held_out(shown, quiet=bool(run["quiet"]))
