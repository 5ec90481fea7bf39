"""Words around a phrase, from `frames.yaml`: strengths, sentence templates, and requests that name no edit."""

from collections.abc import Mapping
from importlib.resources import files
from typing import TypeAlias

import yaml
from pydantic import BaseModel, ConfigDict

from iea.data_prep.language.phrases import Persona, PhraseSplit

Strengths: TypeAlias = Mapping[str, tuple[str, ...]]
"""Level -> words for it."""


class _Words(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Frames(_Words):
    """Templates of one phrase split; slots `{do}` for orders, `{wrong}` for complaints.

    do, wrong, mixed : a request of orders, of complaints, of both
    and_do : before the last of several orders
    and_wrong : before the last of several complaints or amounts
    amount : an order with a number; slots `{tool}` and `{value}`, signed
    good : before a refinement, which refers to the latest result
    than : after a comparison with that result
    vague : requests that name no edit; most are orders and may be framed
    """

    do: tuple[str, ...]
    wrong: tuple[str, ...]
    mixed: tuple[str, ...]
    and_do: tuple[str, ...]
    and_wrong: tuple[str, ...]
    amount: tuple[str, ...]
    good: tuple[str, ...]
    than: str
    vague: tuple[str, ...]


class _File(_Words):
    how: Strengths
    how_first: Strengths
    more: Strengths
    some: Strengths
    too: Strengths
    names: Mapping[Persona, tuple[str, ...]]
    template_and: tuple[str, ...]
    auto: tuple[str, ...]
    auto_frames: tuple[str, ...]
    frames: Mapping[PhraseSplit, Frames]


_file = _File.model_validate(yaml.safe_load((files(__package__) / "frames.yaml").read_text(encoding="utf-8")))
HOW, HOW_FIRST, MORE, SOME, TOO = _file.how, _file.how_first, _file.more, _file.some, _file.too
NAMES, FRAMES = _file.names, _file.frames
TEMPLATE_AND, AUTO, AUTO_FRAMES = _file.template_and, _file.auto, _file.auto_frames
JUST_TOO = "too"  # in a complaint followed by an order, which says how much
