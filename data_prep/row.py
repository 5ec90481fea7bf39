"""Rows of verl's parquet files, made of examples; their schemas are in iea.data_prep.schema."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from iea.data_prep.example import Example
from iea.data_prep.prompts import Style, answer, judge_answer, judge_messages, messages, suited
from iea.data_prep.schema import EXTRA_INFO

_COPIED = tuple(field.name for field in EXTRA_INFO if field.name in Example.__dataclass_fields__)
MIN_PIXELS = 4 * 28 * 28  # the least that Qwen2.5-VL's processor takes
MAX_PIXELS = 262_144  # 512 x 512, the published configuration: 335 tokens a picture


@dataclass(frozen=True)
class Look:
    """How examples are shown: the style of the prompt, and the bounds, in pixels, that pictures are resized into."""

    style: Style = "full"
    min_pixels: int = MIN_PIXELS
    max_pixels: int = MAX_PIXELS


def example_to_rl(example: Example, index: int, look: Look, summaries: Sequence[str] = ()) -> dict[str, Any]:
    """A row of `RL_SCHEMA`.

    Parameters
    ----------
    index : of the row in its file
    summaries : further right answers of a summary
    """
    return {
        "data_source": f"iea/{example.kind}",
        "prompt": messages(example, look.style),
        "images": _images(example, look),
        "ability": example.task,
        "reward_model": {"style": "rule", "ground_truth": example.solution},
        "extra_info": _extra_info(example, index, summaries),
    }


def example_to_sft(example: Example, index: int, look: Look, summaries: Sequence[str] = ()) -> dict[str, Any]:
    """A row of `SFT_SCHEMA`: the prompt and its answer, in the style that the example can be taught in."""
    style = suited(example, look.style)
    return {
        "messages": [
            *messages(example, style),
            {"role": "assistant", "content": answer(example, style)},
        ],
        "images": _images(example, look),
        "data_source": f"iea/{example.kind}",
        "extra_info": _extra_info(example, index, summaries),
    }


def judged_to_sft(judged: dict[str, Any], index: int) -> dict[str, Any]:
    """A row of `JUDGE_SCHEMA` from one of JUDGED."""
    asked = judge_messages(judged["reference"], judged["prediction"])
    kept = ("split", "name", "kind", "persona", "reference", "prediction", "score")
    return {
        "messages": [*asked, {"role": "assistant", "content": judge_answer(judged["score"])}],
        "data_source": "iea/judge",
        "extra_info": {"index": index} | {key: judged[key] for key in kept},
    }


def _images(example: Example, look: Look) -> list[dict[str, Any]]:
    return [
        {"image": path, "min_pixels": look.min_pixels, "max_pixels": look.max_pixels}
        for path in example.pictures
    ]


def _extra_info(example: Example, index: int, summaries: Sequence[str]) -> dict[str, Any]:
    own = [example.summary] if example.task == "summary" else []
    return {
        "index": index,
        "kind": example.kind,
        "summaries": list(dict.fromkeys((*own, *summaries))),
        **{key: getattr(example, key) for key in _COPIED},
    }
