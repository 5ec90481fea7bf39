"""Have verl's loggers write to the run's folder, from any node.

They read their folder from a variable and default to the working directory, which for a Ray job is a temporary folder.
"""

import os
import time
from pathlib import Path
from typing import Any

from omegaconf import OmegaConf

FOLDER = "trainer.default_local_dir"
WORKERS = "ray_kwargs.ray_init.runtime_env.env_vars"
_GIVEN = frozenset(os.environ)  # before the first run of this process: a variable of the user is left alone


def set_log_folders(config: Any) -> None:
    """Set the variables of the loggers that are not set: for GRPO in Ray's workers, else in this process.

    TensorBoard: `tensorboard/`, Weights & Biases: `wandb/`, verl's file logger: `metrics/`, a file for each start.
    """
    folder = Path(str(OmegaConf.select(config, FOLDER)))
    places = {
        "TENSORBOARD_DIR": folder / "tensorboard",
        "WANDB_DIR": folder,
        "VERL_FILE_LOGGER_PATH": folder / f"metrics/{time.time_ns()}.jsonl",
    }
    (folder / "metrics").mkdir(parents=True, exist_ok=True)
    on_ray = OmegaConf.select(config, WORKERS) is not None
    for name, place in places.items():
        if name in _GIVEN:
            continue
        if not on_ray:
            os.environ[name] = str(place)
        elif OmegaConf.select(config, f"{WORKERS}.{name}") is None:
            OmegaConf.update(config, f"{WORKERS}.{name}", str(place), force_add=True)
