"""The type of a task: the images shown, the prompt, the answer, the check of an example, and the score."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from iea.editor.plugins import PluginError
from iea.reward_fns.example import Example
from iea.reward_fns.prompts import IMAGE, Message, Style
from iea.reward_fns.result import RANGES, Score
from iea.reward_fns.weights import DEFAULT_WEIGHTS, Weights


@dataclass(frozen=True)
class Call:
    """One answer to score: the model's text, and `extra_info` of its row as verl passes it."""

    text: str
    extra_info: object

    def path(self, key: str) -> str:
        """Return the absolute path of one of the row's images. Raises TypeError where it has none."""
        path = self.get(key)
        if not isinstance(path, str) or not path:
            raise TypeError(f"extra_info[{key!r}] must be an image's absolute path, got {path!r}; see iea.data_prep")
        return path

    def get(self, key: str) -> object:
        """Return the row's value, None where it has none."""
        return self.extra_info.get(key) if isinstance(self.extra_info, Mapping) else None


@dataclass(frozen=True)
class Settings:
    """The settings of `iea.reward_fns.compute_score`. The weights are checked, the rest is not.

    router : address of the reward model that verl serves, None where it serves none
    """

    weights: Weights = DEFAULT_WEIGHTS
    timeout_s: float = 20.0
    workers: int = 1
    judge: object = None
    router: str | None = None


@dataclass(frozen=True)
class Task:
    """One task.

    name : value of `Example.task`
    sources : the `data_source` values of its rows
    images : columns of `Example` with the images shown, in the order of their placeholders
    request : (example, style) -> the words after the images, without the facts that the model should find out
    turns : (example, style) -> the turns that follow the request; the last images belong to the placeholders in them
    answer : (example, style) -> the right answer; bare in the short style
    score : (call, settings) -> the score; raises where there is none, through no fault of the answer
    reported : the keys of `iea.reward_fns.result.RANGES` that have a meaning for the task
    system : the system prompt; the short style has none
    check : raises ExampleError for an example that cannot be used; empty answers and missing images need no check
    source_of : example -> its data source, where there are several; None = the first
    """

    name: str
    sources: tuple[str, ...]
    images: tuple[str, ...]
    request: Callable[[Example, Style], str]
    answer: Callable[[Example, Style], str]
    score: Callable[[Call, Settings], Awaitable[Score]]
    reported: tuple[str, ...]
    system: str = ""
    check: Callable[[Example], None] = lambda example: None
    source_of: Callable[[Example], str] | None = None
    turns: Callable[[Example, Style], list[Message]] = lambda example, style: []

    def __post_init__(self) -> None:
        if unknown := set(self.reported) - set(RANGES):
            raise ValueError(f"reported must name keys of the result, got {sorted(unknown)}; see RANGES")
        columns = Example.__dataclass_fields__
        for field, rule in (("sources", "data sources"), ("images", f"columns among {', '.join(columns)}")):
            names = getattr(self, field)
            known = isinstance(names, tuple) and (field == "sources" or set(names) <= set(columns))
            if not names or not known:
                raise ValueError(f"{field} of the task {self.name!r} must be a tuple of {rule}, got {names!r}")

    def data_source(self, example: Example) -> str:
        """Return the `data_source` of the example's row. Raises ValueError if the task does not list it."""
        source = self.source_of(example) if self.source_of else self.sources[0]
        if source not in self.sources:
            raise ValueError(f"source_of of the task {self.name!r} must be one of {self.sources}, got {source!r}")
        return source

    def kind(self, example: Example) -> str:
        """Return the data source without its prefix, for counts and reports."""
        return self.data_source(example).rpartition("/")[2]

    def image_paths(self, example: Example) -> tuple[str, ...]:
        """Return the paths of the images shown, in order."""
        return tuple(getattr(example, column) for column in self.images)

    def messages(self, example: Example, style: Style) -> list[Message]:
        """Return the prompt: a placeholder for each image, then the request, and the turns that follow it."""
        turns, words = self.turns(example, style), self._words("request", self.request(example, style))
        shown = IMAGE * (len(self.images) - sum(turn["content"].count(IMAGE) for turn in turns))
        if IMAGE in words:
            raise ValueError(f"request of the task {self.name!r} must be words without {IMAGE}, got {words[:60]!r}")
        if style == "short":
            return [{"role": "user", "content": shown + words}, *turns]
        system: list[Message] = [{"role": "system", "content": self.system}] if self.system else []
        return [*system, {"role": "user", "content": f"{shown}\n{words}"}, *turns]

    def solution(self, example: Example) -> str:
        """Return the right answer, bare: a sentence or a program's JSON."""
        return self._words("answer", self.answer(example, "short"))

    def _words(self, field: str, value: object) -> str:
        """Return a text that a plug-in made. Raises PluginError if it is none."""
        if not isinstance(value, str):
            raise PluginError(f"{field} of the task {self.name!r} must return a text, got {value!r:.60}; correct it")
        return value
