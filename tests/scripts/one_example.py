"""Take one example of a task from prompt to metrics, and print the results as JSON.

    python tests/scripts/one_example.py FOLDER TASK ANSWER WEIGHTS

FOLDER is empty, WEIGHTS a JSON object of the reward's terms.
"""

import asyncio
import json
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from omegaconf import DictConfig, OmegaConf

from iea.data_prep.inspect.counts import count_rows
from iea.data_prep.inspect.row_view import row_views
from iea.data_prep.inspect.show import choose, sheet
from iea.data_prep.mix.step import MixConfig, mix
from iea.data_prep.schema import EXAMPLES
from iea.editor import Program, render
from iea.editor.io import write_image
from iea.recipe.guard.settings import REWARD, refuse_bad_weights
from iea.reward_fns import compute_score
from iea.reward_fns.means import component_means

PROGRAM = Program({"exposure": 20, "tint": -45})


def write_examples(folder: Path, task: str) -> Path:
    """Write a table of two examples with their images, one for training and one for validation."""
    original = np.random.default_rng(0).integers(0, 255, (32, 32, 3), dtype=np.uint8)
    images = {"original": original, "reference": render(original, PROGRAM), "previous": original}
    for name, image in images.items():
        write_image(folder / f"{name}.png", image)
    columns = {"task": task, "text": "more light, more pink", "program": PROGRAM.to_json()}
    columns |= {name: str(folder / f"{name}.png") for name in images}
    blank = {field.name: "" if field.type == pa.string() else 0.5 for field in EXAMPLES}
    rows = [blank | columns | {"name": split, "group": split, "split": split} for split in ("train", "val")]
    pq.write_table(pa.Table.from_pylist(rows, schema=EXAMPLES), folder / "examples.parquet")
    return folder / "examples.parquet"


def mixed(folder: Path, task: str, rows: str) -> Path:
    """Mix the examples of the task into rows for "rl" or "sft"; return the training file."""
    recipe = folder / f"{rows}.yaml"
    recipe.write_text(f"rows: {rows}\nval_rows: 1\nparts:\n  - name: All\n    where: {{task: {task}}}\n    ratio: 1\n")
    out = folder / rows
    mix(MixConfig(str(recipe), (folder / "examples.parquet",), out, style="short"), quiet=True)
    return out / "train.parquet"


def configuration(weights: dict[str, float]) -> DictConfig:
    """Return the part of a run's configuration that the guard checks before the run starts."""
    function = {"path": REWARD, "reward_kwargs": {"terms": weights}}
    return OmegaConf.create({"reward": {"custom_reward_function": function}})


def main(folder: Path, task: str, answer: str, weights: dict[str, float]) -> dict[str, object]:
    """Return the results of every step."""
    examples = write_examples(folder, task)
    (rl,) = pq.read_table(mixed(folder, task, "rl")).to_pylist()
    (sft,) = pq.read_table(mixed(folder, task, "sft")).to_pylist()
    refuse_bad_weights(configuration(weights))
    score = asyncio.run(compute_score(rl["data_source"], answer, "", rl["extra_info"], terms=weights))
    return {
        "prompt": rl["prompt"][-1]["content"],
        "images": len(rl["images"]),
        "ground_truth": rl["reward_model"]["ground_truth"],
        "sft_answer": sft["messages"][-1]["content"],
        "kinds": count_rows(examples).counts["kind"],
        "sheet": sheet(choose(row_views(examples)[1], 2, 0)).shape[0],
        "score": score,
        "metrics": component_means([(rl["data_source"], score)]),
    }


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), sys.argv[2], sys.argv[3], json.loads(sys.argv[4]))))
