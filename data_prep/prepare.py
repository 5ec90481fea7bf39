"""Run all of data preparation in one call: from photographs and annotations to the files of every stage.

    prepare(PrepareConfig(Path("data"), photos=Path("/shared/photos")))

    sources -> OUT/pairs -> OUT/annotated -> OUT/labeled --+
                  |                                        +-> OUT/stage1, stage2, stage3: train.parquet, val.parquet
                  +-> OUT/synthetic -----------------------+-> OUT/judge
                                                           +-> OUT/held_out.parquet: for evaluations
    another source -> OUT/second/ -----------------------------> OUT/second.parquet: for evaluations, never trained on

Pairs with references are annotated and labeled: Stages 1 and 2 train on them, as in the paper. From photographs alone,
all stages consist of rendered pairs. Safe to interrupt: the same call resumes, since every step does.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

from iea.data_prep import runner
from iea.data_prep.annotate.offline import Offline, annotate_offline
from iea.data_prep.annotate.step import read_pairs
from iea.data_prep.ingest.sources import SOURCES
from iea.data_prep.ingest.step import MAX_PIXELS, PAIRS_FILE, IngestConfig, check_apart, ingest
from iea.data_prep.ingest.step import summary as ingest_summary
from iea.data_prep.inspect.show import show
from iea.data_prep.inspect.stats import report
from iea.data_prep.label.step import Labeler, label, quality, table
from iea.data_prep.lock import locked
from iea.data_prep.mix.held_out import MIX, write_held_out
from iea.data_prep.mix.manifest import MANIFEST
from iea.data_prep.mix.step import MixConfig, mix
from iea.data_prep.mix.step import summary as mix_summary
from iea.data_prep.runner import Item, Report, Row
from iea.data_prep.second import write_second
from iea.data_prep.synthesize.difficulty import DIFFICULTIES
from iea.data_prep.synthesize.step import SynthesizeConfig, synthesize
from iea.data_prep.synthesize.step import summary as synthesize_summary

Annotator: TypeAlias = Callable[[Sequence[Item], Path], Report]
"""(rows of PAIRS, folder of ANNOTATED to write) -> report."""

WRITTEN = (
    "pairs",
    "annotated",
    "labeled",
    "synthetic",
    "stage1",
    "stage2",
    "stage3",
    "two_turns",
    "judge",
    "second",
)  # in OUT
PHOTO_PIXELS = 10  # times size^2: a single photograph of 8:5 keeps a short side of 2.5 times the size of a crop
SHEET_ROWS = 24


@dataclass(frozen=True)
class PrepareConfig:
    """Settings of one data set.

    out : folder for everything
    photos : folder of photographs without annotations
    source : another source as NAME=FOLDER, such as gier=/data/gier; bundled needs no folder; may be repeated
    second : source of a second evaluation file, NAME=FOLDER, such as debian=work/debian; left out if it has no photographs
    fold : fold of a cross-validation to hold out as val: 0 to 4, of bundled 0 to 7; default: 5 % val and 5 % test by hash
    style : style of the prompts: full, direct, or short for the tiny model
    max_pixels : most pixels of an image of a pair, and of every image in training
    size : side of the synthetic images, pixels, a multiple of 28
    difficulty : difficulty of the synthetic examples: paper, easy, or lane (easy, of all tasks)
    pairs_per_photo : synthetic pairs from each training photograph
    val_pairs_per_photo : synthetic pairs from each held-out photograph; default: the same number
    judged : programs for the judge's scored sentences, about seventeen rows each; 0 = none
    judged_val : programs for the judge's held-out sentences
    stage1_rows, stage2_rows, stage3_rows : training rows of the stage; default: as many as its mix says
    stage3_mix : mix of Stage 3, a name or a YAML file; default: stage3, without labeled pairs synthetic_stage3
    looks : also make OUT/two_turns, rows of SFT for two turns
    label_noise : errors in the SFT labels of rendered edits: 0 = exact, 1 = as many as a teacher's
    method : search method for labels
    oracle : also search for the best program that the tools allow: the upper bound for a policy
    seed : seed of everything random
    """

    out: Path
    photos: Path | None = None
    source: tuple[str, ...] = ()
    second: str | None = None
    fold: int | None = None
    style: str = "full"
    max_pixels: int = MAX_PIXELS
    size: int = 504
    difficulty: str = "paper"
    pairs_per_photo: int = 8
    val_pairs_per_photo: int | None = None
    judged: int = 1000
    judged_val: int = 100
    stage1_rows: int | None = None
    stage2_rows: int | None = None
    stage3_rows: int | None = None
    stage3_mix: str = ""
    looks: bool = False
    label_noise: float = 0.0
    method: str = "Stepwise"
    oracle: bool = True
    seed: int = 0

    def __post_init__(self) -> None:
        if not self.roots:
            raise ValueError("at least one source is needed, got none; give --photos FOLDER or --source NAME=FOLDER")
        second = _roots([self.second] if self.second else [])
        unknown = [name for name in (*self.roots, *second) if name not in SOURCES]
        if unknown:
            raise ValueError(f"a source must be one of {', '.join(SOURCES)}, got {unknown[0]!r}")
        for root in (*self.roots.values(), *second.values()):
            check_apart(root, self.out, WRITTEN)
        assert self.synthesis and _mixes(self, paired=False)  # both check settings that are used hours later

    @property
    def roots(self) -> dict[str, Path | None]:
        """Source -> its folder."""
        return _roots(self.source) | ({"folder": self.photos} if self.photos else {})

    @property
    def synthesis(self) -> SynthesizeConfig:
        """Settings of the synthetic tables."""
        pairs = self.pairs_per_photo, self.val_pairs_per_photo
        judged = self.judged, self.judged_val if self.judged else 0
        return SynthesizeConfig(*pairs, self.size, self.difficulty, *judged, self.seed, self.looks)


def prepare(
    config: PrepareConfig,
    *,
    annotate: Annotator | None = None,
    workers: int = 0,
    address: str | None = None,
    sheets: bool = True,
    quiet: bool = False,
) -> dict[str, dict[str, Any]]:
    """Make everything in `config.out` that is missing. Returns the manifest of each mix.

    Parameters
    ----------
    annotate : annotates the pairs with references; None = the offline teacher
    workers, address : as iea.data_prep.runner.run; the bytes do not depend on them
    sheets : write counts (`stats/`) and a contact sheet (`sheet.png`) of each stage's training rows
    quiet : neither progress bars nor a summary of each step

    Raises
    ------
    ValueError : a setting or a folder is wrong, no photograph is in train or val, or `config.out` holds data of
        other settings or code
    NothingMadeError : a source or a step made no rows
    LockedError : another run writes to `config.out`
    """
    out = config.out.absolute()
    with locked(out, config.roots.values()):
        return _prepare(config, annotate, {"workers": workers, "address": address, "quiet": quiet}, sheets)


def _prepare(
    config: PrepareConfig, annotate: Annotator | None, run: dict[str, Any], sheets: bool
) -> dict[str, dict[str, Any]]:
    out, quiet = config.out.absolute(), run["quiet"]
    log: Callable[[str], None] = (lambda text: None) if quiet else print
    for name, root in config.roots.items():
        pixels = PHOTO_PIXELS * config.size**2 if name in ("folder", "bundled") else config.max_pixels
        ingested = ingest(IngestConfig(name, root, out / "pairs", pixels, fold=config.fold), **run)
        log(ingest_summary(ingested, name))
    pairs = _read_split_pairs(out / "pairs" / PAIRS_FILE)
    paired = any(row["reference"] for row in pairs)
    if paired:
        offline = partial(
            annotate_offline, teacher=Offline(config.seed), workers=run["workers"], address=run["address"]
        )
        annotated = (annotate or offline)(pairs, out / "annotated")
        log(f"annotated {annotated.rows} of {annotated.items} pairs, rejected {annotated.rejected or 'none'}")
        rows = runner.read_rows(out / "annotated")
        labeled = label(rows, out / "labeled", Labeler(config.method, config.oracle), **run)
        log(f"labeled {labeled.rows} of {labeled.items} pairs, rejected {labeled.rejected or 'none'}")
        log(table(quality(runner.read_rows(out / "labeled"))))
    log(synthesize_summary(synthesize(pairs, out / "synthetic", config.synthesis, **run)))
    manifests = {}
    for stage, settings in _mixes(config, paired=paired).items():
        manifests[stage] = mix(settings, quiet=quiet)
        log(mix_summary(settings.out, manifests[stage]))
        if sheets:
            _inspect(settings.out)
    tables = ((out / "labeled",) if paired else ()) + (out / "synthetic/examples",)
    evaluated = {MIX: write_held_out(_held_out(config, MIX, tables), quiet=quiet)}
    if config.second and (second := _second(config, run, log)):
        evaluated["second"] = second
    for name, manifest in evaluated.items():
        log(f"{out / name}.parquet, for evaluations: {manifest['rows']['data_source']}")
    return manifests | evaluated


def _held_out(config: PrepareConfig, name: str, tables: tuple[Path, ...]) -> MixConfig:
    out = config.out.absolute() / f"{name}.parquet"
    return MixConfig(MIX, tables, out, config.seed, style=config.style, max_pixels=config.max_pixels)


def _second(config: PrepareConfig, run: dict[str, Any], log: Callable[[str], None]) -> dict[str, Any] | None:
    assert config.second is not None
    out, ((name, root),) = config.out.absolute() / "second", _roots([config.second]).items()
    if root is not None:
        root.mkdir(parents=True, exist_ok=True)
    source = IngestConfig(name, root, out / "pairs", PHOTO_PIXELS * config.size**2)
    shown = _held_out(config, "second", (out / "synthetic/examples",))
    return write_second(source, config.synthesis, shown, run=run, log=log)


def _roots(sources: Sequence[str]) -> dict[str, Path | None]:
    """Return source -> its folder, of texts NAME=FOLDER."""
    given = [name.partition("=") for name in sources]
    return {name: Path(folder) if folder else None for name, _, folder in given}


def _read_split_pairs(path: Path) -> list[Row]:
    """Read the rows of PAIRS. Raises ValueError if train or val is empty."""
    pairs = read_pairs(path)
    for split in ("train", "val"):
        if not any(row["split"] == split for row in pairs):
            raise ValueError(
                f"at least one photograph must be in {split}, got none of {len(pairs)}; hold out a fifth of "
                "few photographs with --fold, and try each of 0 to 4"
            )
    return pairs


def _mixes(config: PrepareConfig, *, paired: bool) -> dict[str, MixConfig]:
    """Return the mix of every stage that can be made, with or without labeled pairs."""
    out = config.out.absolute()
    labeled, examples, judged = (out / name for name in ("labeled", "synthetic/examples", "synthetic/judged"))
    plan: dict[str, tuple[str, tuple[Path, ...], int | None]]
    if paired:
        plan = {
            "stage1": ("stage1", (labeled,), config.stage1_rows),
            "stage2": ("stage2", (labeled,), config.stage2_rows),
            "stage3": (config.stage3_mix or "stage3", (labeled, examples), config.stage3_rows),
        }
    else:
        plan = {
            "stage1": ("synthetic_stage1", (examples,), config.stage1_rows),
            "stage2": ("synthetic_stage2", (examples,), config.stage2_rows),
        }
        if "refine" in DIFFICULTIES[config.difficulty].tasks:  # else it would repeat stage 1
            plan["stage3"] = (config.stage3_mix or "synthetic_stage3", (examples,), config.stage3_rows)
    if config.looks:
        plan["two_turns"] = ("two_turns", (examples,), config.stage1_rows)
    if config.judged:
        plan["judge"] = ("judge", (judged,), None)
    return {
        stage: MixConfig(
            name,
            tables,
            out / stage,
            seed=config.seed,
            rows=rows,
            style=config.style,
            max_pixels=config.max_pixels,
            label_noise=config.label_noise if name == "synthetic_stage1" else None,
        )
        for stage, (name, tables, rows) in plan.items()
    }


def _inspect(stage: Path) -> None:
    """Write counts and a contact sheet of a stage's training rows, unless the sheet is newer than the rows."""
    sheet, train = stage / "sheet.png", stage / "train.parquet"
    if sheet.exists() and sheet.stat().st_mtime >= (stage / MANIFEST).stat().st_mtime:
        return
    report(train, stage / "stats")
    show(train, sheet, SHEET_ROWS)
