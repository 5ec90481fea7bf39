"""Greedy answers of a policy on held-out rows, scored with the training reward.

    python -m iea.recipe.evaluate --model work/sft/global_step_200/huggingface --rows work/data/val.parquet --out sft.parquet

`--grey` hides the photograph from the policy (a flat grey instead), while the reward still sees the real one: what
a policy loses by it is what it had read from the pixels.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
import typer
from tqdm import tqdm

from iea.editor.io import read_image
from iea.reward_fns import score_text

GREY = 128


def evaluate(
    model: Path, rows: Path, *, grey: bool = False, batch: int = 256, max_new_tokens: int = 64, w: float = 0.7
) -> pd.DataFrame:
    """One line a row: `index, photo, kind, instruction, original, reference, answer` and the reward's components.

    Parameters
    ----------
    model : folder of a Hugging Face model with its processor
    rows : verl RL parquet, as iea.data_prep.build writes it
    grey : replace every photograph by a flat mid-grey of its size, for the policy only
    batch : rows generated at once
    max_new_tokens : longest answer
    w : weight of R_like in the score
    """
    table = pd.read_parquet(rows)
    answers = list(_answers(model, table, grey=grey, batch=batch, max_new_tokens=max_new_tokens))
    return pd.DataFrame(
        [
            _scored(row, extra, answer, w)
            for row, extra, answer in zip(table.prompt, table.extra_info, answers, strict=True)
        ]
    )


def _scored(prompt: list[dict[str, str]], extra: Mapping[str, Any], answer: str, w: float) -> dict[str, Any]:
    original, reference = read_image(extra["original"]), read_image(extra["reference"])
    facts = {key: extra[key] for key in ("index", "photo", "kind", "original", "reference", "program")}
    instruction = prompt[-1]["content"].replace("<image>", "")
    return {
        **facts,
        "instruction": instruction,
        "answer": answer,
        **score_text(original, reference, answer, w=w),
    }


def _answers(
    model: Path, table: pd.DataFrame, *, grey: bool, batch: int, max_new_tokens: int
) -> Iterator[str]:
    import torch
    from transformers import AutoProcessor, Qwen2_5_VLForConditionalGeneration

    torch.set_num_threads(os.cpu_count() or 1)
    processor = AutoProcessor.from_pretrained(model)
    processor.tokenizer.padding_side = "left"
    policy = Qwen2_5_VLForConditionalGeneration.from_pretrained(model, dtype=torch.float32).eval()
    for start in tqdm(range(0, len(table), batch), desc=f"evaluating {model.name}", leave=False):
        part = table.iloc[start : start + batch]
        texts = [_chat(processor, prompt) for prompt in part.prompt]
        images = [_image(pictures[0], grey) for pictures in part.images]
        inputs = processor(text=texts, images=images, padding=True, return_tensors="pt")
        with torch.no_grad():
            tokens = policy.generate(**inputs, max_new_tokens=max_new_tokens, do_sample=False)
        yield from processor.batch_decode(tokens[:, inputs.input_ids.shape[1] :], skip_special_tokens=True)


def _chat(processor: Any, prompt: list[dict[str, str]]) -> str:
    text = prompt[-1]["content"].replace("<image>", "")
    message = {"role": "user", "content": [{"type": "image"}, {"type": "text", "text": text}]}
    return str(processor.apply_chat_template([message], add_generation_prompt=True))


def _image(picture: Mapping[str, Any], grey: bool) -> Any:
    from PIL import Image
    from qwen_vl_utils import (
        fetch_image,
    )  # what verl's dataset uses: the policy sees the pixels it was trained on

    image = fetch_image(dict(picture))
    return Image.new("RGB", image.size, (GREY,) * 3) if grey else image


def write_results(results: pd.DataFrame, out: Path) -> None:
    """Write atomically, as parquet."""
    out.parent.mkdir(parents=True, exist_ok=True)
    partial = out.with_name(out.name + ".partial")
    results.to_parquet(partial)
    partial.replace(out)


def main(
    model: Annotated[Path, typer.Option(help="Hugging Face folder")],
    rows: Annotated[Path, typer.Option(help="RL parquet with held-out rows")],
    out: Annotated[Path, typer.Option(help="parquet to write, one line a row")],
    grey: Annotated[bool, typer.Option(help="hide the photograph from the policy")] = False,
) -> None:
    """Score a policy's greedy answers."""
    results = evaluate(model, rows, grey=grey)
    write_results(results, out)
    print(json.dumps(results[["parsable", "d_after", "r_like", "r_use", "score"]].mean().round(4).to_dict()))


if __name__ == "__main__":
    typer.run(main)
