"""Settings of a model with vision behind an endpoint, and of a teacher there."""

import math
from dataclasses import dataclass
from typing import Any, ClassVar

from iea.data_prep.annotate.reply import response_format
from iea.reward_fns.chat import Budget, ChatSettings


@dataclass(frozen=True, kw_only=True)
class VisionConfig(ChatSettings, Budget):
    """A model with vision behind an endpoint.

    image_side : longest side that images are reduced to, px
    form : form of the answer that the endpoint can enforce: json_schema, json_object or none
    max_tokens : length of one answer, tokens, with the rationale of a thinking model
    temperature : temperature of the answers; default: the endpoint's own
    """

    image_side: int = 768
    form: str = "json_schema"
    max_tokens: int = 2000
    temperature: float | None = None
    requests_per_minute: float | None = 60.0

    LEAST: ClassVar[dict[str, int]] = {"image_side": 1, "max_tokens": 1}
    """Setting -> its smallest value."""

    def __post_init__(self) -> None:
        ChatSettings.__post_init__(self)
        Budget.__post_init__(self)
        response_format(self.form)  # raises ValueError for an unknown one
        for name in ("url", "model"):
            if not getattr(self, name):
                raise ValueError(f"{name} must be given for a model behind an endpoint, got nothing")
        for name, least in self.LEAST.items():
            if getattr(self, name) < least:
                raise ValueError(f"{name} must be at least {least}, got {getattr(self, name)}")
        if self.temperature is not None and not 0 <= self.temperature < math.inf:
            raise ValueError(f"temperature must be at least 0 and finite, got {self.temperature}")

    def described(self) -> dict[str, Any]:
        """Return the settings that determine an answer, as JSON values. The address is not one of them."""
        return {name: getattr(self, name) for name in ("model", "image_side", "form", "max_tokens", "temperature")}


@dataclass(frozen=True, kw_only=True)
class OnlineConfig(VisionConfig):
    """A teacher behind an endpoint.

    max_tokens : length of one reply, tokens; twice as many after one that was cut off
    reprompts : times that an unusable reply is returned to the model with its fault
    """

    reprompts: int = 2

    LEAST: ClassVar[dict[str, int]] = {**VisionConfig.LEAST, "reprompts": 0}

    def described(self) -> dict[str, Any]:
        """Return the settings that determine a reply, as JSON values."""
        described = super().described()
        return {"teacher": described.pop("model"), **described, "reprompts": self.reprompts}
