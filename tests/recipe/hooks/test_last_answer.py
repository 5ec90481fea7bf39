"""The loss of an SFT row is on its last answer, with the tokens that the rollout of two turns has."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from iea.data_prep.mix.verl_rows import PromptConfig, example_to_sft
from iea.editor.io import write_image
from iea.reward_fns.example import Example

pytest.importorskip("verl", reason="needs the cpu or gpu extra")
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]  # torch's and transformers' own, on import

FIRST, FINAL = '{"exposure": 60}', '{"exposure": 25, "tint": 5}'


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Read an edit and a look as verl's SFT trainer does."""
    from omegaconf import OmegaConf
    from transformers import AutoProcessor

    from iea.recipe.hooks.last_answer import LastAnswerDataset
    from iea.recipe.tiny.policy import TinySize, build_tiny_model

    folder: Path = tmp_path_factory.mktemp("rows")
    for name in ("original", "previous"):
        write_image(folder / f"{name}.png", np.full((56, 56, 3), 90, np.uint8))
    paths = {name: str(folder / f"{name}.png") for name in ("original", "previous")}
    words = {"text": "warmer", "program": FINAL, "previous_program": FIRST}
    made = [example_to_sft(Example(task, **words, **paths), 0, PromptConfig("short")) for task in ("edit", "look")]
    pd.DataFrame(made).to_parquet(folder / "train.parquet")
    build_tiny_model(folder / "model", iter(["warmer", "look again", FIRST, FINAL] * 50), TinySize(patch_px=14))
    processor = AutoProcessor.from_pretrained(folder / "model")
    config = OmegaConf.create({"pad_mode": "no_padding", "truncation": "error"})
    return LastAnswerDataset(str(folder / "train.parquet"), processor.tokenizer, config, processor)


@pytest.mark.parametrize("index", [0, 1], ids=["edit", "look"])
def test_the_last_answer_alone_has_a_loss(rows: Any, index: int) -> None:
    row = rows[index]
    trained = rows.tokenizer.decode(row["input_ids"][row["loss_mask"] == 1])
    assert trained == f"{FINAL}<|im_end|>\n"
    assert (FIRST in rows.tokenizer.decode(row["input_ids"])) == (index == 1)
    assert len(row["multi_modal_inputs"]["image_grid_thw"]) == index + 1


def test_the_first_rows_alone_are_compared_with_the_whole_conversation(
    rows: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from iea.recipe.hooks import last_answer

    compared: list[Any] = []
    monkeypatch.setattr(last_answer.MultiTurnSFTDataset, "sanity_check", lambda *row: compared.append(row))
    monkeypatch.setattr(last_answer, "COMPARED_ROWS", 2)
    monkeypatch.setattr(rows, "compared", 0)
    assert [rows[index]["loss_mask"].any() for index in (0, 1, 0)] == [True, True, True]
    assert len(compared) == 2


def test_the_positions_restart_after_every_image(rows: Any) -> None:
    """Fails if verl does not recognize the processor: the positions of text, height and width would then be equal."""
    positions = rows[1]["position_ids"]
    assert positions.shape[0] == 4 and not positions[1].equal(positions[3])
