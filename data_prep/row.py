"""The parquet rows verl reads: one explicit schema for RL, one for SFT, and how a record becomes a row.

verl 0.9.1: `images` holds one dict for each `<image>` in the text; it must have no `bytes` key (its presence,
even null, makes verl decode it) and carries its pixel bounds, for qwen_vl_utils resizes by them. Paths are
absolute because Ray workers run elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pyarrow as pa

_MESSAGES = pa.list_(pa.struct([("role", pa.string()), ("content", pa.string())]))
_IMAGES = pa.list_(
    pa.struct([("image", pa.string()), ("min_pixels", pa.int64()), ("max_pixels", pa.int64())])
)

RL_SCHEMA = pa.schema(
    [
        ("data_source", pa.string()),
        ("prompt", _MESSAGES),
        ("images", _IMAGES),
        ("ability", pa.string()),
        ("reward_model", pa.struct([("style", pa.string()), ("ground_truth", pa.string())])),
        (
            "extra_info",
            pa.struct(
                [
                    ("index", pa.int64()),
                    ("split", pa.string()),
                    ("photo", pa.string()),
                    ("original", pa.string()),
                    ("reference", pa.string()),
                    ("kind", pa.string()),
                    ("program", pa.string()),
                ]
            ),
        ),
    ]
)
SFT_SCHEMA = pa.schema([("messages", _MESSAGES), ("images", _IMAGES)])


@dataclass(frozen=True)
class Record:
    """What is known of one example once its pictures are written; `reference` is "" for SFT rows.

    `program` and `label` are compact JSON; ratings are (r_like, r_use) of each; `pixels` is a digest of the
    pictures.
    """

    split: str
    index: int
    kind: str
    photo: str
    text: str
    program: str
    label: str
    original: str
    reference: str
    d_before: float
    program_rating: tuple[float, float]
    label_rating: tuple[float, float]
    tries: int
    pixels: str


def _image(path: str, size: int) -> dict[str, Any]:
    return {"image": path, "min_pixels": size * size, "max_pixels": size * size}


def rl_row(record: Record, size: int) -> dict[str, Any]:
    """A row of `RL_SCHEMA`; `size` is the side of the pictures in pixels."""
    return {
        "data_source": f"iea/{record.kind}",
        "prompt": [{"role": "user", "content": "<image>" + record.text}],
        "images": [_image(record.original, size)],
        "ability": "edit",
        "reward_model": {"style": "rule", "ground_truth": record.program},
        "extra_info": {
            "index": record.index,
            "split": record.split,
            "photo": record.photo,
            "original": record.original,
            "reference": record.reference,
            "kind": record.kind,
            "program": record.program,
        },
    }


def sft_row(record: Record, size: int) -> dict[str, Any]:
    """A row of `SFT_SCHEMA`: the same prompt, answered with the label."""
    return {
        "messages": [
            {"role": "user", "content": "<image>" + record.text},
            {"role": "assistant", "content": record.label},
        ],
        "images": [_image(record.original, size)],
    }
