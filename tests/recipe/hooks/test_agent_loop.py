"""The caching image processor gives the results of the plain one, computed once."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("verl.experimental.agent_loop")
pytestmark = pytest.mark.filterwarnings("ignore")  # torch's and transformers' own, on import


@pytest.fixture(scope="module")
def plain() -> Iterator[Any]:
    from transformers import Qwen2VLImageProcessor

    yield Qwen2VLImageProcessor(min_pixels=56 * 56, max_pixels=56 * 56)


@pytest.fixture
def calls() -> list[int]:
    return []


@pytest.fixture
def caching(plain: Any, calls: list[int]) -> Any:
    from iea.recipe.hooks.agent_loop import CachingImageProcessor

    class Counted:
        merge_size = plain.merge_size

        def __call__(self, **settings: Any) -> Any:
            calls.append(len(settings["images"]))
            return plain(**settings)

    return CachingImageProcessor(Counted(), size=2)


def _photograph(seed: int) -> Image.Image:
    return Image.fromarray(np.random.default_rng(seed).integers(0, 256, (56, 56, 3), np.uint8))


def test_the_same_pixels_are_processed_once(caching: Any, plain: Any, calls: list[int]) -> None:
    wanted = plain(images=[_photograph(0)], return_tensors="pt")
    for _ in range(3):
        got = caching(images=[_photograph(0)], return_tensors="pt")
        assert sorted(got) == sorted(wanted)
        assert all(got[name].equal(wanted[name]) for name in wanted)
    assert calls == [1]


@pytest.mark.parametrize(
    "other",
    [
        {"images": [_photograph(1)]},
        {"images": [_photograph(0), _photograph(0)]},
        {"images": [_photograph(0).rotate(90)]},
        {"do_normalize": False},
    ],
)
def test_other_pixels_or_settings_are_processed_again(caching: Any, plain: Any, other: dict[str, Any]) -> None:
    first = {"images": [_photograph(0)], "return_tensors": "pt"}
    caching(**first)
    got, wanted = caching(**first | other), plain(**first | other)
    assert got["pixel_values"].equal(wanted["pixel_values"])


def test_a_caller_may_take_keys_out_of_the_result(caching: Any) -> None:
    for _ in range(2):
        assert caching(images=[_photograph(0)], return_tensors="pt").pop("image_grid_thw") is not None


def test_the_cache_keeps_the_last_results_only(caching: Any, calls: list[int]) -> None:
    for seed in (0, 1, 2, 0):
        caching(images=[_photograph(seed)], return_tensors="pt")
    assert len(calls) == 4


def test_other_attributes_are_those_of_the_processor(caching: Any, plain: Any) -> None:
    assert caching.merge_size == plain.merge_size
