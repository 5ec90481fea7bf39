"""Two turns, with the tiny policy's tokenizer and processor, and with scripted answers in place of vLLM's."""

import asyncio
import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image

from iea.editor import render
from iea.editor.io import read_image, write_image
from iea.recipe.config import compose_recipe
from iea.recipe.tiny.policy import CHAT_TEMPLATE
from iea.reward_fns.example import Example
from iea.reward_fns.prompts import IMAGE, Style
from iea.reward_fns.tasks import TASKS
from iea.reward_fns.tasks.look import look_turn

pytest.importorskip("verl.experimental.agent_loop")
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]  # torch's and transformers' own, on import

FIRST, FINAL = '{"exposure": 60, "tint": -40}', '{"exposure": 25}'
SYSTEM_TURN = "<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n"
# as Qwen2.5-VL's: a system turn is added to prompts that open without one
WITH_SYSTEM_TURN = "{% if messages[0]['role'] != 'system' %}" + SYSTEM_TURN + "{% endif %}" + CHAT_TEMPLATE


@pytest.fixture(scope="module")
def processor(tmp_path_factory: pytest.TempPathFactory) -> Any:
    from transformers import AutoProcessor

    from iea.recipe.tiny.policy import TinySize, build_tiny_model

    out = tmp_path_factory.mktemp("tiny") / "model"
    build_tiny_model(out, iter(["make it warmer", "look again", FIRST, FINAL] * 50), TinySize(patch_px=14))
    return AutoProcessor.from_pretrained(out)


@pytest.fixture(scope="module", params=[CHAT_TEMPLATE, WITH_SYSTEM_TURN], ids=["tiny", "system_turn"])
def templated(processor: Any, request: pytest.FixtureRequest) -> Iterator[Any]:
    processor.chat_template = processor.tokenizer.chat_template = request.param
    yield processor
    processor.chat_template = processor.tokenizer.chat_template = CHAT_TEMPLATE


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("images") / "original.png"
    write_image(path, np.random.default_rng(0).integers(30, 200, (112, 84, 3), np.uint8))
    return path


class Scripted:
    """A client of rollout servers that gives these token ids, one list for each call; `calls` has their arguments."""

    def __init__(self, *answers: list[int]) -> None:
        self._answers, self.calls = iter(answers), list[dict[str, Any]]()

    async def generate(self, **arguments: Any) -> Any:
        self.calls.append(arguments)
        tokens = next(self._answers)
        log_probs = [-1.0 - len(self.calls)] * len(tokens) if arguments["sampling_params"]["logprobs"] else None
        facts = {"global_steps": 3, "min_global_steps": 3, "max_global_steps": 3 + len(self.calls)}
        return SimpleNamespace(
            token_ids=tokens, log_probs=log_probs, num_preempted=0, routed_experts=None, extra_fields=facts
        )


def row(original: Path, style: Style = "short", task: str = "edit") -> dict[str, Any]:
    """Return the values that verl passes to a loop."""
    example = Example(task, text="make it warmer", original=str(original), previous=str(original))
    images = itertools.repeat({"type": "image", "image": str(original), "max_pixels": 84 * 84})
    turns = [
        {"role": turn["role"], "content": content_of(turn["content"], images)}
        for turn in TASKS[task].messages(example, style)
    ]
    return {"raw_prompt": turns, "data_source": f"iea/{task}", "extra_info": {"original": str(original)}}


def content_of(text: str, images: Iterator[Any]) -> list[dict[str, Any]]:
    shown = [next(images) for _ in range(text.count(IMAGE))]
    return [*shown, {"type": "text", "text": text.replace(IMAGE, "")}]


def run(processor: Any, server: Scripted, values: dict[str, Any], *settings: str, logprobs: bool = True) -> Any:
    from verl.experimental.agent_loop.agent_loop import DictConfigWrap
    from verl.utils.dataset.rl_dataset import RLHFDataset

    from iea.recipe.hooks.two_turns import TwoTurnLoop

    long = ["data.max_prompt_length=4096", "data.max_response_length=1024"]  # for the full style
    config = compose_recipe("ppo_trainer", ["+recipe=[iea_cpu,two_turns_cpu]", *long, *settings])

    async def main() -> Any:
        loop = TwoTurnLoop(
            trainer_config=DictConfigWrap(config),
            server_manager=server,
            tokenizer=processor.tokenizer,
            processor=processor,
            dataset_cls=RLHFDataset,
            data_config=DictConfigWrap(config.data),
            hf_model_type="qwen2_5_vl",
        )
        return await loop.run({"temperature": 1.0, "logprobs": logprobs}, priority=np.int64(0), **values)

    return asyncio.run(main())


def tokens(processor: Any, text: str) -> list[int]:
    return [*processor.tokenizer.encode(text), processor.tokenizer.eos_token_id]


def whole_conversation(processor: Any, values: dict[str, Any], style: Style, answers: list[str], seen: Any) -> Any:
    """Render the conversation at once, and return its token ids, without the line break after the last answer."""
    look = look_turn(short=style == "short")["content"]
    turns = [
        *values["raw_prompt"],
        {"role": "assistant", "content": answers[0]},
        {"role": "user", "content": content_of(look, iter([{"type": "image"}]))},
        {"role": "assistant", "content": answers[1]},
    ]
    text = processor.apply_chat_template(turns)
    return processor(text=[text], images=seen).input_ids[0][:-1]


@pytest.mark.parametrize("style", ["short", "full"])
def test_the_tokens_are_those_of_the_whole_conversation(templated: Any, original: Path, style: Style) -> None:
    first, final = tokens(templated, FIRST), tokens(templated, FINAL)
    server, values = Scripted(first, final), row(original, style)
    output = run(templated, server, values)
    seen = output.multi_modal_data["images"]
    found = [*output.prompt_ids, *output.response_ids]
    assert found == whole_conversation(templated, values, style, [FIRST, FINAL], seen)
    assert found[: -len(final)] == server.calls[1]["prompt_ids"] and output.prompt_ids == server.calls[0]["prompt_ids"]
    between = len(output.response_ids) - len(first) - len(final)
    assert output.response_mask == [1] * len(first) + [0] * between + [1] * len(final)
    assert output.response_logprobs == [-2.0] * len(first) + [0.0] * between + [-3.0] * len(final)
    assert output.extra_fields["answers"] == [FIRST, FINAL] and output.num_turns == 4
    assert [output.extra_fields[f"{end}_global_steps"] for end in ("min", "max")] == [3, 5]
    system_turns = templated.tokenizer.decode(found).count("<|im_start|>system")
    assert system_turns == (style == "full" or SYSTEM_TURN in templated.chat_template)


def test_the_second_image_is_the_result_of_the_first_program(processor: Any, original: Path) -> None:
    server = Scripted(tokens(processor, FIRST), tokens(processor, FINAL))
    run(processor, server, row(original))
    (before,), (again, seen) = (call["image_data"] for call in server.calls)
    assert np.array_equal(before, again)
    assert seen.size == before.size and before.size[0] * before.size[1] <= 84 * 84  # the bound of the row
    result = Image.fromarray(render(read_image(original), json.loads(FIRST))).resize(seen.size)
    assert np.abs(np.asarray(seen, float) - np.asarray(result, float)).mean() < 2
    assert np.abs(np.asarray(seen, float) - np.asarray(before, float)).mean() > 20


def test_image_tensors_of_a_conversation_are_those_of_the_plain_processor(processor: Any, original: Path) -> None:
    from transformers import Qwen2VLImageProcessor

    output = run(processor, Scripted(tokens(processor, FIRST), tokens(processor, FINAL)), row(original))
    images = output.multi_modal_data["images"]
    found = processor.image_processor(images=images, return_tensors="pt")
    plain = Qwen2VLImageProcessor(min_pixels=28 * 28, max_pixels=512 * 512)(images=images, return_tensors="pt")
    assert found["pixel_values"].equal(plain["pixel_values"])
    assert found["image_grid_thw"].tolist() == plain["image_grid_thw"].tolist() == [[1, 6, 4]] * 2


def test_each_answer_has_its_own_limit(processor: Any, original: Path) -> None:
    server = Scripted(tokens(processor, FIRST), tokens(processor, FINAL))
    run(processor, server, row(original), "iea.answer_length=50")
    assert [call["sampling_params"]["max_tokens"] for call in server.calls] == [50, 50]


def test_probabilities_are_optional(processor: Any, original: Path) -> None:
    server = Scripted(tokens(processor, FIRST), tokens(processor, FINAL))
    output = run(processor, server, row(original), logprobs=False)
    assert output.response_logprobs is None and output.extra_fields["answers"] == [FIRST, FINAL]


@pytest.mark.parametrize(
    ("answer", "ends", "change"),
    [
        ("make it brighter", True, {}),
        ('{"exposure": 900}', True, {}),
        (FIRST, False, {}),
        (FIRST, True, {"extra_info": {"original": "/no/such.png"}}),
        (FIRST, True, {"data_source": "iea/summary"}),
        (FIRST, True, {"data_source": "iea/refine"}),
    ],
    ids=["prose", "no_program", "cut_off", "no_image", "summary", "refine"],
)
def test_there_is_one_turn_where_there_is_nothing_to_see(
    processor: Any, original: Path, answer: str, ends: bool, change: dict[str, Any]
) -> None:
    given = tokens(processor, answer)[: None if ends else -1]
    server = Scripted(given)
    output = run(processor, server, row(original) | change)
    assert len(server.calls) == 1 and output.num_turns == 2
    assert server.calls[0]["sampling_params"]["max_tokens"] == 64
    assert output.response_ids == given and output.response_mask == [1] * len(given)
    assert output.extra_fields.get("answers", [answer]) == [answer]
    assert len(output.multi_modal_data["images"]) == 1


def test_a_response_without_room_for_a_second_answer_ends_after_the_first(processor: Any, original: Path) -> None:
    first = tokens(processor, FIRST)
    output = run(processor, Scripted(first), row(original), f"data.max_response_length={len(first) + 10}")
    assert output.extra_fields["answers"] == [FIRST] and output.num_turns == 2


def test_a_16_bit_original_is_shown_in_8_bits(processor: Any, original: Path, tmp_path: Path) -> None:
    wide = tmp_path / "wide.png"
    write_image(wide, read_image(original).astype(np.uint16) * 257)
    server = Scripted(tokens(processor, "{}"), tokens(processor, FINAL))
    run(processor, server, row(original) | {"extra_info": {"original": str(wide)}})
    before, seen = server.calls[1]["image_data"]
    assert np.array_equal(before, seen)
