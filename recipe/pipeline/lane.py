"""Make the inputs of the lane: photographs, rows and an untrained tiny policy; and its judge."""

import json
import math
import shutil

from iea.data_prep.files import file_sha256
from iea.recipe.pipeline.judge import JudgeRun, run_judge
from iea.recipe.pipeline.run import Run

SIDE = 112  # px of the images
FOLDS = 8
HELD_OUT = 3  # of the eight everyday photographs in the wheels, see iea.data_prep.ingest.sources.bundled
TRAINING_PHOTOS = 5 + 5 * 0.25  # the other everyday photographs; five black-and-white ones at a quarter each
ROWS_PER_PAIR = {
    "stage1": 1.5,
    "stage2": 1.5,
    "stage3": 2.0,
}  # three in four pairs give a row of each task, others an edit
HELD_OUT_PAIRS = 64  # from each held-out photograph: one in four without an instruction
LABEL_NOISE = 1.0  # of the labels of Stage 1: GRPO gains by correcting them, as it would with those of a teacher


def prepare_lane(run: Run) -> None:
    """Make the photographs, the rows of all stages, the evaluation files and the tiny policy, unless they exist.

    Raises
    ------
    SystemExit : the run has models of other data
    """
    from iea.data_prep.prepare import PrepareConfig, prepare
    from iea.recipe.tiny.base import make_base
    from iea.recipe.tiny.policy import replacing_folder

    rows = run.lengths.rows
    pairs = max(rows[stage] / ROWS_PER_PAIR[stage] for stage in rows)
    manifests = prepare(
        PrepareConfig(
            run.data,
            source=("bundled",),
            second=f"debian={run.base / 'debian'}",
            fold=run.seed % FOLDS,
            style="short",
            size=SIDE,
            difficulty="lane",
            pairs_per_photo=math.ceil(pairs / TRAINING_PHOTOS),
            val_pairs_per_photo=HELD_OUT_PAIRS,
            judged=0,
            stage1_rows=rows["stage1"],
            stage2_rows=rows["stage2"],
            stage3_rows=rows["stage3"],
            stage3_mix="lane_stage3",
            label_noise=LABEL_NOISE,
            seed=run.seed,
        )
    )
    files = {name: made.get("files", made.get("sha256")) for name, made in manifests.items() if name != "second"}
    base = make_base(run.base / "tiny_base", **run.lengths.pretraining)
    require_same_inputs(run, json.dumps(files) + file_sha256(base / "model.safetensors"))
    if not run.tiny_model.exists():
        with replacing_folder(run.tiny_model) as partial:
            shutil.copytree(base, partial, dirs_exist_ok=True)


def train_lane_judge(run: Run) -> str:
    """Train the tiny judge; return its evaluation."""
    return run_judge(JudgeRun(run.base, **run.lengths.judge))


def require_same_inputs(run: Run, digest: str) -> None:
    """Refuse to continue or compare models of a run whose data or tiny policy have changed since.

    Parameters
    ----------
    digest : of everything that the run's models are trained from

    Raises
    ------
    SystemExit : the run has models of another digest
    """
    stamp = run.home / "trained_on.txt"
    if run.tiny_model.exists() and stamp.exists() and stamp.read_text() != digest:
        raise SystemExit(
            f"cannot continue the run in {run.home}: its models were trained on other data or from another tiny model "
            "(the code or the photographs have changed since). Choose another --home, or move the folder away to "
            "start over."
        )
    stamp.write_text(digest)
