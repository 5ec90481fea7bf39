"""Score a row in a Ray actor, as in verl; print the score and the training libraries that its worker imported."""

import json
import sys
from typing import Any

import ray


class Actor:
    """An actor with an event loop."""

    async def score(self, row: dict[str, str], answer: str) -> tuple[float, list[str]]:
        """Return the score of an answer, and the unwanted libraries that a worker imported."""
        from iea.reward_fns import compute_score
        from iea.reward_fns.workers import shared_pool

        result: dict[str, Any] = await compute_score("iea/edit", answer, "", row)
        loaded = await shared_pool(1).run(60.0, eval, "sorted(__import__('sys').modules)")
        return result["score"], sorted({"ray", "torch", "verl"} & set(loaded))


if __name__ == "__main__":
    ray.init(address="local", num_cpus=1, include_dashboard=False, log_to_driver=False)
    print(json.dumps(ray.get(ray.remote(Actor).remote().score.remote(*map(json.loads, sys.argv[1:])))))
    ray.shutdown()
