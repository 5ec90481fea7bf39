"""A step without progress is ended if a process of the run died; tests/recipe/lane/test_failures.py kills real ones."""

import pytest

pytestmark = pytest.mark.slow  # imports Ray

LOST = {"AgentLoopWorker, pid 7": "the worker was killed by the memory monitor"}


def test_a_step_without_progress_and_with_a_dead_process_ends() -> None:
    from iea.recipe.hooks.watch import LostProcess, StallWatch

    watch = StallWatch(patience_s=0, find=lambda: LOST)
    watch.check(("train", 1))
    with pytest.raises(LostProcess, match="AgentLoopWorker, pid 7: the worker was killed by the memory monitor"):
        watch.check(("train", 1))


def test_progress_or_living_processes_let_a_step_continue() -> None:
    from iea.recipe.hooks.watch import StallWatch

    watch = StallWatch(patience_s=0, find=lambda: LOST)
    for finished in range(3):
        watch.check(("train", finished))
    alive = StallWatch(patience_s=0, find=dict)
    for _ in range(3):
        alive.check(("train", 1))


def test_a_slow_step_is_not_looked_at_before_its_patience_ends() -> None:
    from iea.recipe.hooks.watch import StallWatch

    watch = StallWatch(patience_s=1e6, find=lambda: LOST)
    for _ in range(3):
        watch.check(("train", 1))
