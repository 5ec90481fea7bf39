"""The tasks, one file each. A row's `data_source` chooses; to add a task, add a file and its TASK to this list."""

from iea.reward_fns.tasks import edit, refine, summary
from iea.reward_fns.tasks.task import Call, Settings, Task

TASKS: dict[str, Task] = {
    source: task for task in (edit.TASK, refine.TASK, summary.TASK) for source in task.sources
}
"""data_source -> task."""


class UnknownTaskError(ValueError):
    """No task takes rows of this data source."""


def task_of(data_source: str) -> Task:
    """The task of a row. Raises UnknownTaskError."""
    if data_source not in TASKS:
        raise UnknownTaskError(
            f"data_source must be one of {sorted(TASKS)}, got {data_source!r}; "
            "make the rows with iea.data_prep, or add the task to iea.reward_fns.tasks"
        )
    return TASKS[data_source]


__all__ = ["TASKS", "Call", "Settings", "Task", "UnknownTaskError", "task_of"]
