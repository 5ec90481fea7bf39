"""Write a stage's training rows: from tables of examples to the parquet files that verl trains on.

    python -m iea.data_prep.mix.step stage1 --examples OUT/distilled --out OUT/stage1
    python -m iea.data_prep.mix.step stage2 --examples OUT/distilled --out OUT/stage2
    python -m iea.data_prep.mix.step stage3 --examples OUT/distilled --examples OUT/synthetic --out OUT/stage3
    python -m iea.data_prep.mix.step judge --judged OUT/judged --out OUT/judge

`train.parquet` is shuffled by the seed; `val.parquet` holds rows of the val split, none twice; `manifest.json` says what
was asked, what there was, what was taken, and which rows could not be used. Written under other names and renamed, the
manifest last; the same tables and settings give the same bytes. Mixes: iea.data_prep.mix.mixture.
"""

from __future__ import annotations

import shutil
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from iea.data_prep.files import code_sha256, read_json, versions, write_json
from iea.data_prep.mix.gather import FORMS, Gathered, gather
from iea.data_prep.mix.mixture import Mixture, Positions, draw, mix_names, read_mixture, shares
from iea.data_prep.mix.spool import Spool
from iea.data_prep.mix.writer import MixWriter
from iea.data_prep.photographs import file_sha256
from iea.data_prep.row import MAX_PIXELS, MIN_PIXELS, PromptConfig
from iea.reward_fns.prompts import STYLES

MANIFEST = "manifest.json"
WORK = ".work"  # present while a mix is under way or was cut off
FILES = ("train.parquet", "val.parquet")

# Last entropy word of each generator, so that no two of them start alike. Never 0: NumPy pads with zeros.
DRAW, SHUFFLE, VAL = 1, 2, 3

app = typer.Typer(add_completion=False)


@dataclass(frozen=True)
class MixConfig:
    """Settings of one mix.

    `tables` are of EXAMPLES, for a judge's mix of JUDGED; `rows` None = as many as the mix says times `scale`.
    """

    stage: str
    tables: tuple[Path, ...]
    out: Path
    seed: int = 0
    rows: int | None = None
    scale: float = 1.0
    style: str = "full"
    max_pixels: int = MAX_PIXELS

    def __post_init__(self) -> None:
        if not self.tables:
            raise ValueError(
                "at least one table is needed, got none; give --examples, or --judged for the judge"
            )
        if self.style not in STYLES:
            raise ValueError(f"style must be one of {', '.join(STYLES)}, got {self.style!r}")
        if self.scale <= 0 or (self.rows is not None and self.rows < 1):
            raise ValueError(f"scale must be above 0 and rows 1 or more, got {self.scale} and {self.rows}")
        if self.seed < 0 or self.max_pixels < MIN_PIXELS:
            raise ValueError(
                f"seed must be 0 or more and max-pixels at least {MIN_PIXELS}, got {self.seed} and {self.max_pixels}"
            )

    @property
    def prompt(self) -> PromptConfig:
        """The style and the image size of the prompts."""
        return PromptConfig(self.style, max_pixels=self.max_pixels)  # type: ignore[arg-type]  # checked above

    def rng(self, *words: int) -> np.random.Generator:
        """A generator of its own for every purpose."""
        return np.random.default_rng([self.seed, *words])


def mix(config: MixConfig, *, quiet: bool = False) -> dict[str, Any]:
    """Write `train.parquet`, `val.parquet` and `manifest.json`. Returns the manifest.

    Raises
    ------
    ValueError : no such mix, no such table, no rows for it, a group in two splits, or `out` holds other files
    """
    mixture = read_mixture(config.stage, {rows: form.columns for rows, form in FORMS.items()})
    work = _claim(config.out)
    try:
        content = _write(config, mixture, work, quiet)
    except ValueError:
        shutil.rmtree(work)
        raise
    (config.out / MANIFEST).unlink(missing_ok=True)
    for name in FILES:
        (work / name).replace(config.out / name)
    write_json(config.out / MANIFEST, content)
    shutil.rmtree(work)
    return content


def _claim(out: Path) -> Path:
    """Mark `out` as under way: a working folder, empty. What a previous mix left stays until this one is made."""
    work = out / WORK
    manifest = read_json(out / MANIFEST)
    ours = work.exists() or (manifest is not None and "mix" in manifest)
    if not ours and any((out / name).exists() for name in (*FILES, MANIFEST)):
        raise ValueError(
            f"--out must be a new folder or one made by this command, got {str(out)!r} with files of its own; choose another"
        )
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    return work


def _write(config: MixConfig, mixture: Mixture, work: Path, quiet: bool) -> dict[str, Any]:
    """Write both files to `work`. Returns the manifest."""
    form = FORMS[mixture.rows]
    with closing(Spool(work / "rows.arrow", form.table)) as spool:
        gathered = gather(form, config.tables, spool, quiet=quiet)
        parts, train = _train(config, mixture, gathered)
        if not len(train):
            raise ValueError(
                f"the mix {mixture.name} must find rows to train on, got none; {_at_hand(gathered)}"
            )
        writer = MixWriter(mixture.rows, config.prompt, gathered, spool)
        chosen = {"train": train, "val": _val(config, mixture, gathered)}
        counts = {name: writer.write(work / f"{name}.parquet", rows, quiet) for name, rows in chosen.items()}
    files = {name: file_sha256(work / name) for name in FILES}
    return _manifest(config, mixture, gathered) | {"parts": parts, "rows": counts, "files": files}


def _train(config: MixConfig, mixture: Mixture, gathered: Gathered) -> tuple[list[dict[str, Any]], Positions]:
    """What became of every part, and the numbers of all training rows in their shuffled order."""
    found = [gathered.matching(part, "train") for part in mixture.parts]
    wishes = [part.wish(len(rows), config.scale) for part, rows in zip(mixture.parts, found, strict=True)]
    told, drawn = [], []
    for number, (part, rows, asked) in enumerate(
        zip(mixture.parts, found, shares(wishes, config.rows), strict=True)
    ):
        taken = draw(rows, part.limit(asked, len(rows)), config.rng(number, DRAW))
        distinct = len(np.unique(taken))
        told.append(
            {
                "name": part.name,
                "where": part.where,
                "unless": part.unless,
                "count": part.count,
                "ratio": part.ratio,
            }
            | {"asked": asked, "available": len(rows), "taken": len(taken), "distinct": distinct}
            | {"repeats": len(taken) - distinct}
        )
        drawn.append(taken)
    return told, config.rng(SHUFFLE).permutation(np.concatenate(drawn))


def _val(config: MixConfig, mixture: Mixture, gathered: Gathered) -> Positions:
    """Rows of the val split that some part would take, each once, no more than the mix says, in the tables' order."""
    rows = np.unique(np.concatenate([gathered.matching(part, "val") for part in mixture.parts]))
    return draw(rows, min(mixture.val_rows, len(rows)), config.rng(VAL))


def _manifest(config: MixConfig, mixture: Mixture, gathered: Gathered) -> dict[str, Any]:
    settings = asdict(config.prompt) | {"seed": config.seed, "asked_rows": config.rows, "scale": config.scale}
    return {
        "mix": mixture.name,
        "settings": settings,
        "versions": versions(),
        "code_sha256": code_sha256(),
        "inputs": gathered.inputs,
        "usable_rows": gathered.rows,
        "rejected": dict(sorted(gathered.rejected.items())),
        "rejected_examples": dict(sorted(gathered.told.items())),
    }


def _at_hand(gathered: Gathered) -> str:
    """What there is instead, for an error."""
    kinds = [f"{len(numbers)} of {' '.join(key)}" for key, numbers in sorted(gathered.numbers.items())]
    rejected = [f"{count} rejected as {reason}" for reason, count in sorted(gathered.rejected.items())]
    return f"the tables hold {', '.join([*kinds[:8], *rejected]) or 'no rows at all'}"


def _summary(out: Path, content: dict[str, Any]) -> str:
    lines = [f"made {out}"]
    for part in content["parts"]:
        repeats = f", {part['repeats']} of them again" if part["repeats"] else ""
        lines.append(
            f"  {part['name']}: {part['taken']} of {part['asked']} rows asked ({part['available']} there{repeats})"
        )
    for split, rows in content["rows"].items():
        kinds = rows.get("data_source") or rows.get("kind", {})
        lines.append(
            f"  {split}: {rows['rows']} rows: {', '.join(f'{n} {kind}' for kind, n in kinds.items())}"
        )
    for reason, count in content["rejected"].items():
        lines.append(f"  rejected {count}: {reason}, such as {content['rejected_examples'][reason][0]}")
    return "\n".join(lines)


@app.command()
def main(
    stage: Annotated[str, typer.Argument(help=f"{', '.join(mix_names())}, or a YAML file of yours")],
    out: Annotated[Path, typer.Option(help="folder to write")],
    examples: Annotated[list[Path] | None, typer.Option(help="table of examples; may be given again")] = None,
    judged: Annotated[list[Path] | None, typer.Option(help="judge: table of judged sentences")] = None,
    seed: Annotated[int, typer.Option(help="of the choice and the order of rows")] = 0,
    rows: Annotated[int | None, typer.Option(help="training rows in all, in the mix's proportions")] = None,
    scale: Annotated[float, typer.Option(help="of the mix's counts and ratios")] = 1.0,
    style: Annotated[str, typer.Option(help="of the prompts: full, direct or short")] = "full",
    max_pixels: Annotated[int, typer.Option(help="that a picture is reduced to")] = MAX_PIXELS,
) -> None:
    """Write a stage's parquet files."""
    try:
        tables = (*(examples or ()), *(judged or ()))
        config = MixConfig(stage, tables, out, seed, rows, scale, style, max_pixels)
        content = mix(config)
    except ValueError as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(1) from None
    typer.echo(_summary(out, content))


if __name__ == "__main__":
    app()
