"""Two turns on the CPU, end to end: SFT of both, GRPO with vLLM that shows the policy its own edits, the evaluation."""

from pathlib import Path

import pandas as pd
import pytest

from iea.data_prep.annotate.step import read_pairs
from iea.data_prep.ingest.step import IngestConfig, ingest
from iea.data_prep.mix.step import MixConfig, mix
from iea.data_prep.synthesize.step import SynthesizeConfig, synthesize
from iea.recipe.evaluation.evaluate import evaluate
from iea.recipe.evaluation.logs import read_log
from iea.recipe.evaluation.systems import SYSTEMS, Settings
from iea.recipe.overrides import override
from iea.recipe.pipeline import pipeline
from iea.recipe.pipeline.run import LaneLengths, Run
from iea.recipe.pipeline.run_trainer import train
from iea.recipe.pipeline.stage import GRPO, STAGE1

pytestmark = [pytest.mark.lane, pytest.mark.filterwarnings("ignore")]  # torch's and transformers' own

LENGTHS = LaneLengths(steps={"stage1": 160, "stage2": 2})
CHEAP = ["data.train_batch_size=8", "actor_rollout_ref.actor.ppo_mini_batch_size=8", "actor_rollout_ref.rollout.n=4"]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Make rows of edits and looks, and a tiny policy."""
    from iea.recipe.tiny.policy import build_tiny_model, message_texts

    run = Run(tmp_path_factory.mktemp("two_turns"), lengths=LENGTHS)
    pairs, made = run.home / "pairs", run.home / "synthetic"
    ingest(IngestConfig("bundled", None, pairs, fold=0), workers=1, quiet=True)
    config = SynthesizeConfig(
        pairs_per_photo=100, val_pairs_per_photo=8, size=112, difficulty="easy", judged=0, looks=True
    )
    synthesize(read_pairs(pairs / "pairs.parquet"), made, config, workers=1, quiet=True)
    for name, stage in (("two_turns", "stage1"), ("synthetic_stage2", "stage2")):
        mix(MixConfig(name, (made / "examples",), run.data / stage, style="short", max_pixels=112 * 112), quiet=True)
    build_tiny_model(run.tiny_model, message_texts(run.data / "stage1" / "train.parquet"))
    return run


@pytest.fixture(scope="module")
def sft(run: Run) -> Path:
    return pipeline.train(run, STAGE1)


@pytest.fixture(scope="module")
def grpo_log(run: Run, sft: Path) -> pd.DataFrame:
    settings = ["+recipe=[iea_cpu,two_turns_cpu]", override("iea.model", sft), *CHEAP]
    settings += ["trainer.total_training_steps=2", "trainer.logger=[console,file]"]
    train(GRPO, run.home, "stage2", LENGTHS.steps["stage2"], settings)
    return read_log(run.logs("stage2"))


def test_rollout_and_actor_agree_on_probabilities_of_both_turns(grpo_log: pd.DataFrame) -> None:
    """Fails if an image is lost or in another place, or if tokens between the answers are trained."""
    assert list(grpo_log.index) == [1, 2]
    assert (grpo_log["training/rollout_actor_probs_pearson_corr"] > 0.999).all()


def test_edits_have_two_turns_and_both_scores_are_logged(grpo_log: pd.DataFrame) -> None:
    assert (grpo_log["training/num_turns/max"] == 4).all()
    for source in ("edit", "auto"):
        first, final = (grpo_log[f"reward/iea/{source}/{name}"] for name in ("first_score", "score"))
        assert first.between(-1, 1).any() and (first != final).any()
    assert not grpo_log.filter(regex="reward/.*/error$").fillna(0).to_numpy().any()


def test_a_policy_is_evaluated_with_one_and_with_two_turns(run: Run, sft: Path, grpo_log: pd.DataFrame) -> None:
    rows = run.data / "stage2" / "val.parquet"
    for model in (sft, run.model("stage2")):
        one, two = (evaluate(SYSTEMS[name], rows, Settings(model)) for name in ("checkpoint", "two_turns"))
        assert len(one) == len(two) and two.parsable.mean() > 0.5
        seen = one.parsable == 1
        assert (two.answer[~seen] == one.answer[~seen]).all() and (two.answer[seen] != one.answer[seen]).any()
