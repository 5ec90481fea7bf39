"""Rows are read by verl's own data sets, as its trainers do."""

import asyncio
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from iea.editor.io import read_image

pytest.importorskip("verl", reason="needs the cpu or gpu extra")


def test_rl_rows_give_an_image_at_its_own_size_and_its_path(prepared, tmp_path):
    from omegaconf import OmegaConf
    from verl.utils.dataset.rl_dataset import RLHFDataset

    config = OmegaConf.create({"filter_overlong_prompts": False, "cache_dir": str(tmp_path / "cache")})
    rows = RLHFDataset(str(prepared / "stage2/val.parquet"), tokenizer=None, config=config, processor=SimpleNamespace())
    assert len(rows) == 24
    for index in range(4):
        row = rows[index]
        (message,) = row["raw_prompt"]
        assert [part["type"] for part in message["content"]] == ["image", "text"]
        ((image,), _) = asyncio.run(RLHFDataset.process_vision_info(row["raw_prompt"], 14, config))
        assert np.array_equal(np.asarray(image), read_image(row["extra_info"]["original"]))
        assert row["index"] == index
        assert row["data_source"] == ("iea/auto" if index == 3 else "iea/edit")


def test_sft_rows_give_an_image_and_the_answer_as_text(prepared):
    from verl.utils.dataset.multiturn_sft_dataset import MultiTurnSFTDataset

    reader = SimpleNamespace(
        messages_key="messages", image_key="images", video_key="videos", processor=object(), image_patch_size=14
    )
    row = pd.read_parquet(prepared / "stage1/train.parquet").iloc[0].to_dict()
    user, assistant = MultiTurnSFTDataset._build_messages(reader, row)
    image, text = user["content"]
    assert isinstance(image["image"], Image.Image)
    assert image["image"].size == (56, 56)
    assert text["type"] == "text" and text["text"]
    assert assistant["content"][0]["text"].startswith('{"')
