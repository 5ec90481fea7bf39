"""Schemas of the tables between the steps of data preparation, and of the parquet files that verl trains on.

    sources --ingest--> PAIRS --annotate--> ANNOTATED --label--> LABELED --+
                          |                                                +--mix--> RL, SFT
                          +-----synthesize-----> EXAMPLES -----------------+
                                  `------------> JUDGED ---------------------mix--> JUDGE

A table is a folder of parquet shards (iea.data_prep.runner) or one parquet file. Paths in it are absolute, since Ray
workers have another working directory; "" marks a missing value, so that no column is null.

verl 0.9.1 reads RL and SFT rows: `images` holds one dict for each `<image>` in the text, without a `bytes` key (its
presence, even null, makes verl decode it) and with its pixel bounds, to which qwen_vl_utils resizes. Of SFT rows verl reads
`messages` and `images`; the other columns are informational. The reward model reads text alone: its file has no `images`.
"""

from collections.abc import Mapping
from typing import get_type_hints

import pyarrow as pa

from iea.data_prep.column_types import misfit
from iea.reward_fns.example import Example

_TEXTS = pa.list_(pa.string())

PAIRS = pa.schema(
    [
        ("source", pa.string()),  # "gier", "fivek", ...: the key in sources.SOURCES
        ("name", pa.string()),  # unique within the source
        ("photo", pa.string()),  # the scene: rows of one photo share a split
        ("group", pa.string()),  # photographs that are near-duplicates of each other share it
        ("split", pa.string()),  # train, val or test; one for the whole group
        ("original", pa.string()),  # 8-bit (or 16-bit) sRGB, upright
        ("reference", pa.string()),  # of the same size; "" for a single photograph
        ("width", pa.int64()),
        ("height", pa.int64()),
        ("expert", _TEXTS),  # requests in photographers' words
        ("amateur", _TEXTS),  # requests in everyday words
        ("operators", _TEXTS),  # names of our tools that the source says were used
        ("program", pa.string()),  # JSON, if the source has true slider values; else ""
        ("license", pa.string()),
        ("categories", pa.string()),  # JSON object of strings
        ("alignment", pa.string()),  # method by which the sizes were made equal: "same", "scaled" or "registered"
        ("phash", pa.string()),  # 64-bit perceptual hash of the original, hex
        ("d_before", pa.float64()),  # D(original, reference); 0 without a reference
        ("weight", pa.float64()),  # of the photograph in synthesis: 0.25 = a quarter of the others' pairs
    ]
)

ANNOTATED = pa.schema(
    [
        *PAIRS,
        ("teacher", pa.string()),  # a model's name, or "offline"
        ("reasoning", pa.string()),  # the rationale: step by step, in words
        ("start", pa.string()),  # JSON, the teacher's program, or ""
        ("summaries_expert", _TEXTS),
        ("summaries_amateur", _TEXTS),
    ]
)

LABELED = pa.schema(
    [
        *ANNOTATED,
        ("label", pa.string()),  # JSON, the program that the search found
        ("r_like", pa.float64()),
        ("r_use", pa.float64()),
        ("evaluations", pa.int64()),
        ("oracle", pa.string()),  # JSON, the oracle's program
        ("oracle_r_like", pa.float64()),  # the upper bound that a policy is compared with
    ]
)

EXAMPLES = pa.schema(
    [(name, pa.float64() if kind is float else pa.string()) for name, kind in get_type_hints(Example).items()]
)
"""One column for each field of `iea.reward_fns.example.Example`, which documents them."""

JUDGED = pa.schema(
    [
        ("name", pa.string()),
        ("split", pa.string()),
        ("kind", pa.string()),  # exact, magnitude, sign, ...: the rubric's line
        ("persona", pa.string()),  # of the prediction
        ("reference", pa.string()),  # the intended edit, one sentence
        ("prediction", pa.string()),  # a model's summary of it
        ("score", pa.int64()),  # -10..10, by iea.data_prep.language.rubric
        ("reference_program", pa.string()),  # JSON, its tools in the sentence's order; so is the prediction's
        ("prediction_program", pa.string()),  # "" if the prediction names no edit
    ]
)

_MESSAGES = pa.list_(pa.struct([("role", pa.string()), ("content", pa.string())]))
_IMAGES = pa.list_(pa.struct([("image", pa.string()), ("min_pixels", pa.int64()), ("max_pixels", pa.int64())]))
EXTRA_INFO = pa.struct(
    [
        ("index", pa.int64()),  # of the row in its file
        ("split", pa.string()),
        ("photo", pa.string()),
        ("original", pa.string()),
        ("reference", pa.string()),
        ("kind", pa.string()),  # edit, auto, summary, refine, look; auto = edit without a request
        ("program", pa.string()),  # JSON
        ("task", pa.string()),  # edit, summary, refine, look
        ("origin", pa.string()),  # a source's name, or "synthetic"
        ("name", pa.string()),  # of the example
        ("persona", pa.string()),  # of the request
        ("previous", pa.string()),  # refine: the image of the turn before; gains are relative to D(previous, reference)
        ("first_text", pa.string()),  # refine: the request of the turn before
        ("previous_program", pa.string()),  # refine, look: JSON; "" if it is not known
        ("text", pa.string()),  # edit, refine: the request
        ("summaries", pa.list_(pa.string())),  # summary: all correct answers, the row's own first
        ("d_before", pa.float64()),
        ("oracle_r_like", pa.float64()),
    ]
)

RL_SCHEMA = pa.schema(
    [
        ("data_source", pa.string()),  # "iea/" and the kind
        ("prompt", _MESSAGES),
        ("images", _IMAGES),
        ("ability", pa.string()),  # the task
        ("reward_model", pa.struct([("style", pa.string()), ("ground_truth", pa.string())])),
        ("extra_info", EXTRA_INFO),
    ]
)
SFT_SCHEMA = pa.schema(
    [("messages", _MESSAGES), ("images", _IMAGES), ("data_source", pa.string()), ("extra_info", EXTRA_INFO)]
)
JUDGE_COLUMNS = ("split", "name", "kind", "persona", "reference", "prediction", "score")  # of JUDGED
JUDGE_SCHEMA = pa.schema(
    [
        ("messages", _MESSAGES),
        ("data_source", pa.string()),  # "iea/judge"
        ("extra_info", pa.struct([("index", pa.int64()), *(JUDGED.field(name) for name in JUDGE_COLUMNS)])),
    ]
)

_FACTS = ("index", "name", "photo", "kind", "original", "reference", "program")
EVALUATED = pa.schema(
    [
        ("data_source", pa.string()),
        ("prompt", _MESSAGES),
        ("extra_info", pa.struct([EXTRA_INFO.field(name) for name in _FACTS])),
    ]
)
"""The part of RL that an evaluation reads; files of other versions may differ in the rest."""
JUDGED_PAIRS = pa.schema(
    [
        (
            "extra_info",
            pa.struct([("index", pa.int64()), *(JUDGED.field(name) for name in JUDGE_COLUMNS if name != "split")]),
        )
    ]
)
"""The part of JUDGE that an evaluation of the judge reads."""

MESSAGES_COLUMN = pa.schema([SFT_SCHEMA.field("messages")])
IMAGES_COLUMN = pa.schema([SFT_SCHEMA.field("images")])

TABLES: Mapping[str, pa.Schema] = {
    "PAIRS": PAIRS,
    "ANNOTATED": ANNOTATED,
    "LABELED": LABELED,
    "EXAMPLES": EXAMPLES,
    "JUDGED": JUDGED,
    "RL": RL_SCHEMA,
    "SFT": SFT_SCHEMA,
    "JUDGE": JUDGE_SCHEMA,
    "EVALUATED": EVALUATED,
    "JUDGED_PAIRS": JUDGED_PAIRS,
}
"""Name of a table -> its schema."""

_TURNED = pa.struct([JUDGED.field(name) for name in ("reference", "prediction")])
_UNIQUE = {  # table -> columns that no table after it has, of these types
    "RL": pa.schema([RL_SCHEMA.field("prompt")]),
    "SFT": pa.schema([("images", pa.list_(pa.struct([("image", pa.string())]))), SFT_SCHEMA.field("messages")]),
    "JUDGE": pa.schema([JUDGE_SCHEMA.field("messages"), ("extra_info", _TURNED)]),
    "JUDGED": pa.schema(list(_TURNED)),
    "EXAMPLES": pa.schema([EXAMPLES.field("previous_program")]),
    "LABELED": pa.schema([LABELED.field(name) for name in ("label", "original")]),
    "ANNOTATED": pa.schema([ANNOTATED.field(name) for name in ("teacher", "original")]),
    "PAIRS": pa.schema([PAIRS.field(name) for name in ("operators", "original")]),
}


def table_name(found: pa.Schema) -> str:
    """Return the name of the schema to which a table with these columns belongs.

    >>> table_name(JUDGED)
    'JUDGED'

    Raises
    ------
    ValueError : the columns belong to none; the text names those of a known name and another type
    """
    for name, columns in _UNIQUE.items():
        if misfit(found, columns) is None:
            return name
    faults = [
        misfit(found, pa.schema([one])) for columns in _UNIQUE.values() for one in columns if one.name in found.names
    ]
    raise ValueError(
        "a table must have the columns of a schema in iea.data_prep.schema, "
        f"got columns {', '.join(found.names)}{''.join(f'; {fault}' for fault in dict.fromkeys(faults) if fault)}"
    )
