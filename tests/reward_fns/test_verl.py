"""The reward as verl itself loads, wraps and awaits it."""

import asyncio
import inspect
from functools import cache
from types import SimpleNamespace
from typing import Any

import pytest

from iea.reward_fns import compute_score
from iea.reward_fns.result import RANGES

pytest.importorskip("verl", exc_type=ImportError)
pytestmark = pytest.mark.filterwarnings("ignore")  # warnings of verl and its imports

TRUTH = '{"exposure": 25, "tint": -40, "sharpness": -60}'


@cache
def loaded(w: float) -> Any:
    from omegaconf import OmegaConf
    from verl.trainer.ppo.reward import get_custom_reward_fn

    function = {
        "path": "pkg://iea.reward_fns",
        "name": "compute_score",
        "reward_kwargs": {"terms": {"r_like": w, "r_use": 1 - w}, "workers": 1},
    }
    return get_custom_reward_fn(OmegaConf.create({"reward": {"custom_reward_function": function}}))


def test_its_loader_finds_the_function_and_keeps_it_async() -> None:
    function = loaded(0.5)
    assert function.args == (compute_score, {"terms": {"r_like": 0.5, "r_use": 0.5}, "workers": 1})
    assert inspect.iscoroutinefunction(function)


@pytest.mark.parametrize(("text", "w", "expected"), [(TRUTH, 0.7, 1.0), ("prose", 0.7, -1.0)])
def test_its_reward_manager_gets_a_score_and_every_key(
    pair: dict[str, str], text: str, w: float, expected: float
) -> None:
    result = asyncio.run(_run_naive_manager(pair, text, w))
    assert result["reward_score"] == pytest.approx(expected)
    assert result["reward_extra_info"].keys() == set(RANGES)


def test_reward_kwargs_reach_the_score(pair: dict[str, str]) -> None:
    like, use = (asyncio.run(_run_naive_manager(pair, '{"exposure": 12}', w))["reward_extra_info"] for w in (1.0, 0.0))
    assert like["score"] == like["r_like"] != use["score"] == use["r_use"]


async def _run_naive_manager(pair: dict[str, str], text: str, w: float) -> Any:
    """One rollout through verl's stock `naive` manager; the tokenizer knows one token, the whole answer."""
    import numpy as np
    import torch
    from verl import DataProto
    from verl.experimental.reward_loop.reward_manager.naive import NaiveRewardManager

    row = {
        "data_source": "iea/edit",
        "reward_model": {"style": "rule", "ground_truth": TRUTH},
        "extra_info": dict(pair),
    }
    data = DataProto.from_dict(
        tensors={"responses": torch.tensor([[5, 0]]), "attention_mask": torch.tensor([[1, 1, 0]])},
        non_tensors={key: np.array([value], dtype=object) for key, value in row.items()},
    )
    tokenizer = SimpleNamespace(decode=lambda ids, skip_special_tokens: text if ids.tolist() == [5] else "")
    return await NaiveRewardManager({}, tokenizer, loaded(w)).run_single(data)
