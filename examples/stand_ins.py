"""Make stand-in photographs for annotation folders without their photographs.

    python examples/stand_ins.py gier --annotations /data/gier --out work/standin/gier --count 60
    python examples/stand_ins.py fivek --annotations /data/fivek --out work/standin/fivek --count 30
    python examples/stand_ins.py gier --own --out work/standin/gier --count 16

Writes a folder that `iea data ingest` accepts as the data set: the first records that our source keeps, and for each a crop
of a photograph from the wheels and the same crop rendered by a program of the record's operators. `--own` also makes the
annotations, in the same form, with texts by our grammar. A request does not describe its stand-in, except with `--own`:
stand-ins are for running the pipeline, not for training. The same arguments give the same images.
"""

import hashlib
import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, TypeAlias

import numpy as np
import typer
from numpy.typing import NDArray

from iea.data_prep.files import write_json
from iea.data_prep.ingest.decode import to_8_bits, to_16_bits
from iea.data_prep.ingest.prophoto import GAMMA, PRIMARIES
from iea.data_prep.ingest.resample import resample
from iea.data_prep.ingest.sources import SOURCES, Listed
from iea.data_prep.ingest.sources.bundled import everyday_photographs
from iea.data_prep.ingest.sources.gier import OPERATORS, annotation_files, pair_name
from iea.data_prep.ingest.sources.records import read_records
from iea.data_prep.language.requests import paraphrase
from iea.data_prep.mix.mixture import shares
from iea.data_prep.synthesize.crops import is_usable
from iea.editor import TOOLS, Image, Program, render
from iea.editor.io import read_image, write_image

Row: TypeAlias = dict[str, Any]
Annotations: TypeAlias = Mapping[str, Sequence[Row]]
"""Name of an annotation file -> its records."""

CROP = (0.35, 0.7)  # of the photograph's sides: small, so that two crops of one photograph are rarely near-duplicates
VALUES = (20, 61)  # of the tools, in both directions: clearly visible, and edges keep their place
EXPERTS = "AB"  # of FiveK whose versions are made
OWN_VAL = 5  # every fifth of our own records is for validation
SRGB_TO_XYZ = (  # linear sRGB to XYZ under D50, IEC 61966-2-1 with Bradford's adaptation
    (0.4360747, 0.3850649, 0.1430804),
    (0.2225045, 0.7168786, 0.0606169),
    (0.0139322, 0.0971045, 0.7141733),
)

app = typer.Typer(add_completion=False)


def rng_of(*key: object) -> np.random.Generator:
    """Return a generator that depends only on `key`."""
    return np.random.default_rng(list(hashlib.sha256(repr(key).encode()).digest()))


def stand_in(key: str, side: int) -> Image:
    """Return a usable crop of a photograph, 4:3 or 3:4, with a long side of at most `side` pixels; uint8."""
    rng = rng_of("picture", key)
    while True:
        photo = _photographs()[int(rng.integers(len(_photographs())))]
        height, width = photo.shape[:2]
        shape = np.array((4, 3) if rng.random() < 0.5 else (3, 4))  # width, height
        size = shape * float(rng.uniform(*CROP)) * float(np.min((width, height) / shape))
        left, top = rng.uniform(0, (width, height) - size)
        scale = min(1.0, side / float(size.max()))
        target = round(scale * float(size[0])), round(scale * float(size[1]))
        right, bottom = left + float(size[0]), top + float(size[1])
        crop = to_8_bits(resample(photo, (left, top, right, bottom), target)).astype(np.uint8, copy=False)
        if is_usable(crop):
            return crop


@lru_cache(maxsize=1)
def _photographs() -> list[Image]:
    """Read the everyday photographs of the wheels."""
    return [read_image(path) for path in everyday_photographs().values()]


def program_of(key: str, tools: Sequence[str]) -> Program:
    """Draw a value for each of `tools`."""
    rng = rng_of("program", key)
    signs = {tool: int(rng.choice([1, -1] if TOOLS[tool].low < 0 else [1])) for tool in tools}
    return Program({tool: sign * int(rng.integers(*VALUES)) for tool, sign in signs.items()})


def first_records(source: str, root: Path, count: int) -> Annotations:
    """Return `count` records that our source keeps: the first of each file, in proportion to its size.

    Raises
    ------
    ValueError : no annotation file below `root`
    """
    kept = {one.name for one in SOURCES[source].list(root) if isinstance(one, Listed)}
    files = {
        path.name: [row for row in read_records(path) if isinstance(row, dict) and _name(source, row) in kept]
        for path, _ in annotation_files(root)
    }
    counts = shares([len(rows) for rows in files.values()], min(count, sum(map(len, files.values()))))
    return {name: rows[:number] for (name, rows), number in zip(files.items(), counts, strict=True)}


def _name(source: str, row: Row) -> str:
    """Return the name of the pair in the source."""
    original, reference = str(row.get("input")), str(row.get("output"))
    return pair_name(original, reference) if source == "gier" else Path(reference).stem


def own_gier(count: int) -> Annotations:
    """Make records in GIER's form, with random operators and texts that describe the program of `program_of`."""
    named = sorted(name for name, tool in OPERATORS.items() if tool and name not in ("sharpen", "black&white"))
    rows = []
    for number in range(count):
        rng = rng_of("own gier", number)
        operators = [str(name) for name in rng.choice(named, int(rng.integers(1, 4)), replace=False)]
        row: Row = {"input": f"own{number:04d}_own{number:04d}.jpg", "output": f"own{number:04d}_edit.jpg"}
        row["operator"] = {name: {"local": False, "ids": []} for name in operators}
        program = program_of(_name("gier", row), gier_tools(row))
        row["expert_summary"] = [paraphrase(rng, program, "expert")]
        row["amateur_summary"] = [paraphrase(rng, program, "amateur")]
        rows.append(row)
    return _own_files(rows)


def own_fivek(count: int) -> Annotations:
    """Make records in FiveKReq's form."""
    rows: list[Row] = [
        {"input": f"{n}_O.jpg", "output": f"{n}_{EXPERTS[n % len(EXPERTS)]}.jpg"} for n in range(1, count + 1)
    ]
    for row in rows:
        name = _name("fivek_req", row)
        row["request"] = paraphrase(rng_of("own fivek", name), program_of(name, fivek_tools(name)), "amateur")
    return _own_files(rows)


def _own_files(rows: Sequence[Row]) -> Annotations:
    held = [number % OWN_VAL == OWN_VAL - 1 for number in range(len(rows))]
    return {
        "train_sess_1.json": [row for row, out in zip(rows, held, strict=True) if not out],
        "val_sess_1.json": [row for row, out in zip(rows, held, strict=True) if out],
    }


def gier_tools(row: Row) -> list[str]:
    """Return our tools for a record's operators."""
    return sorted({tool for name in row["operator"] if (tool := OPERATORS[name])})


def fivek_tools(name: str) -> list[str]:
    """Draw three to five tools that an expert may have used; FiveK does not list them."""
    rng = rng_of("tools", name)
    plain = [tool for tool in TOOLS if tool not in ("grain", "vignette", "fade")]
    return sorted(str(tool) for tool in rng.choice(plain, int(rng.integers(3, 6)), replace=False))


@contextmanager
def whole(out: Path) -> Iterator[Path]:
    """Yield a folder that becomes `out` on success.

    Raises
    ------
    typer.BadParameter : `out` exists
    """
    if out.exists():
        raise typer.BadParameter(f"--out must be a new folder, got {str(out)!r}; remove it to make it again")
    partial = out.with_name(f"{out.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    yield partial
    partial.rename(out)


def write_annotations(out: Path, annotations: Annotations) -> None:
    """Write the annotation files and make the folder of images."""
    (out / "images").mkdir()
    for name, rows in annotations.items():
        (out / name).write_text(json.dumps(rows, indent=1))


def write_pair(out: Path, row: Row, key: str, program: Program, side: int) -> None:
    """Write the two images of a record; `key` decides the crop."""
    original = stand_in(key, side)
    write_image(out / "images" / row["input"], original)
    write_image(out / "images" / row["output"], render(original, program))


def write_tiffs(out: Path, split: str, numbers: Sequence[int], side: int) -> None:
    """Write FiveK itself, in ProPhoto RGB: originals, the experts' versions, and the file with the split."""
    about = {}
    for number in numbers:
        stem = f"a{number:04d}-stand_in"
        about[stem] = {"id": number, "categories": {"subject": "stand-in"}}
        original = to_16_bits(stand_in(_scene(number), side))
        versions = {e: program_of(f"{number}_{e}", fivek_tools(f"{number}_{e}")) for e in EXPERTS}
        images = {"o": original} | {e.lower(): render(original, program) for e, program in versions.items()}
        for letter, pixels in images.items():
            path = out / f"tiff16_{letter}" / f"{stem}.tif"
            path.parent.mkdir(parents=True, exist_ok=True)
            write_image(path, srgb_to_prophoto(pixels))
    write_json(out / f"{split}.json", about)


def number_of(row: Row) -> int:
    """Return FiveK's number of a record's photograph: 3458 of 3458_O.jpg."""
    return int(row["input"].split("_")[0])


def _scene(number: int) -> str:
    return f"fivek/{number}"


def srgb_to_prophoto(image: Image) -> NDArray[np.uint16]:
    """Convert (H, W, 3) uint16 sRGB to uint16 ProPhoto RGB."""
    encoded = image / 65535
    linear = np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)
    to_prophoto = np.linalg.inv(np.array(PRIMARIES).T) @ np.array(SRGB_TO_XYZ)
    light = np.clip(linear @ to_prophoto.T, 0, 1) ** (1 / GAMMA)
    wide: NDArray[np.uint16] = np.rint(light * 65535).astype(np.uint16)
    return wide


OWN = {"gier": own_gier, "fivek_req": own_fivek}


def _chosen(source: str, annotations: Path | None, own: bool, count: int) -> Annotations:
    """Return the records to make images for."""
    if own == (annotations is not None):
        raise typer.BadParameter(f"either --annotations or --own must be given, got {annotations} and {own}")
    try:
        return first_records(source, annotations, count) if annotations else OWN[source](count)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


OutOption = Annotated[Path, typer.Option(help="folder to write")]
AnnotationsOption = Annotated[Path | None, typer.Option(help="folder with the data set's annotation files")]
OwnOption = Annotated[bool, typer.Option("--own", help="make our own annotations")]
CountOption = Annotated[int, typer.Option(help="records", min=1)]
SideOption = Annotated[int, typer.Option(help="px, longer side of the images", min=40)]


@app.command()
def gier(
    out: OutOption,
    annotations: AnnotationsOption = None,
    own: OwnOption = False,
    count: CountOption = 60,
    side: SideOption = 252,
) -> None:
    """Make a folder like GIER's."""
    chosen = _chosen("gier", annotations, own, count)
    rows = [row for some in chosen.values() for row in some]
    with whole(out) as folder:
        write_annotations(folder, chosen)
        for row in rows:
            program = program_of(_name("gier", row), gier_tools(row))
            write_pair(folder, row, row["input"], program, side)
    typer.echo(f"{out}: {len(rows)} records with stand-in photographs")


@app.command()
def fivek(
    out: OutOption,
    annotations: AnnotationsOption = None,
    own: OwnOption = False,
    count: CountOption = 30,
    tiffs: Annotated[int, typer.Option(help="photographs that are also written as FiveK's TIFFs", min=0)] = 6,
    side: SideOption = 252,
) -> None:
    """Make a folder like FiveKReq's, with some photographs in FiveK's own form."""
    chosen = _chosen("fivek_req", annotations, own, count)
    rows = [row for some in chosen.values() for row in some]
    train = [row for name, some in chosen.items() if name.startswith("train") for row in some]
    numbers = sorted({number_of(row) for row in train})[:tiffs]
    with whole(out) as folder:
        write_annotations(folder, chosen)
        for row in rows:
            name = _name("fivek_req", row)
            write_pair(folder, row, _scene(number_of(row)), program_of(name, fivek_tools(name)), side)
        write_tiffs(folder, "training", numbers, side)
    typer.echo(f"{out}: {len(rows)} records with stand-in photographs, {len(numbers)} photographs as TIFFs")


if __name__ == "__main__":
    app()
