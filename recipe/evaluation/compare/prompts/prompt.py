"""Define a prompt of the grader."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, TypeAlias

from pydantic import AfterValidator, BaseModel, ConfigDict

NO_REQUEST = "none in particular: improve the photograph, and keep it natural"
LOWEST, HIGHEST = 0, 10


class Answer(BaseModel):
    """A JSON object that a prompt asks for; further keys are ignored, though a strict schema forbids them."""

    model_config = ConfigDict(strict=True, json_schema_extra={"additionalProperties": False})
    reason: str


def _in_range(points: float) -> float:
    if not LOWEST <= points <= HIGHEST:
        raise ValueError(f"points must be in [{LOWEST}, {HIGHEST}], got {points}")
    return points


Points: TypeAlias = Annotated[float, AfterValidator(_in_range)]
"""Points from 0 to 10. Not every endpoint's schema supports `minimum`, so the range is checked afterwards."""


@dataclass(frozen=True)
class Prompt:
    """One question about images.

    name : of the prompt, for counts
    text : the question after the images; {request} stands for the request
    labels : heading of each image, in their order
    answer : the object that is asked for
    """

    name: str
    text: str
    labels: tuple[str, ...]
    answer: type[Answer]

    def messages(self, request: str, urls: Sequence[str]) -> list[dict[str, Any]]:
        """Return the chat: every image after its heading, then the question.

        Parameters
        ----------
        request : put on one line, so that it cannot imitate further lines of the prompt; "" = NO_REQUEST
        urls : of the images, one per heading
        """
        content: list[dict[str, Any]] = []
        for label, url in zip(self.labels, urls, strict=True):
            content += [{"type": "text", "text": label}, {"type": "image_url", "image_url": {"url": url}}]
        text = self.text.replace("{request}", " ".join(request.split()) or NO_REQUEST)
        return [{"role": "user", "content": [*content, {"type": "text", "text": text}]}]
