"""What a task is: rows of which data sources, scored how, and which keys of the result it fills."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from iea.reward_fns.result import Result, Score


@dataclass(frozen=True)
class Call:
    """One answer to score: the model's text, and `extra_info` of its row, whatever verl passed as such."""

    text: str
    extra_info: object

    def path(self, key: str) -> str:
        """The absolute path of one of the row's pictures. Raises TypeError where it has none."""
        path = self.get(key)
        if not isinstance(path, str) or not path:
            raise TypeError(
                f"extra_info[{key!r}] must be a picture's absolute path, got {path!r}; see iea.data_prep"
            )
        return path

    def get(self, key: str) -> object:
        """The row's value, None where it has none."""
        return self.extra_info.get(key) if isinstance(self.extra_info, Mapping) else None


@dataclass(frozen=True)
class Settings:
    """What the configuration says, unchecked; `iea.reward_fns.compute_score` documents it.

    router : address of the reward model that verl serves, None where it serves none
    """

    w: float
    timeout_s: float
    workers: int
    judge: object = None
    router: str | None = None


@dataclass(frozen=True)
class Task:
    """One task.

    sources : the `data_source` values of its rows
    reported : the keys of `Result` that mean something for it
    score : the value of one answer; raises where there is none, through no fault of the answer
    """

    sources: tuple[str, ...]
    reported: tuple[str, ...]
    score: Callable[[Call, Settings], Awaitable[Score]]

    def __post_init__(self) -> None:
        if unknown := set(self.reported) - set(Result.__dataclass_fields__):
            raise ValueError(f"reported must name fields of Result, got {sorted(unknown)}")
