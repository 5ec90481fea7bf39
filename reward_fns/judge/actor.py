"""A judge in a named Ray actor: one for many runs, or one that is no language model at all."""

import asyncio
import math
from typing import Any

from iea.reward_fns.judge.failures import AgainError, JudgeError
from iea.reward_fns.judge.prompt import HIGHEST, LOWEST
from iea.reward_fns.judge.settings import JudgeSettings


class ActorJudge:
    """Asks a Ray actor by name. The process must be part of the actor's Ray cluster, as verl's are."""

    def __init__(self, settings: JudgeSettings) -> None:
        namespace, _, self._name = settings.actor.rpartition("/")
        self._namespace = namespace or None
        self._actor: Any = None

    async def ask(self, reference: str, prediction: str) -> float:
        """The actor's score. Raises AgainError, JudgeError."""
        import ray

        if not ray.is_initialized():  # or Ray would start a cluster of its own, without the actor
            raise JudgeError(
                f"the actor {self._name!r} needs Ray, got a process that is not connected; call ray.init"
            )
        try:
            if self._actor is None:
                self._actor = await asyncio.to_thread(ray.get_actor, self._name, self._namespace)
            answer = await self._actor.score.remote([(reference, prediction)])
        except (
            ray.exceptions.RayError,
            ValueError,
        ) as error:  # no such actor (yet, or any more), or it raised
            self._actor = None
            cause = str(error).strip().splitlines()[-1:]  # Ray's texts are tracebacks
            raise AgainError(
                f"the actor {self._name!r} did not answer: {type(error).__name__}: {cause}"
            ) from error
        return _checked(answer)


def _checked(answer: object) -> float:
    try:
        (score,) = map(float, answer)  # type: ignore[call-overload]  # whatever it sent
    except (TypeError, ValueError) as error:
        raise JudgeError(
            f"an actor must answer one pair with a list of one number, got {answer!r}"
        ) from error
    if not (math.isfinite(score) and LOWEST <= score <= HIGHEST):
        raise JudgeError(f"a score must be in [{LOWEST}, {HIGHEST}], got {score}")
    return float(score)
