"""End a run whose rollouts wait for a process that has died.

verl 0.9.1 polls TransferQueue until all prompts of a step are finished (trainer/ppo/v1/replay_buffer.py:480). An agent loop or a
reward worker that was killed, for example by Ray's memory monitor, never finishes its own, and the run would wait without end.
"""

import time
from collections.abc import Callable, Hashable

import ray
from ray._private import state

PATIENCE_S = 30.0  # without any change in the prompts; a process that died is replaced or its prompts fail by then
EXPECTED = ("RAY_KILL", "OUT_OF_SCOPE", "REF_DELETED")  # reasons of Ray for an actor that was ended on purpose


class LostProcess(RuntimeError):
    """A process of the run died, and the step waits for it."""


def lost_processes() -> dict[str, str]:
    """Return "class name, pid" -> cause of every actor of this Ray job that was not ended on purpose."""
    job = ray.JobID.from_hex(ray.get_runtime_context().get_job_id())
    dead = state.actors(job_id=job, actor_state_name="DEAD")
    lost = {}
    for actor in dead.values():
        cause = actor["DeathCause"]
        died = cause.actor_died_error_context
        reason = type(died).Reason.Name(died.reason)
        if not (cause.HasField("actor_died_error_context") and reason in EXPECTED):
            text = cause.oom_context.error_message or died.error_message or reason
            lost[f"{actor['ActorClassName']}, pid {actor['Pid']}"] = " ".join(text.split())
    return lost


class StallWatch:
    """Looks for lost processes once the state of a step has not changed for `patience_s`."""

    def __init__(self, patience_s: float = PATIENCE_S, find: Callable[[], dict[str, str]] = lost_processes) -> None:
        self._patience_s, self._find = patience_s, find
        self._seen: Hashable = None
        self._since = time.monotonic()

    def check(self, seen: Hashable) -> None:
        """Note the state of a step. Raises LostProcess if it stays the same and a process of the run died."""
        now = time.monotonic()
        if seen != self._seen:
            self._seen, self._since = seen, now
        elif now - self._since >= self._patience_s:
            self._since = now
            if lost := self._find():
                causes = "\n".join(f"  {name}: {cause:.300}" for name, cause in lost.items())
                raise LostProcess(
                    f"every process of the run must be alive, got no progress for {self._patience_s:.0f} s and dead ones:\n"
                    f"{causes}\nIf memory ran out, lower the number of workers or the batch; run the same command again, "
                    "which resumes from the last checkpoint"
                )
