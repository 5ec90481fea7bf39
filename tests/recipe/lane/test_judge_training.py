"""The judge on the CPU: verl trains it, the evaluation asks it, and vLLM gives the same answers."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from iea.recipe.evaluation.judge.evaluate import evaluate
from iea.recipe.evaluation.judge.local_judge import LocalJudge
from iea.recipe.evaluation.logs import read_log
from iea.recipe.pipeline.judge import NAME, JudgeRun, prepare, train
from iea.reward_fns.judge.judge import HELD_TO
from iea.reward_fns.judge.prompt import judge_messages

pytestmark = [pytest.mark.lane, pytest.mark.filterwarnings("ignore")]  # torch's and transformers' own

STEPS = 20
SERVER = {
    **os.environ,
    "HF_HUB_OFFLINE": "1",
    "VLLM_CPU_KVCACHE_SPACE": "1",  # GiB
    "VLLM_CPU_OMP_THREADS_BIND": "nobind",
}
ASK = Path(__file__).parents[2] / "scripts/ask_judge_by_vllm.py"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> JudgeRun:
    run = JudgeRun(tmp_path_factory.mktemp("judge"), programs=120, programs_val=8, steps=STEPS)
    prepare(run)
    return run


@pytest.fixture(scope="module")
def model(run: JudgeRun) -> Path:
    return train(run)


def test_the_loss_falls(run: JudgeRun, model: Path) -> None:
    loss = read_log(run.home / "logs" / NAME)["train/loss"]
    assert len(loss) == STEPS
    assert loss.iloc[-5:].mean() < 0.8 * loss.iloc[:5].mean()


def test_the_trained_judge_can_be_evaluated(run: JudgeRun, model: Path, tmp_path: Path) -> None:
    evaluate(model, run.rows / "val.parquet", tmp_path, reasoned=True)
    said = pd.read_parquet(tmp_path / "answers.parquet").answer
    assert len(said) > 100 and said.between(-10, 10).all()


def test_a_finished_judge_is_not_trained_again(run: JudgeRun, model: Path) -> None:
    before = (run.home / NAME / f"global_step_{STEPS}/huggingface/model.safetensors").stat().st_mtime_ns
    prepare(run)
    assert train(run) == model
    after = (run.home / NAME / f"global_step_{STEPS}/huggingface/model.safetensors").stat().st_mtime_ns
    assert after == before
    assert len(list((run.home / "logs" / NAME).glob("*.jsonl"))) == 1


def test_vllm_gives_the_same_answers(run: JudgeRun, tmp_path: Path) -> None:
    """Ask the untrained judge, whose answers vary: only the constraints on its answers make them valid."""
    rows = list(pd.read_parquet(run.rows / "val.parquet").extra_info)[:48]
    pairs = [(row["reference"], row["prediction"]) for row in rows]
    asked, said = tmp_path / "asked.json", tmp_path / "said.json"
    asked.write_text(json.dumps([judge_messages(*pair) for pair in pairs]))
    bounds = json.dumps([HELD_TO["integer"], HELD_TO["reasoned"]])
    command = [sys.executable, str(ASK), str(run.tiny), str(asked), bounds, str(said)]
    done = subprocess.run(command, env=SERVER, capture_output=True, text=True, check=False)
    assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]
    for served, reasoned in zip(json.loads(said.read_text()), (False, True), strict=True):
        stripped = [text.strip() for text in served]  # " 7": vLLM's detokenizer adds a space
        assert len(set(stripped)) > 2
        assert stripped == LocalJudge(run.tiny, reasoned=reasoned).answers(pairs)
