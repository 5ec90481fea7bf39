"""Greedy answers of a policy that sees the result of its first program, as in training with the layer two_turns.

The first answers are those of the system `checkpoint`: the difference of both is what the second turn is worth.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import pandas as pd
from PIL import Image

from iea.data_prep.ingest.decode import to_8_bits
from iea.recipe.evaluation.systems import checkpoint
from iea.recipe.evaluation.systems.system import Settings, System
from iea.reward_fns.tasks import task_of
from iea.reward_fns.tasks.look import is_short, look_turn, render_answer


def answers(rows: pd.DataFrame, settings: Settings) -> list[str]:
    """Return the final answer to every row: the first one where it holds no program, and in other tasks than Image-Edit."""
    return start(settings)(rows)


def start(settings: Settings) -> Callable[[pd.DataFrame], list[str]]:
    """Load a policy, and return the function that generates its final answers."""
    return partial(_finals, checkpoint.start(settings))


def _finals(generate: Callable[[pd.DataFrame], list[str]], rows: pd.DataFrame) -> list[str]:
    given = generate(rows)
    looks = {place: look for place, look in enumerate(map(_look, rows.to_dict("records"), given)) if look}
    if looks:
        finals = generate(pd.DataFrame(list(looks.values())))
        for place, final in zip(looks, finals, strict=True):
            given[place] = final
    return given


def _look(row: Mapping[Any, Any], answer: str) -> dict[str, Any] | None:
    """Return the row of the second turn, None if there is none."""
    is_edit = task_of(row["data_source"]).name == "edit"
    result = render_answer(row["extra_info"]["original"], answer) if is_edit else None
    if result is None:
        return None
    turns = [*row["prompt"], {"role": "assistant", "content": answer}, look_turn(is_short(row["prompt"]))]
    shown = {**row["images"][0], "image": Image.fromarray(to_8_bits(result))}
    return {"prompt": turns, "images": [*row["images"], shown]}


SYSTEM = System("two_turns", answers, start=start, value="model")
