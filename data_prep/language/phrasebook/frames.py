"""What stands around a phrase: words of strength, ways to ask, and requests that ask for nothing in particular.

Every template of the two wordings differs, and the held-out one has no word that training lacks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from iea.data_prep.language import instructions
from iea.data_prep.language.phrasebook.phrases import Persona, Wording

HOW = {**instructions.HOW, "extreme": ("all the way", "to the maximum", "as much as possible")}
HOW_FIRST = {**instructions.HOW_FIRST, "extreme": ("massively", "drastically")}
MORE = {**instructions.MORE, "extreme": ("massively", "drastically")}
SOME = {**instructions.SOME, "extreme": ("a massive amount of", "a huge amount of")}
TOO = {
    "slight": ("a bit too", "a little too", "slightly too", "a touch too"),
    "moderate": ("too", "too", "clearly too", "rather"),
    "strong": ("much too", "far too", "way too"),
    "extreme": ("extremely", "terribly", "unbearably"),
}
JUST_TOO = "too"  # of a complaint that an order follows: the order says how much

NAMES: Mapping[Persona, tuple[str, ...]] = {  # of the photograph
    "expert": instructions.IT,
    "amateur": (*instructions.IT, "my photo", "this photo", "this picture"),
}


@dataclass(frozen=True)
class Frames:
    """Templates of one wording; slots `{do}` for orders, `{wrong}` for complaints.

    do, wrong, mixed : a request of orders, of complaints, of both
    and_do : before the last of several orders
    and_wrong : before the last of several complaints or amounts
    amount : an order with a number; slots `{tool}` and `{value}`, signed
    good : before a refinement, which is about the latest result
    than : after a comparison with it
    vague : requests for nothing in particular; most are orders and may be framed
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


FRAMES: Mapping[Wording, Frames] = {
    "train": Frames(
        do=tuple(frame.replace("{}", "{do}") for frame in instructions.FRAMES),
        wrong=(
            "{wrong}",
            "{wrong}",
            "i think {wrong}",
            "sorry, but {wrong}",
            "{wrong}, can you fix that?",
            "{wrong}, please fix it",
            "to me {wrong}",
        ),
        mixed=("{wrong}, {do}", "{wrong}, please {do}", "{wrong}, can you {do}?", "{wrong}, could you {do}?"),
        and_do=(" and ", " and ", ", then ", " and also "),
        and_wrong=(" and ", " and ", " and also "),
        amount=("{tool} {value}", "set {tool} to {value}"),
        good=(
            "good, but {}",
            "nice, but {}",
            "better, but {}",
            "almost, but {}",
            "that is close, but {}",
            "not quite, {}",
            "thanks, but {}",
        ),
        than=" than that",
        vague=(
            "make it nicer",
            "make it better",
            "make it look good",
            "improve it",
            "make it more beautiful",
            "do something nice with this photo",
            "edit this picture",
            "make the photo perfect",
            "do your best",
            "give it a better look",
            "make me like it",
            "retouch it",
        ),
    ),
    "val": Frames(
        do=(
            "would you please {do}?",
            "could you {do}, please?",
            "please, would you {do}?",
            "i think you could {do}",
        ),
        wrong=(
            "i think {wrong}, please fix it",
            "{wrong}, i think",
            "sorry, but to me {wrong}",
            "{wrong}, could you please fix that?",
        ),
        mixed=("{wrong}, would you {do}?", "i think {wrong}, please {do}", "{wrong}, could you please {do}?"),
        and_do=(", and then ", ", and also "),
        and_wrong=(", and ", ", and also "),
        amount=("push {tool} to {value}", "{tool} to {value}"),
        good=(
            "close, but not quite, {}",
            "that is better, but {}",
            "nice, thanks, but {}",
            "almost good, but {}",
        ),
        than=" than now",
        vague=(
            "make it look nicer",
            "make it look better",
            "make this photo beautiful",
            "do something good with the picture",
            "improve this picture",
            "give the photo a nice look",
            "edit it, do your best",
            "make me like this photo more",
        ),
    ),
}
