"""The stages of the recipe: one list, at both scales.

| stage | trainer | recipe | starts from | learns |
|---|---|---|---|---|
| stage1 | SFT | iea_sft | the recipe's model | Edit, Summary |
| stage2 | GRPO | iea | stage1 | Edit, Summary, the latter scored by the judge |
| stage3 | SFT | iea_stage3 | stage2 | Edit, Summary, Refine |

A stage saves checkpoints in `HOME/NAME` and hands over `HOME/NAME/huggingface` (iea.recipe.hand_over).
"""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Scale = Literal["lane", "paper"]
"""`lane`: a tiny policy on the CPU; `paper`: Qwen2.5-VL-7B on GPUs."""


@dataclass(frozen=True)
class Trainer:
    """One of verl's trainers.

    config : its primary configuration
    metric : the metric in the progress bar
    """

    module: str
    config: str
    metric: str

    def command(self, processes: int) -> list[str]:
        """Return its command line: SFT is one process for each GPU, started by torchrun; GRPO starts its own with Ray."""
        torchrun = ["torch.distributed.run", "--standalone", "--nnodes=1", f"--nproc_per_node={processes}", "-m"]
        return [sys.executable, "-m", *(torchrun if self is SFT else []), self.module]


SFT = Trainer("verl.trainer.sft_trainer", "sft_trainer_engine", "train/loss")
GRPO = Trainer("verl.trainer.main_ppo", "ppo_trainer", "critic/score/mean")


@dataclass(frozen=True)
class Stage:
    """One training.

    name : of its folder of checkpoints, and of its results
    title : in a few words
    recipe : its configuration for GPUs; that of the lane ends with `_cpu`
    rows : folder of its rows in HOME/data
    start : stage whose model it starts from; None = the recipe's own model
    seed_shift : added to the seed, so that a second run differs from the first
    """

    name: str
    title: str
    trainer: Trainer
    recipe: str
    rows: str
    start: str | None = None
    seed_shift: int = 0


STAGE1 = Stage("stage1", "SFT on labels", SFT, "iea_sft", "stage1")
STAGE2 = Stage("stage2", "GRPO", GRPO, "iea", "stage2", "stage1")
STAGE3 = Stage("stage3", "SFT on all tasks", SFT, "iea_stage3", "stage3", "stage2")
AGAIN = Stage("stage2_again", "GRPO, second run", GRPO, "iea", "stage2", "stage1", seed_shift=1000)
CONTROL = Stage("control", "more SFT instead of GRPO", SFT, "iea_sft", "stage1", "stage1")
JUDGE = Stage("judge", "SFT of the judge", SFT, "iea_judge", "judge")

STAGES: Mapping[str, Stage] = {stage.name: stage for stage in (STAGE1, STAGE2, STAGE3)}
EXTRA: Mapping[str, Stage] = {stage.name: stage for stage in (AGAIN, CONTROL, JUDGE)}
"""Trainings beside the recipe: for comparison, and the judge of summaries, which Stage 2 and the evaluations need."""


def named_stages(text: str) -> list[Stage]:
    """Return the stages of a text such as "1,2,3", in their order.

    >>> [stage.name for stage in named_stages("3,1")]
    ['stage1', 'stage3']

    Raises
    ------
    ValueError : the text names none, or another
    """
    asked = {part.strip() for part in text.split(",") if part.strip()}
    unknown = sorted(asked - {name.removeprefix("stage") for name in STAGES})
    if unknown or not asked:
        raise ValueError(f"--stages must be numbers of stages such as 1,2,3, got {text!r}; choose among 1, 2 and 3")
    return [stage for name, stage in STAGES.items() if name.removeprefix("stage") in asked]
