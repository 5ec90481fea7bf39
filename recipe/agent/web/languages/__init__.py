"""Texts of the page: one YAML file per language, named by its code."""

from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict

from iea.editor import TOOLS


class Suggestion(BaseModel):
    """A request to try: its label, and the words that are sent."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    label: str
    say: str


class Texts(BaseModel):
    """All texts of the page in one language.

    html, name : code for browsers, name of the language in itself
    ui : of the page and its scripts; words in braces are filled in
    groups : of tools
    tools : name -> label, and where the words of the tool itself do not serve, minus and plus
    levels : name of a strength -> word
    formats : export format -> description
    errors : code -> message
    sentences : English sentences in notes, answers and lines about files -> the same in this language
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    html: str
    name: str
    ui: dict[str, str]
    groups: dict[str, str]
    tools: dict[str, dict[str, str]]
    levels: dict[str, str]
    formats: dict[str, str]
    suggestions: list[Suggestion]
    errors: dict[str, str]
    sentences: dict[str, str] = {}

    def translations(self) -> dict[str, str]:
        """Return the sentences, and the names and words of tools and strengths in lines about a program; the longest first."""
        if not self.sentences:
            return {}
        pairs = self.sentences | {f"  {name}: ": f" {word}: " for name, word in self.levels.items()}
        for name, text in self.tools.items():
            tool, label = TOOLS[name], text.get("label", name)
            pairs |= {f"{name:16} ": f"{label} ", f": {name}, ": f": {label}, "}
            pairs |= {getattr(tool, side): text[side] for side in ("minus", "plus") if side in text}
        return dict(sorted(pairs.items(), key=lambda pair: -len(pair[0])))


LANGUAGES = {
    path.stem: Texts(**yaml.safe_load(path.read_text(encoding="utf-8")))
    for path in sorted(Path(__file__).parent.glob("*.yaml"))
}
"""Code of a language -> its texts."""


def chosen_language(chosen: str, accepted: str) -> str:
    """Return the code of the language that was chosen, else the first that a browser accepts, else English.

    >>> chosen_language("", "fr, zh-CN;q=0.8, en;q=0.5")
    'zh'
    """
    codes = [chosen, *(one.strip()[:2].lower() for one in accepted.split(","))]
    return next((code for code in codes if code in LANGUAGES), "en")
