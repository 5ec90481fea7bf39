"""Make the base model of the lane's policies: a tokenizer for its texts, and weights that were pretrained to see edits.

It uses no photograph, so all seeds of the lane share it, as all runs at the paper's scale share Qwen2.5-VL.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from iea.data_prep.language.requests import auto_instruction, instruction, plain_sentence
from iea.data_prep.synthesize.difficulty import LANE
from iea.data_prep.synthesize.random_programs import deal, draw_count, draw_program
from iea.editor import TOOLS, Program
from iea.recipe.tiny.policy import build_tiny_model
from iea.recipe.tiny.pretrain import pretrain
from iea.recipe.tiny.procedural_pairs import draw_pairs
from iea.reward_fns.example import Example
from iea.reward_fns.tasks import TASKS

PAIRS, STEPS = 8000, 900
TEXTS = 6000  # programs with their requests, sentences and answers


def make_base(out: Path, *, steps: int = STEPS, pairs: int = PAIRS, seed: int = 0) -> Path:
    """Make the folder of the base model, unless it is finished; an interrupted call continues.

    Parameters
    ----------
    steps : of pretraining, at least 1
    pairs : procedural pairs to pretrain on
    """
    if out.exists():
        return out
    partial = out.with_name(out.name + ".partial")
    if not (partial / "model.safetensors").exists():
        build_tiny_model(partial, lane_texts(TEXTS, seed), seed=seed)
    pretrain(partial, draw_pairs(pairs, seed), steps=steps, seed=seed)
    partial.rename(out)
    return out


def lane_texts(count: int, seed: int = 0) -> Iterator[str]:
    """Yield texts of random programs as the lane's rows have them: requests, sentences, prompts and answers."""
    rng = np.random.default_rng(seed)
    for number in range(count):
        program = draw_program(rng, deal(seed, number, LANE), draw_count(rng, LANE), LANE)
        yield from (instruction(rng, program), plain_sentence(program), program.to_json(), auto_instruction(rng))
    for tool in TOOLS:  # restorations have any multiple of 5
        yield from (Program({tool: value}).to_json() for value in range(TOOLS[tool].low, 101, 5))
    for task in TASKS.values():
        example = Example(
            task.name, text="make it better", previous_program='{"exposure": 20}', program='{"exposure": 20}'
        )
        yield from (turn["content"].replace("<image>", "") for turn in task.messages(example, "short"))
