"""Turn examples into the parquet rows that verl reads; their schemas are in iea.data_prep.schema."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from iea.data_prep.image_sizes import MIN_PIXELS
from iea.data_prep.schema import EXTRA_INFO, JUDGE_COLUMNS
from iea.reward_fns.example import Example
from iea.reward_fns.judge.prompt import judge_messages
from iea.reward_fns.prompts import Style, effective_style
from iea.reward_fns.tasks import Task, task_named

_COPIED = tuple(field.name for field in EXTRA_INFO if field.name in Example.__dataclass_fields__)
MAX_PIXELS = 262_144  # 512 x 512, the published configuration: 335 tokens per image


@dataclass(frozen=True)
class PromptConfig:
    """The style of the prompts, and the bounds, in pixels, into which verl resizes the images."""

    style: Style = "full"
    min_pixels: int = MIN_PIXELS
    max_pixels: int = MAX_PIXELS


def example_to_rl(example: Example, index: int, config: PromptConfig, summaries: Sequence[str] = ()) -> dict[str, Any]:
    """Return a row of `RL_SCHEMA`.

    Parameters
    ----------
    index : of the row in its file
    summaries : further correct answers of a summary
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


def example_to_sft(example: Example, index: int, config: PromptConfig, summaries: Sequence[str] = ()) -> dict[str, Any]:
    """Return a row of `SFT_SCHEMA`: the prompt and its answer, in the style that the example supports."""
    task, style = task_named(example.task), effective_style(example, config.style)
    return {
        "messages": [*task.messages(example, style), {"role": "assistant", "content": task.answer(example, style)}],
        "images": _images(task, example, config),
        "data_source": task.data_source(example),
        "extra_info": _extra_info(task, example, index, summaries),
    }


def judged_to_sft(judged: dict[str, Any], index: int) -> dict[str, Any]:
    """Return a row of `JUDGE_SCHEMA` from one of JUDGED."""
    prompt = judge_messages(judged["reference"], judged["prediction"])
    return {
        "messages": [*prompt, {"role": "assistant", "content": str(judged["score"])}],
        "data_source": "iea/judge",
        "extra_info": {"index": index} | {key: judged[key] for key in JUDGE_COLUMNS},
    }


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
