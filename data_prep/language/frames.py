"""Words around a phrase: strengths, sentence templates, and requests that name no edit.

The two phrase splits share no template, and every word of the held-out templates occurs in training.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from iea.data_prep.language.phrases import Persona, PhraseSplit

HOW = {  # after the verb; "" = no word of strength, which asks for a moderate change
    "slight": ("slightly", "a little", "a bit", "a touch"),
    "moderate": ("", "moderately", "noticeably", "clearly"),
    "strong": ("strongly", "a lot", "heavily", "a great deal"),
    "extreme": ("all the way", "to the maximum", "as much as possible"),
}
HOW_FIRST = {  # before the verb
    "slight": ("slightly", "gently"),
    "moderate": ("moderately", "noticeably"),
    "strong": ("strongly", "heavily"),
    "extreme": ("massively", "drastically"),
}
MORE = {
    "slight": ("slightly", "a little", "a bit", "a touch"),
    "moderate": ("", "moderately", "noticeably", "clearly"),
    "strong": ("much", "a lot", "far", "way"),
    "extreme": ("massively", "drastically"),
}
SOME = {
    "slight": ("a little", "a bit of", "a touch of", "a hint of"),
    "moderate": ("some", "a fair amount of", "a moderate amount of"),
    "strong": ("a lot of", "lots of", "plenty of"),
    "extreme": ("a massive amount of", "a huge amount of"),
}
TOO = {
    "slight": ("a bit too", "a little too", "slightly too", "a touch too"),
    "moderate": ("too", "too", "clearly too", "rather"),
    "strong": ("much too", "far too", "way too"),
    "extreme": ("extremely", "terribly", "unbearably"),
}
JUST_TOO = "too"  # in a complaint followed by an order, which says how much

_NAMES = ("it", "it", "the photo", "the picture", "the image")
NAMES: Mapping[Persona, tuple[str, ...]] = {  # of the photograph
    "expert": _NAMES,
    "amateur": (*_NAMES, "my photo", "this photo", "this picture"),
}

TEMPLATE_AND = (" and ", " and ", ", then ")  # before the last clause of a template instruction
AUTO = (  # requests to repair a damaged photograph, whose fault only the photograph shows
    "make it look natural",
    "make this look natural again",
    "fix this photo",
    "make this picture look right",
    "correct this image",
    "make this look real again",
    "bring back the natural look",
    "make it look like a normal photo",
)
AUTO_FRAMES = ("{}", "{}", "please {}", "{}, please", "can you {}?", "could you please {}?", "{}, thanks")


@dataclass(frozen=True)
class Frames:
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


FRAMES: Mapping[PhraseSplit, Frames] = {
    "train": Frames(
        do=(
            "{do}",
            "{do}",
            "please {do}",
            "{do}, please",
            "can you {do}?",
            "could you please {do}?",
            "i want you to {do}",
            "i would like you to {do}",
            "{do}, thanks",
            "for this one, {do}",
        ),
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
        and_do=(*TEMPLATE_AND, " and also "),
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
        do=("would you please {do}?", "could you {do}, please?", "please, would you {do}?", "i think you could {do}"),
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
        good=("close, but not quite, {}", "that is better, but {}", "nice, thanks, but {}", "almost good, but {}"),
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
