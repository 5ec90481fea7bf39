"""Greedy answers of a policy on held-out rows of any task, scored with the training reward.

    python -m iea.recipe.evaluation.policy --model work/sft/global_step_200/huggingface --rows work/data/stage2/val.parquet --out sft.parquet

Summaries need a judge, for example `--judge-url http://127.0.0.1:8000/v1 --judge-model judge`; without one they have
`error` 1, and `rouge_l` 0.
`--grey` hides the photograph from the policy (a flat grey instead), while the reward still sees the real one: what
a policy loses by it is what it had read from the pixels.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
import typer
from tqdm import tqdm

from iea.reward_fns import compute_score

GREY = 128
PICTURE = "<image>"  # all of a turn stand before its words
FACTS = ("index", "photo", "kind", "original", "reference", "program")


def evaluate(
    model: Path,
    rows: Path,
    *,
    grey: bool = False,
    batch: int = 256,
    max_new_tokens: int = 64,
    w: float = 0.7,
    judge: Mapping[str, object] | None = None,
) -> pd.DataFrame:
    """One line a row: `index, photo, kind, instruction, original, reference, answer` and the reward's components.

    Parameters
    ----------
    model : folder of a Hugging Face model with its processor
    rows : verl RL parquet, such as OUT/stage2/val.parquet
    grey : replace every photograph by a flat mid-grey of its size, for the policy only
    batch : rows generated at once
    max_new_tokens : longest answer
    w : weight of R_like in the score
    judge : of summaries, as in `iea.reward_fns.judge.JudgeSettings`
    """
    table = pd.read_parquet(rows)
    answers = list(_answers(model, table, grey=grey, batch=batch, max_new_tokens=max_new_tokens))
    scores = asyncio.run(_scores(table, answers, w, judge))
    facts = [
        {key: extra[key] for key in FACTS} | {"instruction": _bare(prompt[-1]["content"]), "answer": answer}
        for prompt, extra, answer in zip(table.prompt, table.extra_info, answers, strict=True)
    ]
    return pd.DataFrame([fact | score for fact, score in zip(facts, scores, strict=True)])


async def _scores(
    table: pd.DataFrame, answers: list[str], w: float, judge: Mapping[str, object] | None
) -> list[dict[str, float]]:
    """The training reward of every answer."""
    procs = os.cpu_count() or 1
    calls = zip(table.data_source, answers, table.extra_info, strict=True)
    return await asyncio.gather(
        *(
            compute_score(source, answer, "", extra, w=w, judge=judge, cpu_procs=procs)
            for source, answer, extra in calls
        )
    )


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
        images = [[_image(picture, grey) for picture in pictures] for pictures in part.images]
        inputs = processor(text=texts, images=images, padding=True, return_tensors="pt")
        with torch.no_grad():
            tokens = policy.generate(**inputs, max_new_tokens=max_new_tokens, do_sample=False)
        yield from processor.batch_decode(tokens[:, inputs.input_ids.shape[1] :], skip_special_tokens=True)


def _chat(processor: Any, prompt: list[dict[str, str]]) -> str:
    turns = [{"role": turn["role"], "content": _parts(turn["content"])} for turn in prompt]
    return str(processor.apply_chat_template(turns, add_generation_prompt=True))


def _parts(content: str) -> str | list[dict[str, str]]:
    """A turn with pictures as the parts that a processor wants, one without as it is."""
    shown = content.count(PICTURE)
    text = _bare(content)
    return [{"type": "image"}] * shown + [{"type": "text", "text": text}] if shown else text


def _bare(content: str) -> str:
    return content.replace(PICTURE, "")


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
    grey: Annotated[bool, typer.Option(help="hide the photographs from the policy")] = False,
    max_new_tokens: Annotated[int, typer.Option(help="longest answer")] = 64,
    judge_url: Annotated[str, typer.Option(help="of summaries: an OpenAI-compatible server, .../v1")] = "",
    judge_model: Annotated[str, typer.Option(help="the name under which it serves the judge")] = "",
) -> None:
    """Score a policy's greedy answers."""
    judge = {"backend": "url", "url": judge_url, "model": judge_model} if judge_url else None
    results = evaluate(model, rows, grey=grey, max_new_tokens=max_new_tokens, judge=judge)
    write_results(results, out)
    print(json.dumps(results[["parsable", "d_after", "r_like", "r_use", "score"]].mean().round(4).to_dict()))


if __name__ == "__main__":
    typer.run(main)
