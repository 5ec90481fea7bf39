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

    backend : "router", the reward model that verl serves, whose `model` is exactly `reward.reward_model.model_path` and
        whose `url` verl adds; "url", any server of OpenAI's chat completions; "actor", a Ray actor with a method
        `score(pairs: list[tuple[str, str]]) -> list[float]`, plain or async, which needs neither
    actor : name of the actor, or "namespace/name" if it was made in another namespace
    decode : "integer", vLLM restricts the answer to the 21 integers; "reasoned", to a reason and then an integer, for a
        judge trained in that form, such as the tiny one; "text", for servers without vLLM's `structured_outputs`: the
        judge must answer with an integer without being forced

    Why no expectation over the score tokens: Qwen's tokenizer spells -10 in three tokens and 7 in one, so the
    probabilities beside one greedy answer tell nothing of the integers that start with another token, and not whether
    1 would have become 10. It would take 21 requests, or a judge trained to answer with 21 single tokens.
    """

    backend: str
    actor: str = ""
    decode: str = "integer"
    timeout_s: float | None = 30.0
    concurrency: int = 32

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.backend not in BACKENDS:
            raise ValueError(f"backend must be one of {BACKENDS}, got {self.backend!r}")
        if self.decode not in DECODES:
            raise ValueError(
                f"decode must be one of {DECODES}, got {self.decode!r}; see JudgeSettings for expectations"
            )
        needed = ("actor",) if self.backend == "actor" else ("model", "url")
        for name in needed:
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
                f"reward_kwargs.judge must say who judges summaries, got {given!r}; set for example "
                "judge: {backend: router, model: ${reward.reward_model.model_path}}, or train without summaries"
            )
        values = dict(given)
        names = [field.name for field in fields(JudgeSettings)]
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
            return JudgeSettings(**{"backend": ""} | values)
        except ValueError as error:
            raise ValueError(f"judge.{error}") from None
