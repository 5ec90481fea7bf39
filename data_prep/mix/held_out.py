"""Write the rows on which policies are evaluated: one parquet file of RL rows, of the val split alone.

The parts of the mix `held_out` say how many rows of each task; every held-out photograph gives equally many of them, or one more.
Beside the file, NAME.json holds what it was made from: the same tables and settings are not read again.
"""

from collections import Counter
from typing import Any

import numpy as np

from iea.data_prep.files import file_sha256, read_json, write_json
from iea.data_prep.mix.mixture import Part, Positions, read_mixture
from iea.data_prep.mix.read import FORMS, Gathered, gather
from iea.data_prep.mix.step import MixConfig, identity
from iea.data_prep.mix.write import MixWriter

MIX = "held_out"
HELD_OUT = 4  # last entropy word of the generator, after those of iea.data_prep.mix.step


def write_held_out(config: MixConfig, *, quiet: bool = False) -> dict[str, Any]:
    """Write the file unless it is there, made of the same. Returns its manifest: counts, and the digest of the file.

    Parameters
    ----------
    config : `stage` is MIX or a mix of the same form, `out` the file to write; rows, scale and label_noise are not read

    Raises
    ------
    ValueError : no table has rows of the val split
    """
    mixture, out = read_mixture(config.stage), config.out
    beside, made_from = out.with_suffix(".json"), identity(config)
    found = read_json(beside) or {}
    if out.is_file() and found.get("made_from") == made_from and found.get("sha256") == file_sha256(out):
        return found
    gathered = gather(FORMS[mixture.rows], config.tables, config.max_pixels, quiet=quiet)
    rng = np.random.default_rng([config.seed, HELD_OUT])
    chosen = np.concatenate([spread(gathered, part, rng) for part in mixture.parts])
    if not len(chosen):
        raise ValueError(
            f"an evaluation must have rows of the val split, got none in {', '.join(map(str, config.tables))}"
        )
    writer = MixWriter(mixture, config.prompt, gathered, noise=0.0, seed=config.seed)
    counts = writer.write(out, chosen, quiet)
    manifest = {"made_from": made_from, "rows": counts, "sha256": file_sha256(out)}
    write_json(beside, manifest)
    return manifest


def spread(gathered: Gathered, part: Part, rng: np.random.Generator) -> Positions:
    """Return at most `part.count` rows of the val split: by turns one of each photograph, in random order."""
    rows = rng.permutation(gathered.matching(part, "val"))
    seen = Counter[str]()
    turns = []
    for row in gathered.take(rows) if len(rows) else []:
        turns.append(seen[row["photo"]])
        seen[row["photo"]] += 1
    order = np.argsort(np.array(turns, dtype=np.int64), kind="stable")
    return np.sort(rows[order][: part.count])
