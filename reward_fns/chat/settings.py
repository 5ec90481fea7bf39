"""Address and limits of an endpoint."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class ChatSettings:
    """Address and limits of an endpoint.

    url : address of the API, such as http://localhost:8000/v1
    model : name of the model at the endpoint
    key_env : environment variable with the API key; "" sends none
    timeout_s : seconds for a completion, with all attempts and the waits between them; default: no limit
    attempt_timeout_s : seconds for one attempt, from sending to the last byte. With several attempts, half of timeout_s
        at most, so that a lost request is sent once more
    attempts : times that a request is sent at most, the first included
    backoff_s : longest wait before the second attempt; doubled for each later one, and drawn evenly from 0 to it
    max_backoff_s : longest wait before any attempt, unless the server demands a longer one
    concurrency : requests at a time
    requests_per_minute : limit, spread evenly, every attempt counted; default: no limit
    """

    url: str = ""
    model: str = ""
    key_env: str = ""
    timeout_s: float | None = None
    attempt_timeout_s: float = 120.0
    attempts: int = 6
    backoff_s: float = 1.0
    max_backoff_s: float = 60.0
    concurrency: int = 8
    requests_per_minute: float | None = None

    def __post_init__(self) -> None:
        for name in ("timeout_s", "attempt_timeout_s", "requests_per_minute"):
            value = getattr(self, name)
            if value is not None and not value > 0:
                raise ValueError(f"{name} must be above 0, got {value!r}")
        for name, least in (("attempts", 1), ("concurrency", 1), ("backoff_s", 0), ("max_backoff_s", 0)):
            if not getattr(self, name) >= least:
                raise ValueError(f"{name} must be at least {least}, got {getattr(self, name)!r}")
