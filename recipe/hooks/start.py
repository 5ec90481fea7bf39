"""Check a run of ours at the start of verl's trainers where hydra did not call the guard, and place the files of its loggers.

hydra takes the callbacks of a sweep from the settings that its points share, so that `+recipe=a,b` has none; and an override can
remove them. Every trainer of verl first calls `auto_set_device`.
"""

import atexit
from typing import Any

import verl.utils.device as verl_device

from iea.recipe.hooks.log_folders import set_log_folders

upstream_auto_set_device = verl_device.auto_set_device


def apply() -> None:
    """Replace the function in its module, before the trainers import it from there. Idempotent."""
    verl_device.auto_set_device = checked_auto_set_device


def checked_auto_set_device(config: Any) -> None:
    """Raise SystemExit unless the run passes the guard; then do what verl does."""
    if "iea" in config:
        from iea.recipe.guard import JobGuard

        if not JobGuard.passed:
            guard = JobGuard()
            guard.on_job_start(config)
            JobGuard.passed = False  # of a sweep, the next point is to be checked too
            atexit.register(guard.on_job_end, config, None)
        set_log_folders(config)
    upstream_auto_set_device(config)
