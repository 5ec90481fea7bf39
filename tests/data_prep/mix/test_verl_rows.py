import asyncio
import dataclasses

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from iea.data_prep.mix.read import checked_example
from iea.data_prep.mix.verl_rows import PromptConfig, example_to_rl, example_to_sft, judged_to_sft
from iea.data_prep.runner.shard import RejectedError
from iea.data_prep.schema import EXAMPLES, JUDGE_SCHEMA, JUDGED, RL_SCHEMA, SFT_SCHEMA
from iea.editor.io import read_image
from iea.reward_fns import score_text
from iea.reward_fns.example import Example
from iea.reward_fns.tasks import SOURCES, TASKS

CONFIGS = {style: PromptConfig(style, max_pixels=28 * 28 * 9) for style in ("short", "full")}


@pytest.fixture
def examples(example_rows):
    """The first example of every kind."""
    made = [checked_example(row) for row in example_rows]
    found = {kind(example): example for example in reversed(made)}
    return found | {"look": dataclasses.replace(found["refine"], task="look")}


def kind(example):
    return TASKS[example.task].kind(example)


def image_paths(example):
    return TASKS[example.task].image_paths(example)


def written(path, make, schema, examples, config):
    rows = [make(example, index, config) for index, example in enumerate(examples)]
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), path)
    return path


def test_an_example_has_the_columns_of_its_table():
    assert [field.name for field in dataclasses.fields(Example)] == EXAMPLES.names


def test_vague_edits_have_the_kind_auto(examples):
    assert {f"iea/{name}" for name in examples} == set(SOURCES)
    assert kind(Example("edit", text="make it nicer", persona="vague")) == "auto"
    assert kind(Example("edit", text="make it warmer", persona="amateur")) == "edit"


@pytest.mark.parametrize("style", CONFIGS)
def test_every_placeholder_has_an_image(examples, style):
    counts = {"edit": 1, "auto": 1, "summary": 2, "look": 2, "refine": 2}
    for name, example in examples.items():
        rl = example_to_rl(example, 0, CONFIGS[style])
        sft = example_to_sft(example, 0, CONFIGS[style])
        count = counts[name]
        for row, key in ((rl, "prompt"), (sft, "messages")):
            assert sum(message["content"].count("<image>") for message in row[key]) == count
            assert [image["image"] for image in row["images"]] == list(image_paths(example))
        assert rl["data_source"] == sft["data_source"] == f"iea/{name}"


def test_rl_rows_hold_the_fields_of_the_rewards(examples):
    info = example_to_rl(examples["refine"], 3, PromptConfig())["extra_info"]
    assert (info["index"], info["split"], info["task"], info["origin"]) == (3, "train", "refine", "synthetic")
    images = [read_image(info[key]) for key in ("original", "previous", "reference")]
    assert len({image.tobytes() for image in images}) == 3
    assert score_text(images[0], images[2], info["program"])["r_like"] == 1
    assert info["oracle_r_like"] == 1 and info["persona"] == "amateur"


def test_a_summary_lists_all_correct_answers_its_own_first(examples):
    row = example_to_rl(examples["summary"], 0, PromptConfig(), ["Brighter.", examples["summary"].summary])
    assert row["extra_info"]["summaries"] == [row["reward_model"]["ground_truth"], "Brighter."]
    assert example_to_rl(examples["edit"], 0, PromptConfig())["extra_info"]["summaries"] == []


def test_images_are_dicts_without_bytes_and_with_bounds(examples):
    (image, _) = example_to_rl(examples["refine"], 0, PromptConfig("full", 4000, 9000))["images"]
    assert image.keys() == {"image", "min_pixels", "max_pixels"}
    assert (image["min_pixels"], image["max_pixels"]) == (4000, 9000)


def test_a_judged_pair_becomes_text_without_images():
    judged = dict.fromkeys(JUDGED.names, "") | {"reference": "warmer", "prediction": "cooler", "score": -3}
    table = pa.Table.from_pylist([judged_to_sft(judged, 5)], schema=JUDGE_SCHEMA)
    (row,) = table.to_pylist()
    assert "images" not in row
    assert row["messages"][-1] == {"role": "assistant", "content": "-3"}
    assert row["extra_info"]["index"] == 5 and row["extra_info"]["prediction"] == "cooler"


@pytest.mark.parametrize(
    ("task", "changed", "reason"),
    [
        ("edit", {"program": '{"exposure": 20'}, "program_unparsable"),
        ("edit", {"program": '{"exposure": 200}'}, "program_out_of_range"),
        ("edit", {"program": '{"blur": 20}'}, "program_unknown_tool"),
        ("edit", {"program": '{"exposure": 0}'}, "no_edit"),
        ("edit", {"program": " "}, "empty_answer"),
        ("summary", {"summary": ""}, "empty_answer"),
        ("summary", {"reference": ""}, "missing_image"),
        ("edit", {"original": "/nowhere/at/all.png"}, "missing_image"),
        ("refine", {"previous": "/nowhere/at/all.png"}, "missing_image"),
        ("refine", {"text": ""}, "empty_request"),
        ("edit", {"text": "brighter <image>"}, "reserved_words"),
        ("edit", {"reasoning": "dark</think>"}, "reserved_words"),
        ("edit", {"task": "paint"}, "unknown_task"),
        ("edit", {"text": None}, "missing_value"),
    ],
)
def test_an_unusable_row_is_rejected_with_a_reason(example_rows, task, changed, reason):
    row = next(row for row in example_rows if row["task"] == task)
    assert checked_example(row).task == task
    with pytest.raises(RejectedError) as rejected:
        checked_example(row | changed)
    assert rejected.value.reason == reason
    assert row["name"] in rejected.value.text


@pytest.fixture(scope="session")
def tiny(tmp_path_factory):
    """Processor and tokenizer of the tiny model, with the words of the full prompts."""
    pytest.importorskip("verl", reason="needs the cpu or gpu extra")
    from transformers import AutoProcessor

    from iea.recipe.tiny.policy import TinySize, build_tiny_model

    folder = tmp_path_factory.mktemp("tiny") / "model"
    texts = [
        m["content"].replace("<image>", "") for m in TASKS["edit"].messages(Example("edit", text="warmer"), "full")
    ]
    build_tiny_model(folder, iter(texts), TinySize(hidden=24, layers=1, mlp=16, vision_hidden=16, vision_depth=1))
    return AutoProcessor.from_pretrained(folder)


@pytest.mark.lane
@pytest.mark.parametrize("style", CONFIGS)
def test_verl_loads_rl_rows_of_all_tasks(examples, tiny, style, tmp_path):
    from omegaconf import OmegaConf
    from verl.utils.dataset.rl_dataset import RLHFDataset

    path = written(tmp_path / "rl.parquet", example_to_rl, RL_SCHEMA, examples.values(), CONFIGS[style])
    config = OmegaConf.create(
        {
            "cache_dir": str(tmp_path / "cache"),
            "filter_overlong_prompts": True,
            "filter_overlong_prompts_workers": None,  # in this process
            "max_prompt_length": 3000,
        }
    )
    rows = RLHFDataset(str(path), tokenizer=tiny.tokenizer, config=config, processor=tiny)
    assert len(rows) == len(examples)
    for index, example in enumerate(examples.values()):
        row = rows[index]
        turns = [[part["type"] for part in turn["content"]] for turn in row["raw_prompt"] if turn["role"] == "user"]
        count = len(image_paths(example))
        assert turns == [["image"] * (count // len(turns)) + ["text"]] * len(turns)
        images, _ = asyncio.run(RLHFDataset.process_vision_info(row["raw_prompt"], 14, config))
        text = tiny.apply_chat_template(row["raw_prompt"], add_generation_prompt=True, tokenize=False)
        assert text.count("<|image_pad|>") == count == len(images)
        inputs = tiny(text=[text], images=images, return_tensors="pt")
        assert len(inputs["image_grid_thw"]) == count
        assert row["extra_info"]["kind"] == kind(example) and row["index"] == index


@pytest.mark.lane
@pytest.mark.parametrize("style", CONFIGS)
def test_verl_trains_on_the_answers_of_sft_rows_of_all_tasks(examples, tiny, style, tmp_path):
    from omegaconf import OmegaConf
    from verl.utils.dataset.multiturn_sft_dataset import MultiTurnSFTDataset

    path = written(tmp_path / "sft.parquet", example_to_sft, SFT_SCHEMA, examples.values(), CONFIGS[style])
    config = OmegaConf.create({"max_length": 3000, "pad_mode": "no_padding", "truncation": "error"})
    rows = MultiTurnSFTDataset([str(path)], tiny.tokenizer, config, processor=tiny)
    pad = tiny.tokenizer.convert_tokens_to_ids("<|image_pad|>")
    for index, example in enumerate(examples.values()):
        row = rows[index]
        learned = tiny.tokenizer.decode(row["input_ids"][row["loss_mask"].bool()])
        assert TASKS[example.task].solution(example) in learned
        assert ("<think>" in learned) == (style == "full" and example.reasoning != "")
        assert "<|image_pad|>" not in learned
        assert len(row["multi_modal_inputs"]["image_grid_thw"]) == len(image_paths(example))
        assert int((row["input_ids"] == pad).sum()) >= len(image_paths(example))
