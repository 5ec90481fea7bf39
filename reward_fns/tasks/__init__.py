"""The tasks, one file each. To add a task, add a file that exposes `TASK`, see docs/extend.md."""

import os
from collections.abc import Mapping
from typing import Any

from iea.editor.plugins import collect
from iea.reward_fns.example import Example, ExampleError
from iea.reward_fns.tasks.task import Call, Settings, Task

TASKS: Mapping[str, Task] = collect(__name__, "TASK", Task)
"""name -> task."""

SOURCES: Mapping[str, Task] = {source: task for task in TASKS.values() for source in task.sources}
"""data_source -> task."""

if len(SOURCES) < sum(len(task.sources) for task in TASKS.values()):
    raise ValueError(f"data sources of tasks must differ, got {[task.sources for task in TASKS.values()]}")


class UnknownTaskError(ValueError):
    """No task has this name or this data source."""


def task_of(data_source: str) -> Task:
    """Return the task of a row. Raises UnknownTaskError."""
    if data_source not in SOURCES:
        rule = f"data_source must be one of {sorted(SOURCES)}, got {data_source!r}"
        raise UnknownTaskError(f"{rule}; make the rows with iea.data_prep, or add the task to iea.reward_fns.tasks")
    return SOURCES[data_source]


def task_named(name: str) -> Task:
    """Return the task of an example. Raises UnknownTaskError."""
    if name not in TASKS:
        raise UnknownTaskError(f"task must be one of {', '.join(TASKS)}, got {name!r}; see iea.reward_fns.tasks")
    return TASKS[name]


def read_example(row: Mapping[str, Any]) -> Example:
    """Return the example in a row whose keys are the fields of `Example`, checked.

    Raises
    ------
    ExampleError : missing_value, unknown_task, reserved_words, empty_answer, missing_image, or the task's own
    """
    name = row.get("name")
    if empty := [column for column, value in row.items() if value is None]:
        raise ExampleError("missing_value", f"{name}: {empty[0]} must not be null")
    try:
        task = task_named(row["task"])
    except UnknownTaskError as error:
        raise ExampleError("unknown_task", f"{name}: {error}") from None
    example = Example(**row)
    if not task.solution(example).strip():
        raise ExampleError("empty_answer", f"{name}: the answer must not be empty")
    task.check(example)
    for path in dict.fromkeys((*task.image_paths(example), example.reference)):
        if not os.path.isfile(path):  # False for a name that no file can have, where Path raises
            raise ExampleError("missing_image", f"{name}: the file {path!r} does not exist")
    return example


__all__ = ["SOURCES", "TASKS", "Call", "Settings", "Task", "UnknownTaskError", "read_example", "task_named", "task_of"]
