"""Evaluate a system on three rows in FOLDER, and print the lines of the tables and their order as JSON.

python tests/scripts/extended_evaluation.py FOLDER SYSTEM
"""

import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd

from iea.editor import Program, render
from iea.editor.io import write_image
from iea.recipe.evaluation.evaluate import evaluate
from iea.recipe.evaluation.results import RunResults
from iea.recipe.evaluation.systems import SYSTEMS, Settings
from iea.recipe.evaluation.tables import print_tables

PROGRAM = {"exposure": 20}


def write_rows(folder: Path) -> Path:
    """Write RL rows of three photographs, each edited by PROGRAM."""
    rows = []
    for index in range(3):
        paths = {name: str(folder / f"{name}{index}.png") for name in ("original", "reference")}
        original = np.random.default_rng(index).integers(60, 190, (16, 16, 3), dtype=np.uint8)
        write_image(paths["original"], original)
        write_image(paths["reference"], render(original, Program(PROGRAM)))
        extra = {"index": index, "name": f"row-{index}", "photo": f"photo{index}", "kind": "auto"}
        prompt = [{"role": "user", "content": "<image>"}]
        extra |= {**paths, "program": json.dumps(PROGRAM)}
        rows.append({"data_source": "iea/auto", "prompt": prompt, "extra_info": extra})
    pd.DataFrame(rows).to_parquet(folder / "val.parquet")
    return folder / "val.parquet"


if __name__ == "__main__":
    results = evaluate(SYSTEMS[sys.argv[2]], write_rows(Path(sys.argv[1])), Settings())
    blocks = print_tables([RunResults("seed-0", {"held_out": {"stage1": results, "stage3": results}})]).split("\n\n")
    titles = [title.split("**")[1] for title in blocks[::2]]
    tables = {title: table.splitlines() for title, table in zip(titles, blocks[1::2], strict=True)}
    print(json.dumps(tables | {"previous": dict(zip(titles[1:], titles, strict=False))}))
