"""Texts of the pages: one YAML file per language, named by its code."""

from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Question(_Strict):
    """Heading of a question and the sentence under it."""

    heading: str
    hint: str


class Texts(_Strict):
    """All texts of the pages in one language; words in braces are filled in."""

    name: str
    html: str
    agree: str
    link: str
    how: list[str]
    instruction: Question
    quality: Question
    request: str
    original: str
    result: str
    place: str
    placed: str
    choose: str
    enlarge: str
    close: str
    previous: str
    following: str
    show_original: str
    places: str
    clear: str
    next: str
    back: str
    progress: str
    complete: str
    incomplete: str
    keys: str
    done: str
    done_text: str
    script: str
    unknown: str
    refused: str


LANGUAGES = {
    path.stem: Texts(**yaml.safe_load(path.read_text(encoding="utf-8")))
    for path in sorted(Path(__file__).parent.glob("*.yaml"))
}
"""Code of a language -> its texts."""
