"""Rows, images and models that a trainer could not use end the run at the start."""

from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from homes import rl_row, sft_row, start, write_checkpoint, write_model, write_rows

from iea.data_prep.files import write_parquet

pytestmark = pytest.mark.slow  # the module as a whole

RECIPES = {"iea_cpu": "stage2", "iea_sft_cpu": "stage1"}


@pytest.mark.parametrize("recipe", RECIPES)
@pytest.mark.parametrize("split", ["train", "val"])
@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "must name parquet files that exist, got '{path}'"),
        (b"", "'{path}' must be a parquet file"),
        (b"PAR1 no", "'{path}' must be a parquet file"),
        (b"\x89PNG", "'{path}' must be a parquet file"),
    ],
)
def test_rows_must_be_readable(recipe: str, split: str, content: bytes | None, message: str, home: Path) -> None:
    path = home / f"data/{RECIPES[recipe]}/{split}.parquet"
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SystemExit, match=f"data.{split}_files.*{message.format(path=path)}"):
        start(recipe)


@pytest.mark.parametrize("recipe", RECIPES)
def test_a_changed_bit_in_rows_ends_the_run(recipe: str, home: Path) -> None:
    path = home / f"data/{RECIPES[recipe]}/train.parquet"
    write_parquet(path, pq.read_table(path))
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(SystemExit, match="must be a parquet file"):
        start(recipe)


@pytest.mark.parametrize("recipe", RECIPES)
def test_cut_off_rows_end_the_run(recipe: str, home: Path) -> None:
    path = home / f"data/{RECIPES[recipe]}/train.parquet"
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(SystemExit, match="must be a parquet file"):
        start(recipe)


@pytest.mark.parametrize(
    ("recipe", "column"),
    [("iea_cpu", name) for name in ("prompt", "images", "data_source", "reward_model", "extra_info")]
    + [("iea_sft_cpu", "messages"), ("iea_sft_cpu", "images"), ("iea_judge_cpu", "messages")],
)
def test_a_missing_column_ends_the_run(recipe: str, column: str, home: Path) -> None:
    folder = RECIPES.get(recipe)
    path = home / (f"data/{folder}/train.parquet" if folder else "judge_data/sft/train.parquet")
    pq.write_table(pq.read_table(path).rename_columns({column: "renamed"}), path)
    with pytest.raises(SystemExit, match=f"lacks {column}"):
        start(recipe)


def test_rows_of_the_other_trainer_end_the_run(home: Path) -> None:
    with pytest.raises(SystemExit, match="must be a file for GRPO"):
        start("iea_cpu", f"data.train_files={home}/data/stage1/train.parquet")


@pytest.mark.parametrize("recipe", RECIPES)
@pytest.mark.parametrize("split", ["train", "val"])
def test_no_rows_end_the_run(recipe: str, split: str, home: Path) -> None:
    path = home / f"data/{RECIPES[recipe]}/{split}.parquet"
    pq.write_table(pq.read_table(path)[:0], path)
    with pytest.raises(SystemExit, match=f"data.{split}_files must have rows, got none"):
        start(recipe)


@pytest.mark.parametrize("recipe", RECIPES)
def test_fewer_rows_than_a_batch_end_the_run(recipe: str, home: Path) -> None:
    path = home / f"data/{RECIPES[recipe]}/train.parquet"
    pq.write_table(pq.read_table(path)[:7], path)
    with pytest.raises(SystemExit, match="must have the rows of a batch, got 7 rows"):
        start(recipe)


@pytest.mark.parametrize(
    ("recipe", "possible"), [("iea_cpu", 1300 // 16 * 2), ("iea_sft_cpu", 1300 // 32 * 2), ("iea_judge_cpu", 40)]
)
def test_more_steps_than_the_epochs_have_end_the_run(recipe: str, possible: int, home: Path) -> None:
    settings = [f"trainer.total_training_steps={possible}", "trainer.total_epochs=2"]
    start(recipe, *settings)
    settings[0] = f"trainer.total_training_steps={possible + 1}"
    with pytest.raises(SystemExit, match=f"at most the {possible} steps of 2 epochs"):
        start(recipe, *settings)


@pytest.mark.parametrize("recipe", RECIPES)
def test_images_that_moved_end_the_run(recipe: str, home: Path) -> None:
    for split, count in (("train", 1300), ("val", 32)):
        path = home / f"data/{RECIPES[recipe]}/{split}.parquet"
        make = rl_row if recipe == "iea_cpu" else sft_row
        there = [make(home / "image.png")] * (count - 20)
        write_rows(path, [*there, *[make(home / "moved/image.png")] * 20])
        with pytest.raises(SystemExit, match=f"data.{split}_files: the images .* 1 of 2 images .*moved/image.png"):
            start(recipe)
        write_rows(path, [make(home / "image.png")] * count)
    start(recipe)


@pytest.mark.parametrize("name", ["original", "reference", "previous"])
def test_images_that_only_the_reward_reads_must_exist(name: str, home: Path) -> None:
    row = rl_row(home / "image.png")
    row["extra_info"] = row["extra_info"] | {name: str(home / f"moved/{name}.png")}
    write_rows(home / "data/stage2/train.parquet", [row] * 640)
    with pytest.raises(SystemExit, match=f"moved/{name}.png"):
        start("iea_cpu")


def test_an_unknown_task_ends_the_run(home: Path) -> None:
    rows = [rl_row(home / "image.png", source) for source in ["iea/edit", "iea/crop"] * 320]
    write_rows(home / "data/stage2/train.parquet", rows)
    with pytest.raises(SystemExit, match="data_source must be one of .*got 'iea/crop'"):
        start("iea_cpu")


def test_summaries_alone_need_a_judge(home: Path) -> None:
    write_rows(home / "data/stage2/train.parquet", [rl_row(home / "image.png", "iea/summary")] * 640)
    with pytest.raises(SystemExit, match="all rows .* are summaries, which need a judge"):
        start("iea_cpu")


JUDGE = "reward.custom_reward_function.reward_kwargs.judge={backend: url, url: 'http://127.0.0.1:1/v1', model: m}"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"extra_info": None}, "extra_info must be a group"),
        ({"extra_info": "x"}, "extra_info must be a group"),
        ({"extra_info": {"original": None}}, "must have the path of its original"),
        ({"extra_info": {"original": "IMAGE"}}, "must have the path of its reference"),
        ({"extra_info": {"original": "IMAGE", "reference": ""}}, "must have the path of its reference"),
        ({"data_source": "iea/refine"}, "iea/refine must have the path of its previous"),
        ({"data_source": "iea/summary"}, "iea/summary must have summaries"),
        ({"data_source": ["iea/edit"]}, "data_source must be one of"),
        ({"images": None}, "images must be a list of images"),
        ({"images": []}, "images must be a list of images"),
        ({"images": 3}, "images must be a list of images"),
        ({"prompt": None}, "prompt must be messages"),
        ({"prompt": "warmer"}, "prompt must be messages"),
        ({"prompt": []}, "prompt must be messages"),
        ({"prompt": [{"role": "user", "content": None}]}, "prompt must be messages"),
        ({"reward_model": None}, "reward_model must have a ground_truth"),
        ({"reward_model": {"style": "rule"}}, "reward_model must have a ground_truth"),
    ],
)
def test_a_row_that_cannot_be_shown_or_scored_ends_the_run(change: dict[str, Any], message: str, home: Path) -> None:
    image = str(home / "image.png")
    row = rl_row(home / "image.png") | change
    if isinstance(row["extra_info"], dict):
        row["extra_info"] = {key: image if value == "IMAGE" else value for key, value in row["extra_info"].items()}
    write_rows(home / "data/stage2/train.parquet", [row] * 640)
    with pytest.raises(SystemExit, match=message):
        start("iea_cpu", JUDGE)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"messages": "x"}, "messages must be messages"),
        ({"messages": []}, "messages must be messages"),
        ({"messages": None}, "messages must be messages"),
        ({"images": []}, "images must be a list of images"),
    ],
)
def test_a_row_that_sft_cannot_read_ends_the_run(change: dict[str, Any], message: str, home: Path) -> None:
    write_rows(home / "data/stage1/train.parquet", [sft_row(home / "image.png") | change] * 640)
    with pytest.raises(SystemExit, match=message):
        start("iea_sft_cpu")


def test_one_bad_row_among_a_few_ends_the_run(home: Path) -> None:
    row = rl_row(home / "image.png")
    write_rows(home / "data/stage2/train.parquet", [*[row] * 200, row | {"extra_info": None}])
    with pytest.raises(SystemExit, match="extra_info must be a group"):
        start("iea_cpu", "trainer.total_training_steps=10")


def test_summaries_beside_edits_without_a_judge_are_named(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [rl_row(home / "image.png", source) for source in ["iea/edit", "iea/summary"] * 320]
    write_rows(home / "data/stage2/train.parquet", rows)
    start("iea_cpu")
    assert capsys.readouterr().out.count("warning") == 1
    start("iea_cpu", "iea.accept_changes=true")


def test_rows_with_images_are_not_for_the_judge(home: Path) -> None:
    with pytest.raises(SystemExit, match="must hold texts alone"):
        start("iea_judge_cpu", f"data.train_files={home}/data/stage1/train.parquet")


@pytest.mark.parametrize("key", ["train_files", "val_files"])
@pytest.mark.parametrize("form", ["file://{}", "file:{}", "[file://{}]"])
def test_files_are_named_by_plain_paths(key: str, form: str, home: Path) -> None:
    with pytest.raises(SystemExit, match=f"data.{key} must name files by their paths"):
        start("iea_cpu", f"data.{key}={form.format(home / 'data/stage2/train.parquet')}")


def test_a_warmup_that_takes_all_steps_ends_the_run(home: Path) -> None:
    with pytest.raises(SystemExit, match="critic_warmup must be less than the 40 steps, got 40"):
        start("iea_cpu", "trainer.critic_warmup=40")
    start("iea_cpu", "trainer.critic_warmup=39")


DEEP = "[" * 100_000
NO_TENSORS = b"\2" + b"\0" * 7 + b"{}"
INDEX = '{"weight_map": {"a": "pytorch_model-00001-of-00002.bin"}}'


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"config.json": "[]"}, "must be a JSON object"),
        ({"config.json": DEEP}, "must be readable JSON"),
        ({"config.json": "{}"}, "must name its model_type"),
        ({"config.json": '{"model_type": "qwen3"}'}, "a model that sees images"),
        ({"model.safetensors": NO_TENSORS}, "cut off or empty"),
        ({"model.safetensors": (100_000).to_bytes(8, "little") + DEEP.encode()}, "weights must be complete"),
        ({"model.safetensors": None, "adapter_model.safetensors": "WHOLE"}, "must hold its weights"),
        ({"model.safetensors": None, "model-00001-of-00004.safetensors": "WHOLE"}, "must hold its weights"),
        ({"model.safetensors": None, "training_args.bin": "x"}, "must hold its weights"),
        ({"model.safetensors": None, "pytorch_model.bin.index.json": INDEX}, "00001-of-00002.bin"),
        ({"model.safetensors.index.json": '{"weight_map": {"a": 3}}'}, "own/3"),
        ({"model.safetensors.index.json": '{"weight_map": {"a": "../x.safetensors"}}'}, "files beside it"),
        ({"model.safetensors.index.json": '{"weight_map": {}}'}, "must hold its weights"),
        ({"model.safetensors.index.json": "[]"}, "must be a JSON object"),
    ],
)
@pytest.mark.parametrize("recipe", RECIPES)
def test_a_model_must_have_usable_weights(
    recipe: str, files: dict[str, str | bytes | None], message: str, home: Path
) -> None:
    model = write_model(home / "own")
    whole = (model / "model.safetensors").read_bytes()
    for name, content in files.items():
        if content is None:
            (model / name).unlink()
        else:
            data = content.encode() if isinstance(content, str) else content
            (model / name).write_bytes(whole if content == "WHOLE" else data)
    with pytest.raises(SystemExit, match=message):
        start(recipe, f"iea.model={model}")


def test_a_judge_need_not_see_images(home: Path) -> None:
    model = write_model(home / "own")
    (model / "config.json").write_text('{"model_type": "qwen3"}')
    start("iea_judge_cpu", f"iea.model={model}")


@pytest.mark.parametrize("recipe", RECIPES)
@pytest.mark.parametrize(
    ("damage", "message"),
    [
        ("folder", "must be the folder of a model that exists"),
        ("config.json", "must hold config.json"),
        ("model.safetensors", "must hold its weights"),
        ("cut off", "weights must be complete"),
        ("empty", "weights must be complete"),
        ("not JSON", "must be readable JSON"),
    ],
)
def test_a_model_must_be_whole(recipe: str, damage: str, message: str, home: Path) -> None:
    model = write_model(home / "own")
    weights = model / "model.safetensors"
    if damage == "cut off":
        weights.write_bytes(weights.read_bytes()[:-1])
    elif damage == "empty":
        weights.write_bytes(b"")
    elif damage == "not JSON":
        (model / "config.json").write_text("{")
    elif damage == "folder":
        model = home / "none"
    else:
        (model / damage).unlink()
    with pytest.raises(SystemExit, match=message):
        start(recipe, f"iea.model={model}")


def test_a_file_of_the_index_of_weights_must_exist(home: Path) -> None:
    model = write_model(home / "own")
    (model / "model.safetensors.index.json").write_text('{"weight_map": {"a": "1.safetensors"}}')
    with pytest.raises(SystemExit, match="1.safetensors"):
        start("iea_sft_cpu", f"iea.model={model}")


def test_a_missing_model_names_a_saved_one(home: Path) -> None:
    saved = write_checkpoint(home / "stage1/global_step_40") / "huggingface"
    with pytest.raises(SystemExit, match=f"a saved one is '{saved}'"):
        start("iea_cpu", f"iea.model={home}/stage1/hugging")


def test_the_served_judge_must_exist(home: Path) -> None:
    with pytest.raises(SystemExit, match="reward.reward_model.model_path must be the folder of a model"):
        start("[iea_cpu,served_judge_cpu]", f"iea.judge_model={home}/none")


def test_a_name_on_the_hub_is_left_to_transformers(home: Path) -> None:
    start("iea_sft", "iea.model=Qwen/Qwen2.5-VL-7B-Instruct")
