"""Reject, before anything is loaded, a run that would fail after minutes, train something else than asked, or nothing.

Every recipe names `JobGuard` under `hydra.callbacks`. It ends the run on any fault, its own included.

| module | rejects |
|---|---|
| kinds.py | values of another kind than the default's, names that verl or a module lacks |
| settings.py | keys that verl ignores, numbers out of range, GPUs that cannot be divided, unusable weights and judges |
| loggers.py | loggers of metrics without their package or key |
| inputs.py | files of rows and models that are missing, unreadable or of another form |
| rows.py | rows that cannot be shown or scored |
| folder.py | a folder without a usable checkpoint, without space, or that cannot be written |
| continuation.py | a checkpoint of another model, other data or other settings |
| sweep.py | gives every point of a sweep a folder of its own |
| machine.py | socket paths that are too long; removes what killed runs left in shared memory |
"""

import os
import sys
import time
import traceback
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

from hydra.core.utils import JobStatus
from hydra.experimental.callback import Callback
from omegaconf import DictConfig, MissingMandatoryValue

from iea.recipe.guard.continuation import refuse_other_continuation
from iea.recipe.guard.error import SettingError
from iea.recipe.guard.folder import hold_folder, refuse_bad_folder, refuse_full_disk, run_folder
from iea.recipe.guard.inputs import refuse_bad_inputs
from iea.recipe.guard.kinds import refuse_other_kinds, refuse_unknown_names
from iea.recipe.guard.loggers import refuse_missing_loggers
from iea.recipe.guard.machine import refuse_long_socket_path, remove_segments
from iea.recipe.guard.settings import (
    is_first_process,
    refuse_bad_numbers,
    refuse_bad_reward,
    refuse_ignored_keys,
    refuse_indivisible_batch,
    refuse_short_conversation,
)
from iea.recipe.guard.sweep import separate_points
from iea.recipe.hand_over import hand_over

TRACEBACK = "HYDRA_FULL_ERROR"  # hydra's variable for whole tracebacks


class JobGuard(Callback):
    """Hydra callback of every recipe. hydra turns its exceptions into a warning and trains on, except SystemExit.

    Where hydra does not call it, in a sweep over recipes or with the callbacks removed, `iea.recipe.hooks.start` does.
    """

    passed = False  # whether the job that runs in this process has been checked

    def __init__(self) -> None:
        self._held = ExitStack()
        self._started = time.time()
        self._weight_bytes = 0

    def on_multirun_start(self, config: DictConfig, **_kwargs: Any) -> None:
        """Give every point of a sweep its own folder."""
        _closed(separate_points, config)

    def on_job_start(self, config: DictConfig, **_kwargs: Any) -> None:
        """Raise SystemExit unless the run passes every check."""
        _closed(self._check, config)
        JobGuard.passed = True

    def on_job_end(self, config: DictConfig, job_return: Any, **_kwargs: Any) -> None:
        """Hand the model over, leave Ray, to free its actors' slots for the next point of a sweep, and the run's folder.

        Of a failed run it says if the disk is full: the trainers' own messages do not.
        """
        status = getattr(job_return, "status", None)
        if status is JobStatus.COMPLETED and is_first_process(config):
            _closed(lambda config: hand_over(run_folder(config)), config)
        if status is JobStatus.FAILED:
            try:
                refuse_full_disk(config, self._weight_bytes)
            except SettingError as error:  # the run's own exception follows
                print(f"verl-iea: {error}", file=sys.stderr, flush=True)
        if (ray := sys.modules.get("ray")) and ray.is_initialized():
            ray.shutdown()
            remove_segments(self._started, wait=True)
        self._held.close()
        JobGuard.passed = False

    def _check(self, config: DictConfig) -> None:
        refuse_other_kinds(config)
        refuse_bad_numbers(config)
        refuse_ignored_keys(config)
        if "actor_rollout_ref" in config:
            refuse_indivisible_batch(config)
            refuse_short_conversation(config)
            refuse_bad_reward(config)
            refuse_long_socket_path(config)
        refuse_unknown_names(config)
        refuse_missing_loggers(config)
        inputs = refuse_bad_inputs(config)
        first = is_first_process(config)
        if first:
            killed = self._held.enter_context(hold_folder(config))
            if killed is not None:
                remove_segments(killed)
        self._weight_bytes = inputs.weight_bytes
        refuse_bad_folder(config, inputs)
        refuse_other_continuation(config, inputs, write=first)


def _closed(check: Callable[[DictConfig], object], config: DictConfig) -> None:
    """Run a check, and end the process if it raises anything."""
    try:
        check(config)
    except SettingError as error:
        raise SystemExit(f"verl-iea: {error}") from error
    except MissingMandatoryValue as error:
        raise SystemExit(f"verl-iea: {error.full_key} must have a value, got '???'; set it") from error
    except Exception as error:
        if wanted := os.environ.get(TRACEBACK) == "1":
            traceback.print_exc()
        place = traceback.extract_tb(error.__traceback__)[-1]
        said = " ".join(f"{type(error).__name__}: {error}".split())[:300]
        more = "" if wanted else f"; {TRACEBACK}=1 shows where"
        raise SystemExit(f"verl-iea: cannot check the settings: {said} in {place.name}{more}") from error


__all__ = ["JobGuard", "SettingError"]
