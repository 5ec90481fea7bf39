"""A judge in a named Ray actor: one for many runs, or one that is not a language model."""

import asyncio
from typing import Any

from iea.reward_fns.chat import RequestRejectedError, RetryableError
from iea.reward_fns.judge.prompt import HIGHEST, LOWEST


class ActorJudge:
    """Calls the Ray actor `name`, or `namespace/name`. The process must be part of its cluster, as verl's are."""

    def __init__(self, name: str) -> None:
        namespace, _, self._name = name.rpartition("/")
        self._namespace = namespace or None
        self._actor: Any = None

    async def score(self, reference: str, prediction: str) -> float:
        """Return the actor's score, in [-10, 10].

        Raises
        ------
        RetryableError : no such actor at the moment, or it failed
        RequestRejectedError : the process is not connected to Ray, or the actor's answer is not a score
        """
        import ray

        if not ray.is_initialized():  # or Ray would start a cluster of its own, without the actor
            text = f"the actor {self._name!r} needs Ray, got a process that is not connected; call ray.init"
            raise RequestRejectedError("no_ray", text)
        try:
            if self._actor is None:
                self._actor = await asyncio.to_thread(ray.get_actor, self._name, self._namespace)
            answer = await self._actor.score.remote([(reference, prediction)])
        except (ray.exceptions.RayError, ValueError) as error:
            self._actor = None
            cause = str(error).strip().splitlines()[-1:]  # Ray's texts are tracebacks
            text = f"the actor {self._name!r} did not answer: {type(error).__name__}: {cause}"
            raise RetryableError("actor", text) from error
        return _checked(answer)


def _checked(answer: object) -> float:
    try:
        (score,) = map(float, answer)  # type: ignore[call-overload]  # any object
    except (TypeError, ValueError) as error:
        text = f"an actor must answer one pair with a list of one number, got {answer!r}"
        raise RequestRejectedError("no_score", text) from error
    if not LOWEST <= score <= HIGHEST:
        raise RequestRejectedError("no_score", f"a score must be in [{LOWEST}, {HIGHEST}], got {score}")
    return float(score)
