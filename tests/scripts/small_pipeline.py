"""Run `iea train` with the smallest lengths in a folder."""

import sys
from pathlib import Path

from iea.recipe.pipeline.pipeline import run_pipeline
from iea.recipe.pipeline.run import LaneLengths, Run, Setting
from iea.recipe.pipeline.stage import STAGES

if __name__ == "__main__":
    lengths = LaneLengths(
        pretraining={"steps": 1, "pairs": 64},
        judge={"programs": 60, "programs_val": 2, "steps": 2},
        steps={"stage1": 3, "stage2": 1, "stage3": 2},
        rows={"stage1": 96, "stage2": 32, "stage3": 64},
    )
    settings = ["stage1:trainer.save_freq=1", "stage2:data.train_batch_size=8", "stage2:actor_rollout_ref.rollout.n=2"]
    settings.append("stage2:actor_rollout_ref.actor.ppo_mini_batch_size=8")
    run = Run(Path(sys.argv[1]), settings=[Setting.read(one) for one in settings], lengths=lengths)
    print(run_pipeline(run, list(STAGES.values())))
