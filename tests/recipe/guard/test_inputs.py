"""Rows, images and models that a trainer could not use end the run at the start."""

from pathlib import Path

import pyarrow.parquet as pq
import pytest
from homes import rl_row, sft_row, start, write_checkpoint, write_model, write_rows

RECIPES = {"iea_cpu": "stage2", "iea_sft_cpu": "stage1"}


@pytest.mark.parametrize("recipe", RECIPES)
@pytest.mark.parametrize("split", ["train", "val"])
@pytest.mark.parametrize(
    ("content", "message"),
    [(None, "that exist"), (b"", "readable parquet"), (b"PAR1 no", "readable parquet"), (b"\x89PNG", "readable")],
)
def test_rows_must_be_readable(recipe: str, split: str, content: bytes | None, message: str, home: Path) -> None:
    path = home / f"data/{RECIPES[recipe]}/{split}.parquet"
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SystemExit, match=f"data.{split}_files must .*{message}.*{path}"):
        start(recipe)


@pytest.mark.parametrize("recipe", RECIPES)
def test_cut_off_rows_end_the_run(recipe: str, home: Path) -> None:
    path = home / f"data/{RECIPES[recipe]}/train.parquet"
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(SystemExit, match="must be readable parquet"):
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
    saved = write_checkpoint(home / "sft/global_step_40") / "huggingface"
    with pytest.raises(SystemExit, match=f"a saved one is '{saved}'"):
        start("iea_cpu", f"iea.model={home}/sft/hugging")


def test_the_served_judge_must_exist(home: Path) -> None:
    with pytest.raises(SystemExit, match="reward.reward_model.model_path must be the folder of a model"):
        start("[iea_cpu,served_judge_cpu]", f"iea.judge_model={home}/none")


def test_a_name_on_the_hub_is_left_to_transformers(home: Path) -> None:
    start("iea_sft", "iea.model=Qwen/Qwen2.5-VL-7B-Instruct")
