"""The choice of a judge, and the limits on its use."""

from collections.abc import Mapping
from dataclasses import dataclass, fields

from iea.reward_fns.chat import ChatSettings

BACKENDS = ("router", "url", "actor")
DECODES = ("integer", "reasoned", "text")


class NoJudgeError(ValueError):
    """A summary needs a judge, and none is configured."""


@dataclass(frozen=True, kw_only=True)
class JudgeSettings(ChatSettings):
    """The keys of `reward_kwargs.judge`, with those of ChatSettings.

    backend : "router", the reward model that verl serves (`model` must equal `reward.reward_model.model_path`, verl adds
        `url`); "url", any server of OpenAI's chat completions; "actor", a Ray actor with a method
        `score(pairs: list[tuple[str, str]]) -> list[float]`, plain or async, without `model` and `url`
    actor : name of the actor, or "namespace/name" for an actor in another namespace
    decode : "integer", vLLM restricts the answer to the 21 integers; "reasoned", to a reason and then an integer, for a
        judge trained in that form, such as the tiny one; "text", no restriction, for servers without vLLM's
        `structured_outputs`

    No expectation over the score tokens: Qwen's tokenizer spells -10 in three tokens, and the probabilities beside one greedy
    answer say nothing of the integers that start with another token.
    """

    backend: str = ""
    actor: str = ""
    decode: str = "integer"
    timeout_s: float | None = 30.0
    concurrency: int = 32

    def __post_init__(self) -> None:
        super().__post_init__()
        if type(self.actor) is not str:
            raise ValueError(f"actor must be a text, got {self.actor!r}")
        for name, allowed in (("backend", BACKENDS), ("decode", DECODES)):
            if getattr(self, name) not in allowed:
                raise ValueError(f"{name} must be one of {allowed}, got {getattr(self, name)!r}")
        for name in ("actor",) if self.backend == "actor" else ("model", "url"):
            if not getattr(self, name):
                raise ValueError(f"{name} must be set for the backend {self.backend!r}, got nothing")

    @staticmethod
    def read(given: object, router: str | None) -> "JudgeSettings":
        """Read the settings of a configuration.

        Parameters
        ----------
        given : the mapping `reward_kwargs.judge`, None where there is none
        router : host:port of the reward model that verl serves, None where it serves none

        Raises
        ------
        NoJudgeError : there is no mapping, or it names a router that verl does not run
        ValueError : an unknown key, or a wrong value
        """
        if not isinstance(given, Mapping):
            raise NoJudgeError(
                f"reward_kwargs.judge must be the settings of a judge of summaries, got {given!r}; set for example "
                "judge: {backend: router, model: ${reward.reward_model.model_path}}, or train without summaries"
            )
        values, names = dict(given), [field.name for field in fields(JudgeSettings)]
        if unknown := set(values) - set(names):
            raise ValueError(f"judge must have keys among {names}, got {sorted(map(str, unknown))}")
        if values.get("backend") == "router":
            if router is None:
                raise NoJudgeError(
                    "judge.backend router needs the reward model that verl serves, got no address of one; set "
                    "reward.reward_model.enable=true, or choose the backend url or actor"
                )
            values["url"] = f"http://{router}/v1"
        try:
            return JudgeSettings(**values)
        except ValueError as error:
            raise ValueError(f"judge.{error}") from None
