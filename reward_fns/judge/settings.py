"""Which judge, and how patiently it is asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace

from iea.reward_fns.judge.failures import NoJudgeError

BACKENDS = ("router", "url", "actor")
DECODES = ("integer", "reasoned", "text")


@dataclass(frozen=True)
class JudgeSettings:
    """The keys of `reward_kwargs.judge`.

    backend : "router", the reward model that verl serves; "url", any server of OpenAI's chat completions; "actor", a
        Ray actor with a method `score(pairs: list[tuple[str, str]]) -> list[float]`, plain or async
    model : the served name (router: the very string of `reward.reward_model.model_path`); not for an actor
    url : for example "http://judge.example:8000/v1"; router: verl gives it
    actor : its name, or "namespace/name" where it was made in another namespace
    key_env : url: name of the environment variable that holds the API key; "" = none
    deadline_s : for one answer, all tries and the waits between them included, but not the wait for a free slot. One
        try may take half of it, so that a request that got lost is made once more
    retries : tries after the first, where the server cannot be reached, fails or is too busy
    backoff_s : before the first retry at most; doubled each time, drawn evenly from 0 to it
    concurrency : requests at a time from each process
    decode : "integer", vLLM holds the judge to the 21 integers; "reasoned", to a reason and then one of them, for a judge
        that was taught so, as the tiny one is; "text", for servers without vLLM's `structured_outputs`: the judge must
        answer with one of the integers of its own accord

    Why no expectation over the score tokens: Qwen's tokenizer spells -10 in three tokens and 7 in one, so the
    probabilities beside one greedy answer tell nothing of the integers that begin with another token, and not whether
    1 would have become 10. It would take 21 requests, or a judge trained to answer with 21 single tokens.
    """

    backend: str
    model: str = ""
    url: str = ""
    actor: str = ""
    key_env: str = ""
    deadline_s: float = 30.0
    retries: int = 3
    backoff_s: float = 0.5
    concurrency: int = 32
    decode: str = "integer"

    def __post_init__(self) -> None:
        if self.backend not in BACKENDS:
            raise ValueError(f"judge.backend must be one of {BACKENDS}, got {self.backend!r}")
        if self.decode not in DECODES:
            raise ValueError(
                f"judge.decode must be one of {DECODES}, got {self.decode!r}; see JudgeSettings for expectations"
            )
        needed = ("actor",) if self.backend == "actor" else ("model", "url")
        for name in needed:
            if not getattr(self, name):
                raise ValueError(f"judge.{name} must be set for the backend {self.backend!r}, got nothing")
        if not (self.deadline_s > 0 and self.retries >= 0 and self.backoff_s >= 0 and self.concurrency >= 1):
            raise ValueError(
                "judge needs deadline_s > 0, retries >= 0, backoff_s >= 0 and concurrency >= 1, got "
                f"{self.deadline_s}, {self.retries}, {self.backoff_s} and {self.concurrency}"
            )

    @staticmethod
    def read(given: object, router: str | None) -> JudgeSettings:
        """The settings of a configuration.

        Parameters
        ----------
        given : the mapping `reward_kwargs.judge`, None where there is none
        router : host:port of the reward model that verl serves, None where it serves none

        Raises
        ------
        NoJudgeError : there is no mapping, or it wants a router that verl does not run
        ValueError : it is not as above
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
        settings = JudgeSettings(**{"backend": ""} | values)
        return replace(settings, url=settings.url.rstrip("/"))
