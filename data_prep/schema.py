"""The tables between the steps of data preparation: one explicit schema each, one row schema for all three tasks.

    photographs --ingest--> PAIRS --teach--> ANNOTATED --distil--> LABELED --+
                                                                            +--> EXAMPLES --mix--> verl parquet
    photographs --synthesize------------------------------------------------+--> JUDGED  --mix--> reward model's

Every table is a folder of parquet shards (iea.data_prep.runner). Paths in it are absolute, for Ray workers run
elsewhere; "" stands for what a row does not have, so that no column is null.
"""

from __future__ import annotations

from typing import get_type_hints

import pyarrow as pa

from iea.reward_fns.example import Example

_TEXTS = pa.list_(pa.string())

PAIRS = pa.schema(
    [
        ("source", pa.string()),  # "gier", "fivek", ...: the key in sources.SOURCES
        ("name", pa.string()),  # unique within the source
        ("photo", pa.string()),  # the scene: rows of one photo are never split
        ("group", pa.string()),  # photographs that are near-duplicates of each other share it
        ("split", pa.string()),  # train, val or test; one for the whole group
        ("original", pa.string()),  # 8-bit (or 16-bit) sRGB, upright
        ("reference", pa.string()),  # of the same size; "" where the source holds single photographs
        ("width", pa.int64()),
        ("height", pa.int64()),
        ("expert", _TEXTS),  # requests in photographers' words
        ("amateur", _TEXTS),  # requests in everybody's words
        ("operators", _TEXTS),  # names of our tools that the source says were used
        ("program", pa.string()),  # JSON, where the source holds true slider values
        ("licence", pa.string()),
        ("categories", pa.string()),  # JSON object of strings
        ("alignment", pa.string()),  # "same" size, or how it was made the same
        ("phash", pa.string()),  # 64-bit perceptual hash of the original, hex
        ("d_before", pa.float64()),  # D(original, reference); 0 without a reference
    ]
)

ANNOTATED = pa.schema(
    [
        *PAIRS,
        ("teacher", pa.string()),  # who answered: a model's name, or "offline"
        ("reasoning", pa.string()),  # step by step, in words
        ("start", pa.string()),  # JSON, the teacher's program; "" where it gave none
        ("summaries_expert", _TEXTS),
        ("summaries_amateur", _TEXTS),
    ]
)

LABELED = pa.schema(
    [
        *ANNOTATED,
        ("found", pa.string()),  # JSON, the program of the search
        ("r_like", pa.float64()),
        ("r_use", pa.float64()),
        ("evaluations", pa.int64()),
        ("oracle", pa.string()),  # JSON, the oracle's program
        ("oracle_r_like", pa.float64()),  # the ceiling that a policy is judged by
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
        ("reference", pa.string()),  # what was meant, one sentence
        ("prediction", pa.string()),  # what a model said was meant
        ("score", pa.int64()),  # -10..10, by iea.data_prep.language.rubric
        ("reference_program", pa.string()),  # JSON, its tools in the sentence's order; so is the prediction's
        ("prediction_program", pa.string()),  # "" where the prediction names no edit
    ]
)
