"""Phrases that ask for a tool: one file per tool, `tools/<tool>.yaml`.

    weight: 3                # how often the tool is wanted beside others, relative to the other tools
    positive: 0.65           # share of its uses in the + direction; 1 if left out
    similar: brightness      # optional: the tool with nearly the same effect, stated in one of the two files
    plus:                    # requests for a positive value
      template:              # the plainest orders; they are training orders of `expert` too
        - raise the exposure {how}
      expert:                # photographers' words
        do:                  # orders
          - open up for {more} more light
        do_val:              # orders in held-out texts only
          - push the exposure up {how}
        wrong:               # complaints, which ask for the opposite of what they say
          - the exposure is {too} low
        wrong_val:           # complaints in held-out texts only
          - the exposure looks {too} low
      amateur:               # everyday words, and only those tool names that everybody knows; lists as above
    minus:                   # requests for a negative value; of a tool without negative values, requests for less of it
                             # after an edit, without `template`

An order has one slot for its strength: `{how}`, an adverb after or before a verb ("lift the shadows a little", "slightly
lift the shadows"), `{more}` before a comparative ("make it much warmer") or `{some}`, an amount ("add a lot of grain"). A
complaint has `{too}` before its adjective. Both may have `{it}`, the photograph.

No phrase stands for two tools or directions. Exposure and brightness, which change an image in the same way, differ by
vocabulary: exposure and light for the first, bright and dark for the second. Every word of the held-out lists occurs in the
training lists in the same role beside other words (the verb with the noun, the adjective with its subject), but the
held-out phrase does not: held-out texts then measure understanding rather than recall.
"""

import re
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import Annotated, Literal, TypeAlias, get_args

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from iea.editor import TOOLS

Persona: TypeAlias = Literal["expert", "amateur"]
Speaker: TypeAlias = Literal["expert", "amateur", "template"]
PhraseSplit: TypeAlias = Literal["train", "val"]
PERSONAS: tuple[Persona, ...] = get_args(Persona)


def _one_slot(*slots: str) -> Callable[[str], str]:
    """Return a check that a phrase has one of `slots` once and no other slot but `{it}`."""

    def check(phrase: str) -> str:
        used = [slot for slot in re.findall(r"{(\w*)}", phrase) if slot != "it"]
        if len(used) != 1 or used[0] not in slots:
            names = " or ".join(f"{{{slot}}}" for slot in slots)
            raise ValueError(f"a phrase must have {names} once and no other slot but {{it}}, got {phrase!r}")
        return phrase

    return check


Order: TypeAlias = Annotated[str, AfterValidator(_one_slot("how", "more", "some"))]
Complaint: TypeAlias = Annotated[str, AfterValidator(_one_slot("too"))]


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Phrases(_Entry):
    """Phrases of one persona for one tool in one direction."""

    do: Annotated[tuple[Order, ...], Field(min_length=1)]
    do_val: Annotated[tuple[Order, ...], Field(min_length=1)]
    wrong: Annotated[tuple[Complaint, ...], Field(min_length=1)]
    wrong_val: Annotated[tuple[Complaint, ...], Field(min_length=1)]


class Direction(_Entry):
    """Phrases for one tool in one direction."""

    template: tuple[Order, ...] = ()
    expert: Phrases
    amateur: Phrases

    def orders(self, persona: Persona, phrase_split: PhraseSplit) -> tuple[str, ...]:
        """Return the orders of a persona."""
        phrases: Phrases = getattr(self, persona)
        if phrase_split == "val":
            return phrases.do_val
        return (*self.template, *phrases.do) if persona == "expert" else phrases.do

    def complaints(self, persona: Persona, phrase_split: PhraseSplit) -> tuple[str, ...]:
        """Return the complaints of a persona."""
        phrases: Phrases = getattr(self, persona)
        return phrases.wrong if phrase_split == "train" else phrases.wrong_val


class ToolPhrases(_Entry):
    """Content of a tool's phrase file."""

    weight: Annotated[float, Field(gt=0)]
    positive: Annotated[float, Field(ge=0, le=1)] = 1.0
    similar: str | None = None
    plus: Direction
    minus: Direction

    def direction(self, value: int) -> Direction:
        """Return the phrases for a value of this sign, which must not be 0."""
        return self.plus if value > 0 else self.minus


@cache
def tool_phrases(tool: str) -> ToolPhrases:
    """Return the phrases of a tool.

    Raises
    ------
    FileNotFoundError : the tool has no phrase file
    ValueError : the file breaks a rule above; the message names the place
    """
    try:
        text = (files("iea.data_prep.language") / f"tools/{tool}.yaml").read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise FileNotFoundError(
            f"cannot phrase requests for the tool {tool!r}: it has no phrase file. "
            f"Add data_prep/language/tools/{tool}.yaml as docs/extend.md shows"
        ) from error
    return parse_phrases(text, tool)


def parse_phrases(text: str, tool: str) -> ToolPhrases:
    """Read the phrases of `tool` from the text of its file. ValueError as for `tool_phrases`."""
    try:
        phrases = ToolPhrases.model_validate(yaml.safe_load(text))
    except yaml.YAMLError as error:
        raise ValueError(f"{tool}.yaml must be valid YAML: {error}") from error
    except ValidationError as error:
        faults = [f"{'.'.join(map(str, one['loc'])) or 'the file'}: {one['msg']}" for one in error.errors()]
        raise ValueError(
            f"{tool}.yaml must have the lists of iea.data_prep.language.phrases, got {'; '.join(faults)}"
        ) from error
    if not phrases.plus.template or (TOOLS[tool].low < 0 and not phrases.minus.template):
        raise ValueError(
            f"{tool}.yaml must have a template order for each direction of the tool's range, got none; add one"
        )
    alike = [name for name, other in TOOLS.items() if name != tool and other.low == TOOLS[tool].low]
    if phrases.similar is not None and phrases.similar not in alike:  # a value of one must be a value of the other
        raise ValueError(
            f"{tool}.yaml: similar must be a tool of the same range, one of {', '.join(alike)}, got {phrases.similar!r}"
        )
    return phrases
