"""Rows of every task, with references rendered by their programs, for the tests of systems."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from iea.data_prep.mix.verl_rows import PromptConfig, example_to_rl
from iea.data_prep.schema import RL_SCHEMA
from iea.editor import Program, render
from iea.editor.io import write_image
from iea.reward_fns.example import Example
from iea.reward_fns.prompts import Style

PROGRAM = '{"exposure": 30, "tint": -20}'
TEXTS = ("much brighter, please", "make the sky darker", "")


def image(seed: int, height: int = 32, width: int = 48) -> Any:
    """Return smooth colors, uint8, which sizes and metrics leave similar."""
    y, x = np.mgrid[0 : 1 : height * 1j, 0 : 1 : width * 1j]
    planes = [100 + 50 * np.sin(3 * (x if channel else y) + seed + channel) for channel in range(3)]
    return np.dstack(planes).astype(np.uint8)


def write_rows(folder: Path, *tasks: str, style: Style = "direct", height: int = 32, width: int = 48) -> Path:
    """Write one row per task, named test/row-NUMBER; every third edit asks for a local edit."""
    rows = []
    for index, task in enumerate(tasks):
        original = image(index, height, width)
        images = {"original": original, "reference": render(original, Program.from_json(PROGRAM))}
        images |= {"previous": render(original, Program({"fade": 30}))} if task == "refine" else {}
        paths = {name: str(folder / f"{name}{index}.png") for name in images}
        for name, pixels in images.items():
            write_image(paths[name], pixels)
        words: dict[str, str] = (
            {"summary": "brighten it"} if task == "summary" else {"text": TEXTS[index % 3] or "warmer"}
        )
        example = Example(
            task, name=f"test/row-{index}", photo=f"photo{index}", persona="expert", program=PROGRAM, **words, **paths
        )
        rows.append(example_to_rl(example, index, PromptConfig(style)))
    path = folder / "rows.parquet"
    pq.write_table(pa.Table.from_pylist(rows, schema=RL_SCHEMA), path)
    return path
