"""Write a stage's training rows: from tables to the parquet files that verl trains on.

    iea data mix stage1 --table OUT/labeled --out OUT/stage1
    iea data mix stage2 --table OUT/labeled --out OUT/stage2
    iea data mix stage3 --table OUT/labeled --table OUT/synthetic/examples --out OUT/stage3
    iea data mix judge --table OUT/synthetic/judged --out OUT/judge

The columns of a table determine its kind: LABELED, whose rows are expanded to examples, EXAMPLES, or JUDGED.
`train.parquet` is shuffled by the seed; `val.parquet` holds rows of the val split, none twice; `manifest.json`, written last,
records the settings, the rows available, taken and rejected. The same tables and settings give the same bytes; a finished mix
of them is kept as long as its images are in place, made again from other tables, and never overwritten by another mix. Mixes: iea.data_prep.mix.mixture.
"""

import shutil
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from iea.data_prep.files import code_sha256, file_sha256, versions, write_json
from iea.data_prep.image_sizes import MIN_PIXELS
from iea.data_prep.lock import locked
from iea.data_prep.mix.manifest import FILES, MANIFEST, SEAL, claim, finished
from iea.data_prep.mix.mixture import Mixture, Positions, draw, read_mixture, shares
from iea.data_prep.mix.read import FORMS, Gathered, gather
from iea.data_prep.mix.verl_rows import MAX_PIXELS, PromptConfig
from iea.data_prep.mix.write import MixWriter
from iea.data_prep.runner.shard import digest_of
from iea.data_prep.runner.tables import table_files
from iea.reward_fns.prompts import STYLES

MOST_ROWS, MOST_PIXELS = 10**8, 2**31  # beyond, a number is a slip of the hand
# Last entropy word of each generator, so that no two generators are equal. Never 0: NumPy pads with zeros.
DRAW, SHUFFLE, VAL = 1, 2, 3


@dataclass(frozen=True)
class MixConfig:
    """Settings of one mix.

    stage : name of a mix, or a YAML file
    tables : tables of LABELED and EXAMPLES; of JUDGED for the judge's mix
    rows : training rows in total, in the mix's proportions; default: those of the mix, times SCALE
    scale : factor for the mix's counts and ratios
    style : style of the prompts: full, direct or short
    max_pixels : size that the trainer reduces an image to, pixels
    label_noise : errors in the programs of rendered edits, 0 to 1; default: the mix's
    """

    stage: str
    tables: tuple[Path, ...]
    out: Path
    seed: int = 0
    rows: int | None = None
    scale: float = 1.0
    style: str = "full"
    max_pixels: int = MAX_PIXELS
    label_noise: float | None = None

    def __post_init__(self) -> None:
        if not self.tables:
            raise ValueError(
                "at least one table is needed, got none; give --table OUT/labeled or OUT/synthetic/examples"
            )
        if self.style not in STYLES:
            raise ValueError(f"style must be one of {', '.join(STYLES)}, got {self.style!r}")
        if not 0 < self.scale <= MOST_ROWS or (self.rows is not None and not 1 <= self.rows <= MOST_ROWS):
            raise ValueError(
                f"scale must be above 0 and rows 1 or more, neither above {MOST_ROWS}, got {self.scale} and {self.rows}"
            )
        if not 0 <= (self.label_noise or 0) <= 1:
            raise ValueError(f"label_noise must be in [0, 1], got {self.label_noise}; 0 = exact labels")
        if self.seed < 0 or not MIN_PIXELS <= self.max_pixels <= MOST_PIXELS:
            raise ValueError(
                f"seed must be 0 or more and max-pixels in [{MIN_PIXELS}, {MOST_PIXELS}], got {self.seed} and {self.max_pixels}"
            )

    @property
    def prompt(self) -> PromptConfig:
        """The style and the image size of the prompts."""
        return PromptConfig(self.style, max_pixels=self.max_pixels)  # type: ignore[arg-type]  # checked above

    def noise(self, mixture: Mixture) -> float:
        """Return the label noise of this mix."""
        return mixture.label_noise if self.label_noise is None else self.label_noise

    def rng(self, *words: int) -> np.random.Generator:
        """Return the generator of one purpose."""
        return np.random.default_rng([self.seed, *words])


def mix(config: MixConfig, *, quiet: bool = False) -> dict[str, Any]:
    """Write `train.parquet`, `val.parquet` and `manifest.json` unless they are finished. Returns the manifest.

    Raises
    ------
    ValueError : no such mix, no such table, a table twice, no rows to train or to validate on, a group in two splits, or
        `out` holds other files or another mix
    LockedError : another run writes to `out`
    """
    with locked(config.out):
        return _mix(config, quiet)


def _mix(config: MixConfig, quiet: bool) -> dict[str, Any]:
    mixture = read_mixture(config.stage)
    _refuse_out_of_tables(config)
    made_from = identity(config)
    if made := finished(config.out, made_from):
        return made
    work = claim(config.out, made_from)
    try:
        content = made_from | _write(config, mixture, work, quiet)
    except (OSError, ValueError):
        shutil.rmtree(work)
        raise
    (config.out / MANIFEST).unlink(missing_ok=True)
    for name in FILES:
        (work / name).replace(config.out / name)
    write_json(config.out / MANIFEST, content | {SEAL: digest_of(content)})
    shutil.rmtree(work)
    return content


def _refuse_out_of_tables(config: MixConfig) -> None:
    """Raise ValueError if the mix would be written over one of its tables, or into its folder."""
    for table in config.tables:
        if config.out.resolve() in (table.resolve(), *((table.resolve().parent,) if table.is_file() else ())):
            raise ValueError(f"--out must be another folder than that of --table, got {str(config.out)!r} for both")


def identity(config: MixConfig) -> dict[str, Any]:
    """Return everything on which the bytes depend, as JSON values. Raises ValueError if a file is given twice."""
    mixture = read_mixture(config.stage)
    inputs = {table: [file_sha256(path) for path in table_files(table)] for table in config.tables}
    digests = Counter(digest for files in inputs.values() for digest in files)
    named = [str(table) for table in config.tables]
    if len(inputs) < len(named) or max(digests.values()) > 1:
        raise ValueError(f"every --table must hold rows of its own, got the same file twice among {', '.join(named)}")
    return {
        "mix": Path(config.stage).stem,
        "settings": asdict(config.prompt)
        | {"seed": config.seed, "asked_rows": config.rows, "scale": config.scale, "label_noise": config.noise(mixture)},
        "mixture": mixture.model_dump(),
        "versions": versions(),
        "code_sha256": code_sha256(),
        "inputs": [{"table": str(table), "files_sha256": files} for table, files in inputs.items()],
    }


def _write(config: MixConfig, mixture: Mixture, work: Path, quiet: bool) -> dict[str, Any]:
    """Write both files to `work`. Returns the rest of the manifest."""
    gathered = gather(FORMS[mixture.rows], config.tables, config.max_pixels, quiet=quiet)
    parts, train = _train(config, mixture, gathered)
    if not len(train):
        raise ValueError(f"the mix {config.stage} must find rows to train on, got none; {_available(gathered)}")
    writer = MixWriter(mixture, config.prompt, gathered, noise=config.noise(mixture), seed=config.seed)
    chosen = {"train": train, "val": _val(config, mixture, gathered)}
    if not len(chosen["val"]):
        raise ValueError(
            f"the mix {config.stage} must find rows of the val split, without which no trainer starts, got none; hold out "
            f"photographs in `iea data ingest`, of few photographs with --fold; {_available(gathered)}"
        )
    counts = {name: writer.write(work / f"{name}.parquet", rows, quiet) for name, rows in chosen.items()}
    return {
        "usable_rows": gathered.rows,
        "rejected": dict(sorted(gathered.rejected.items())),
        "rejected_examples": dict(sorted(gathered.rejected_examples.items())),
        "parts": parts,
        "rows": counts,
        "files": {name: file_sha256(work / name) for name in FILES},
    }


def _train(config: MixConfig, mixture: Mixture, gathered: Gathered) -> tuple[list[dict[str, Any]], Positions]:
    """Return the counts of every part, and the numbers of all training rows in their shuffled order."""
    found = [gathered.matching(part, "train") for part in mixture.parts]
    wishes = [part.wish(len(rows), config.scale) for part, rows in zip(mixture.parts, found, strict=True)]
    if sum(wishes) > MOST_ROWS:
        raise ValueError(
            f"a mix must have at most {MOST_ROWS} rows, got {sum(wishes):.3g} asked; lower a ratio or --scale"
        )
    counts, drawn = [], []
    for number, (part, rows, asked) in enumerate(zip(mixture.parts, found, shares(wishes, config.rows), strict=True)):
        taken = draw(rows, part.limit(asked, len(rows)), config.rng(number, DRAW))
        distinct = len(np.unique(taken))
        counts.append(
            {"name": part.name, "asked": asked, "available": len(rows), "taken": len(taken)}
            | {"distinct": distinct, "repeats": len(taken) - distinct}
        )
        drawn.append(taken)
    return counts, config.rng(SHUFFLE).permutation(np.concatenate(drawn))


def _val(config: MixConfig, mixture: Mixture, gathered: Gathered) -> Positions:
    """Return rows of the val split that match a part, each once, at most `val_rows`, in the order of the tables."""
    rows = np.unique(np.concatenate([gathered.matching(part, "val") for part in mixture.parts]))
    return draw(rows, min(mixture.val_rows, len(rows)), config.rng(VAL))


def _available(gathered: Gathered) -> str:
    """Describe the rows of the tables, for an error."""
    kinds = [f"{len(numbers)} of {' '.join(key)}" for key, numbers in sorted(gathered.numbers.items())]
    rejected = [f"{count} rejected as {reason}" for reason, count in sorted(gathered.rejected.items())]
    return f"the tables hold {', '.join([*kinds[:8], *rejected]) or 'no rows at all'}"


def summary(out: Path, content: dict[str, Any]) -> str:
    """Describe a mix in a few lines."""
    lines = [f"{out}:"]
    for part in content["parts"]:
        repeats = f", {part['repeats']} repeated" if part["repeats"] else ""
        available = f"{part['available']} available{repeats}"
        lines.append(f"  {part['name']}: {part['taken']} of {part['asked']} rows asked ({available})")
    for split, rows in content["rows"].items():
        kinds = rows.get("data_source") or rows.get("kind", {})
        lines.append(f"  {split}: {rows['rows']} rows: {', '.join(f'{n} {kind}' for kind, n in kinds.items())}")
    for reason, count in content["rejected"].items():
        lines.append(f"  rejected {count}: {reason}, such as {content['rejected_examples'][reason][0]}")
    return "\n".join(lines)
