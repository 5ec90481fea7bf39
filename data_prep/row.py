"""Turn examples into the parquet rows that verl reads: one schema for RL, one for SFT, one for the reward model.

verl 0.9.1: `images` holds one dict for each `<image>` in the text; it must have no `bytes` key (its presence,
even null, makes verl decode it) and carries its pixel bounds, for qwen_vl_utils resizes by them. Paths are
absolute because Ray workers run elsewhere. SFT reads `messages` and `images`; its other columns are for people. The
reward model reads text alone, and its file has no `images` column at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from iea.reward_fns.example import Example
from iea.reward_fns.judge.prompt import judge_messages
from iea.reward_fns.prompts import Style, effective_style
from iea.reward_fns.tasks import Task, task_named

_MESSAGES = pa.list_(pa.struct([("role", pa.string()), ("content", pa.string())]))
_IMAGES = pa.list_(
    pa.struct([("image", pa.string()), ("min_pixels", pa.int64()), ("max_pixels", pa.int64())])
)
_EXTRA_INFO = pa.struct(
    [
        ("index", pa.int64()),  # of the row in its file
        ("split", pa.string()),
        ("photo", pa.string()),
        ("original", pa.string()),
        ("reference", pa.string()),
        ("kind", pa.string()),  # the data source without "iea/"
        ("program", pa.string()),  # JSON
        ("task", pa.string()),  # a key of iea.reward_fns.tasks.TASKS
        ("origin", pa.string()),  # a source's name, or "synthetic"
        ("name", pa.string()),  # of the example
        ("persona", pa.string()),  # who speaks
        ("previous", pa.string()),  # refine: the picture so far; gains count from D(previous, reference)
        ("first_text", pa.string()),  # refine: the request before
        ("text", pa.string()),  # edit, refine: the request
        ("summaries", pa.list_(pa.string())),  # summary: all right answers, the row's own first
        ("d_before", pa.float64()),
        ("oracle_r_like", pa.float64()),
    ]
)
_COPIED = tuple(field.name for field in _EXTRA_INFO if field.name in Example.__dataclass_fields__)

RL_SCHEMA = pa.schema(
    [
        ("data_source", pa.string()),  # by which the reward finds the task
        ("prompt", _MESSAGES),
        ("images", _IMAGES),
        ("ability", pa.string()),  # the task
        ("reward_model", pa.struct([("style", pa.string()), ("ground_truth", pa.string())])),
        ("extra_info", _EXTRA_INFO),
    ]
)
SFT_SCHEMA = pa.schema(
    [
        ("messages", _MESSAGES),
        ("images", _IMAGES),
        ("data_source", pa.string()),
        ("extra_info", _EXTRA_INFO),
    ]
)
JUDGE_SCHEMA = pa.schema(
    [
        ("messages", _MESSAGES),
        ("data_source", pa.string()),  # "iea/judge"
        (
            "extra_info",
            pa.struct(
                [
                    ("index", pa.int64()),
                    ("split", pa.string()),
                    ("name", pa.string()),
                    ("kind", pa.string()),  # the rubric's line
                    ("persona", pa.string()),
                    ("reference", pa.string()),
                    ("prediction", pa.string()),
                    ("score", pa.int64()),
                ]
            ),
        ),
    ]
)

MIN_PIXELS = 4 * 28 * 28  # the least that Qwen2.5-VL's processor takes
MAX_PIXELS = 262_144  # 512 x 512, the published configuration: 335 tokens a picture


@dataclass(frozen=True)
class PromptConfig:
    """The style of the prompts, and the bounds, in pixels, into which verl resizes the images."""

    style: Style = "full"
    min_pixels: int = MIN_PIXELS
    max_pixels: int = MAX_PIXELS


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


def rl_row(record: Record, size: int) -> dict[str, Any]:
    """A row of `RL_SCHEMA`; `size` is the side of the pictures in pixels."""
    return example_to_rl(_example(record, record.program), record.index, _as_it_is(size))


def sft_row(record: Record, size: int) -> dict[str, Any]:
    """A row of `SFT_SCHEMA`: the same prompt, answered with the label."""
    return example_to_sft(_example(record, record.label), record.index, _as_it_is(size))


def example_to_rl(
    example: Example, index: int, config: PromptConfig, summaries: Sequence[str] = ()
) -> dict[str, Any]:
    """Return a row of `RL_SCHEMA`.

    Parameters
    ----------
    index : of the row in its file
    summaries : further right answers of a summary
    """
    task = task_named(example.task)
    return {
        "data_source": task.data_source(example),
        "prompt": task.messages(example, config.style),
        "images": _images(task, example, config),
        "ability": task.name,
        "reward_model": {"style": "rule", "ground_truth": task.solution(example)},
        "extra_info": _extra_info(task, example, index, summaries),
    }


def example_to_sft(
    example: Example, index: int, config: PromptConfig, summaries: Sequence[str] = ()
) -> dict[str, Any]:
    """Return a row of `SFT_SCHEMA`: the prompt and its answer, in the style that the example can be taught in."""
    task, style = task_named(example.task), effective_style(example, config.style)
    return {
        "messages": [
            *task.messages(example, style),
            {"role": "assistant", "content": task.answer(example, style)},
        ],
        "images": _images(task, example, config),
        "data_source": task.data_source(example),
        "extra_info": _extra_info(task, example, index, summaries),
    }


def judged_to_sft(judged: dict[str, Any], index: int) -> dict[str, Any]:
    """Return a row of `JUDGE_SCHEMA` from one of JUDGED."""
    asked = judge_messages(judged["reference"], judged["prediction"])
    kept = ("split", "name", "kind", "persona", "reference", "prediction", "score")
    return {
        "messages": [*asked, {"role": "assistant", "content": str(judged["score"])}],
        "data_source": "iea/judge",
        "extra_info": {"index": index} | {key: judged[key] for key in kept},
    }


def _example(record: Record, program: str) -> Example:
    """The example of a record: its texts are made from templates, and so are its pictures."""
    return Example(
        task="edit",
        origin="synthetic",
        name=f"{record.split}-{record.index:06d}",
        photo=record.photo,
        split=record.split,
        persona="template" if record.kind == "edit" else "vague",
        original=record.original,
        reference=record.reference,
        text=record.text,
        program=program,
        d_before=record.d_before,
        oracle_r_like=record.program_rating[0],
    )


def _as_it_is(size: int) -> PromptConfig:
    """The tiny model's prompt, and square pictures that are not resized."""
    return PromptConfig("short", size * size, size * size)


def _images(task: Task, example: Example, config: PromptConfig) -> list[dict[str, Any]]:
    return [
        {"image": path, "min_pixels": config.min_pixels, "max_pixels": config.max_pixels}
        for path in task.image_paths(example)
    ]


def _extra_info(task: Task, example: Example, index: int, summaries: Sequence[str]) -> dict[str, Any]:
    own = [example.summary] if example.summary else []
    return {
        "index": index,
        "kind": task.kind(example),
        "summaries": list(dict.fromkeys((*own, *summaries))),
        **{key: getattr(example, key) for key in _COPIED},
    }
