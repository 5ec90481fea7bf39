"""Any model with vision behind an OpenAI-compatible endpoint: hosted, or a trained checkpoint that vLLM serves.

The prompts are those of training (`iea.reward_fns.tasks`); the model sees small copies of the photographs.
"""

import asyncio
import base64
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from PIL import Image as PillowImage

from iea.data_prep.annotate.images import JPEG_QUALITY
from iea.data_prep.label.match import reduced
from iea.editor import Image, Program, ProgramError, render
from iea.recipe.agent.models.model import NO_PROGRAM, UNREACHED, Answer, ModelError
from iea.recipe.evaluation.served import served_name
from iea.recipe.evaluation.systems.endpoint import messages, read
from iea.recipe.evaluation.systems.system import Failed
from iea.reward_fns.chat import ChatClient, ChatError, ChatSettings, Completion, RequestRejectedError
from iea.reward_fns.parse import parse_answer
from iea.reward_fns.prompts import STYLES
from iea.reward_fns.tasks import TASKS

_RATIONALE = re.compile(r"<think>(.*?)</think>", re.DOTALL)
LONGEST_WHY = 2000  # characters of a rationale that are kept
TINY_SIDE = 112  # px, of the photographs that the tiny policy learns from (iea.recipe.pipeline.lane)


@dataclass(frozen=True, kw_only=True)
class EndpointConfig(ChatSettings):
    """A model with vision behind an endpoint.

    style : form of the prompts: full asks for reasons, direct for the program alone, short is that of the tiny policy
    max_tokens : length of one answer, tokens
    """

    timeout_s: float | None = 180.0
    attempts: int = 3
    style: str = "full"
    max_tokens: int = 2000

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.url:
            raise ValueError("--endpoint must be an address such as http://127.0.0.1:8000/v1, got nothing")
        if self.style not in STYLES:
            raise ValueError(f"style must be one of {', '.join(STYLES)}, got {self.style!r}")
        if self.max_tokens < 1:
            raise ValueError(f"max_tokens must be at least 1, got {self.max_tokens}")


class Endpoint:
    """A model behind an endpoint."""

    def __init__(self, config: EndpointConfig) -> None:
        self.config = config

    @property
    def name(self) -> str:
        """Name of the model, and the address."""
        return f"{self._model} at {self.config.url}"

    def edit(self, original: Image, request: str) -> Answer:
        """Ask for the program of a first request."""
        return self._program("edit", {"original": original}, text=request)

    def refine(self, original: Image, request: str, first: str, previous: Program) -> Answer:
        """Show the original and the previous result, and ask for the complete program after a further request."""
        images = {"original": original, "previous": render(original, previous)}
        return self._program("refine", images, text=request, first_text=first, previous_program=previous.to_json())

    def summarize(self, original: Image, edited: Image) -> str:
        """Show both images and ask for the request behind the edit."""
        completion = self._ask("summary", {"original": original, "reference": edited}, {})
        return printable(self._read(completion, is_program=False)).strip()

    @cached_property
    def _model(self) -> str:
        if self.config.model:
            return self.config.model
        try:
            return served_name(self.config.url)
        except ValueError as error:
            raise ModelError(str(error), UNREACHED) from error

    def _program(self, task: str, images: Mapping[str, Image], **words: str) -> Answer:
        completion = self._ask(task, images, words)
        text = self._read(completion, is_program=True)
        try:
            program = parse_answer(text)
        except ProgramError as error:
            raise ModelError(
                f"the model must answer with a program, got none ({error}): {text[:200]!r}", NO_PROGRAM
            ) from error
        why = printable("\n".join(found.strip() for found in _RATIONALE.findall(completion.text)))
        return Answer(Program({tool: value for tool, value in program.items() if value}), why[:LONGEST_WHY])

    def _read(self, completion: Completion, *, is_program: bool) -> str:
        answer = read(completion, is_program=is_program)
        if isinstance(answer, Failed):
            raise ModelError(
                f"the model must answer the request, got {answer.reason}: {printable(answer.text or completion.text[:200])}",
                NO_PROGRAM,
            )
        return str(answer)

    def _ask(self, task: str, images: Mapping[str, Image], words: Mapping[str, str]) -> Completion:
        row = {
            "data_source": TASKS[task].sources[0],
            "prompt": [],
            "extra_info": {**words, **{name: name for name in images}},
        }
        if self.config.style == "short":
            images = {name: reduced(image, TINY_SIDE) for name, image in images.items()}
        urls = {name: data_url(image) for name, image in images.items()}
        body = {
            "model": self._model,
            "messages": messages(row, self.config.style, urls.__getitem__),
            "max_tokens": self.config.max_tokens,
            "temperature": 0,
        }
        try:
            return self._complete(body)
        except RequestRejectedError as error:
            raise ModelError(f"the endpoint {self.config.url} refused the request: {error}", NO_PROGRAM) from error
        except ChatError as error:
            raise ModelError(
                f"the endpoint {self.config.url} must answer, got {error}; start it or correct --endpoint, or leave that out for "
                "the offline interpreter. No photograph was changed",
                UNREACHED,
            ) from error

    def _complete(self, body: Mapping[str, Any]) -> Completion:
        return asyncio.run(ChatClient(self.config).complete(body))


def printable(text: str) -> str:
    """Return a text without control characters but line breaks: a terminal would obey those of a model.

    >>> printable("warm\\x1b[2Jer")
    'warm[2Jer'
    """
    return "".join(one for one in text if one.isprintable() or one == "\n")


def data_url(image: Image) -> str:
    """Return an 8-bit image as a JPEG in base64."""
    buffer = io.BytesIO()
    PillowImage.fromarray(image).save(buffer, "JPEG", quality=JPEG_QUALITY)
    return "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode()
