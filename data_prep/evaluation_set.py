"""Make the rows of a public test set: every pair of a source and every request of it, for `iea evaluate --rows`.

    iea data evaluation-set gier --root /data/gier --out work/gier
    iea data evaluation-set fivek --root /data/fivek --expert c --split test --out work/fivek_c

No pair is left out because it is hard: only those that ingest rejects, with their reasons in OUT/pairs/report.json. A pair with requests
gives an edit row for each, and a summary row with all of them as right answers; a pair without gives one edit without a
request. `photo` is the scene, of PPR10K the series, so that results can be grouped by it. Beside the columns of RL, `scope` is "local" where the
test set itself says that the edit is of a part of the image. The same command continues after an interruption.
"""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from math import nan
from pathlib import Path
from typing import Any

import pyarrow as pa

from iea.data_prep import runner
from iea.data_prep.annotate.step import read_pairs
from iea.data_prep.files import file_sha256, write_json, write_parquet
from iea.data_prep.ingest.decode import read_photograph
from iea.data_prep.ingest.step import MAX_PIXELS, PAIRS_FILE, IngestConfig, ingest
from iea.data_prep.ingest.step import summary as ingest_summary
from iea.data_prep.label.match import upper_bound
from iea.data_prep.lock import locked
from iea.data_prep.mix.verl_rows import PromptConfig, example_to_rl
from iea.data_prep.runner import Item, Row, Step
from iea.data_prep.schema import PAIRS, RL_SCHEMA
from iea.editor import Program
from iea.reward_fns.example import Example, ExampleError
from iea.reward_fns.prompts import STYLES

ROWS, MANIFEST = "rows.parquet", "rows.json"
SCHEMA = RL_SCHEMA.append(pa.field("scope", pa.string()))
BOUNDED = pa.schema([*PAIRS, ("oracle_r_like", pa.float64())])
SHARD_PAIRS = 8


@dataclass(frozen=True)
class EvaluationSetConfig:
    """Settings of one evaluation set.

    source : key of SOURCES
    root : folder of the source; not for bundled, which has none
    out : folder to write
    expert : use the pairs of one expert, such as c of FiveK; default: all
    split : use the pairs of one split of the source: train, val or test; default: all
    style : style of the prompts: full, direct or short
    max_pixels : size that larger images are reduced to, pixels
    oracle : search for the best program of each pair, for the bound of R_like
    """

    source: str
    root: Path | None
    out: Path
    expert: str = ""
    split: str = ""
    style: str = "full"
    max_pixels: int = MAX_PIXELS
    oracle: bool = True

    def __post_init__(self) -> None:
        if self.style not in STYLES:
            raise ValueError(f"style must be one of {', '.join(STYLES)}, got {self.style!r}")
        if self.split not in ("", "train", "val", "test"):
            raise ValueError(f"split must be train, val or test, got {self.split!r}")


def write_evaluation_set(config: EvaluationSetConfig, *, workers: int = 0, quiet: bool = False) -> dict[str, Any]:
    """Write OUT/rows.parquet. Returns the manifest, OUT/rows.json: the settings, the report of ingest, counts of rows.

    Raises
    ------
    ValueError : as of `ingest`, or no pair is of this expert and split
    """
    pairs = IngestConfig(config.source, config.root, config.out / "pairs", config.max_pixels)
    with locked(config.out, [config.root]):
        ingested = ingest(pairs, workers=workers, quiet=quiet)
        items = [item for item in read_pairs(pairs.out / PAIRS_FILE) if _is_wanted(item, config)]
        if not items:
            raise ValueError(
                f"an evaluation set must have pairs, got none of expert {config.expert!r} and split {config.split!r} "
                f"among {ingested['rows']} of {config.source}"
            )
        if config.oracle:
            step = Step("oracle", BOUNDED, bounded, {}, reads=("original", "reference"))
            runner.run(step, items, config.out / "oracle", workers=workers, shard_items=SHARD_PAIRS, quiet=quiet)
            items = runner.read_rows(config.out / "oracle")
        rejected = Counter[str]()
        rows = list(_rows(items, PromptConfig(config.style), rejected))  # type: ignore[arg-type]  # checked above
        write_parquet(config.out / ROWS, pa.Table.from_pylist(rows, schema=SCHEMA), compression="zstd")
        manifest = {
            "source": config.source,
            "summary": ingest_summary(ingested, config.source),
            "pairs": len(items),
            "rows": dict(Counter(row["extra_info"]["kind"] for row in rows)),
            "local": sum(row["scope"] == "local" for row in rows),
            "rejected_requests": dict(rejected),
            "sha256": file_sha256(config.out / ROWS),
        }
        write_json(config.out / MANIFEST, manifest)
    return manifest


def bounded(item: Item) -> list[Row]:
    """Return the row of a pair with the closest program that a long search finds, and its R_like."""
    original, reference = (read_photograph(Path(item[key])) for key in ("original", "reference"))
    known = Program.from_json(item["program"]) if item["program"] else Program()
    best = upper_bound(original, reference, known)
    return [item | {"program": best.program.to_json(), "oracle_r_like": best.rating["r_like"]}]


def _is_wanted(item: Item, config: EvaluationSetConfig) -> bool:
    expert = json.loads(item["categories"]).get("expert", "")
    of_split = config.split in ("", item["split"])
    return bool(item["reference"]) and of_split and config.expert.lower() in ("", expert)


def _rows(items: list[Item], config: PromptConfig, rejected: Counter[str]) -> Iterator[Row]:
    """Yield the rows of all pairs; count requests with reserved words in `rejected`."""
    index = 0
    for item in items:
        sentences = [text for persona in ("expert", "amateur") for text in item[persona]]
        for values in _examples(item, sentences):
            try:
                example = Example(**values)
            except ExampleError as error:
                rejected[error.reason] += 1
                continue
            row = example_to_rl(example, index, config, sentences if example.task == "summary" else ())
            yield row | {"scope": json.loads(item["categories"]).get("scope", "")}
            index += 1


def _examples(item: Item, sentences: list[str]) -> Iterator[dict[str, Any]]:
    known = {key: item[key] for key in ("photo", "group", "original", "reference", "program", "d_before")}
    known |= {"origin": item["source"], "split": "test", "oracle_r_like": item.get("oracle_r_like", nan)}
    asked = [(persona, text) for persona in ("expert", "amateur") for text in item[persona]] or [("none", "")]
    name = f"{item['source']}/{item['name']}"
    for number, (persona, text) in enumerate(asked):
        yield known | {"task": "edit", "name": f"{name}/edit-{number}", "persona": persona, "text": text}
    if sentences:
        yield known | {"task": "summary", "name": f"{name}/summary", "persona": asked[0][0], "summary": sentences[0]}


def summary(manifest: dict[str, Any], out: Path) -> str:
    """Describe an evaluation set in a few lines."""
    rows = ", ".join(f"{count} {kind}" for kind, count in manifest["rows"].items())
    lines = [
        manifest["summary"],
        f"{out / ROWS}: {rows} of {manifest['pairs']} pairs, {manifest['local']} of them local",
    ]
    lines += [f"  rejected {count} requests: {reason}" for reason, count in manifest["rejected_requests"].items()]
    return "\n".join(lines)
