"""Everyday words: light, dark, colours, "what is white", and no name of a tool but those that everybody knows."""

from __future__ import annotations

from collections.abc import Mapping

from iea.data_prep.wording.phrasebook.phrases import Key, Phrases

AMATEUR: Mapping[Key, Phrases] = {
    ("exposure", +1): Phrases(
        ("give {it} {more} more light", "bring in {more} more light"),
        ("bring {more} more light to {it}", "add {some} light"),
        ("there is {too} little light", "the light is {too} weak"),
        ("the light looks {too} weak", "{it} has {too} little light"),
    ),
    ("exposure", -1): Phrases(
        ("give {it} {more} less light", "take away {some} light"),
        ("bring in {more} less light", "remove {some} light"),
        ("the light is {too} strong", "the light is {too} harsh"),
        ("the light looks {too} strong", "the light looks {too} harsh"),
    ),
    ("brightness", +1): Phrases(
        ("make {it} look {more} brighter", "light {it} up {how}"),
        ("bring the brightness up {how}", "make {it} {more} less dark"),
        ("{it} is {too} dark", "{it} came out {too} dark"),
        ("{it} looks {too} dark",),
    ),
    ("brightness", -1): Phrases(
        ("make {it} look {more} darker", "dim {it} {how}"),
        ("bring the brightness down {how}", "make {it} {more} less bright"),
        ("{it} is {too} bright", "{it} came out {too} bright"),
        ("{it} looks {too} bright",),
    ),
    ("contrast", +1): Phrases(
        ("give {it} {more} more punch", "make light and dark {more} more different"),
        ("give {it} {some} contrast", "make {it} look {more} punchier"),
        ("{it} is {too} flat", "{it} came out {too} flat"),
        ("{it} looks {too} flat",),
    ),
    ("contrast", -1): Phrases(
        ("give {it} {more} less punch", "make light and dark {more} less different"),
        ("take away {some} contrast", "make {it} look {more} flatter"),
        ("{it} is {too} harsh", "{it} came out {too} harsh"),
        ("{it} looks {too} harsh",),
    ),
    ("natural_contrast", +1): Phrases(
        ("give things {more} more shape", "make things stand out {how}"),
        ("give {it} {more} more depth", "bring out the depth {how}"),
        ("{it} has {too} little depth", "things stand out {too} little"),
        ("there is {too} little shape",),
    ),
    ("natural_contrast", -1): Phrases(
        ("give things {more} less shape", "make things {more} more even"),
        ("give {it} {more} less depth", "even things out {how}"),
        ("things stand out {too} strongly", "the depth is {too} harsh"),
        ("the shape of things is {too} strong",),
    ),
    ("highlights", -1): Phrases(
        ("make the bright parts {more} less bright", "calm down the bright parts {how}"),
        ("tone down the bright parts {how}", "make the bright parts {more} darker"),
        ("the bright parts are {too} bright", "the bright areas are {too} strong"),
        ("the bright parts look {too} strong", "the bright areas look {too} bright"),
    ),
    ("highlights", +1): Phrases(
        ("make the bright parts {more} brighter", "brighten the bright parts {how}"),
        ("boost the bright parts {how}", "push up the bright parts {how}"),
        ("the bright parts are {too} dull", "the bright areas are {too} weak"),
        ("the bright parts look {too} weak", "the bright areas look {too} dull"),
    ),
    ("shadows", +1): Phrases(
        ("make the dark parts {more} lighter", "lighten the dark parts {how}"),
        ("brighten the dark parts {how}", "open up the dark parts {how}"),
        ("the dark parts are {too} dark", "the dark areas are {too} deep"),
        ("the dark parts look {too} deep", "the dark areas look {too} dark"),
    ),
    ("shadows", -1): Phrases(
        ("make the dark parts {more} darker", "darken the dark parts {how}"),
        ("deepen the dark parts {how}", "close down the dark parts {how}"),
        ("the dark parts are {too} light", "the dark areas are {too} pale"),
        ("the dark parts look {too} pale", "the dark areas look {too} light"),
    ),
    ("whites", -1): Phrases(
        ("make the whites {more} duller", "make what is white {more} greyer"),
        ("make what is white {more} duller", "darken the whites {how}"),
        ("the whites are {too} bright", "what is white looks {too} bright"),
        ("the whites look {too} bright", "what is white looks {too} harsh"),
    ),
    ("whites", +1): Phrases(
        ("make the whites {more} whiter", "make what is white {more} brighter"),
        ("make what is white {more} whiter", "brighten the whites {how}"),
        ("the whites are {too} dirty", "what is white looks {too} grey"),
        ("the whites look {too} dirty", "what is white looks {too} dull"),
    ),
    ("blacks", +1): Phrases(
        ("make the blacks {more} greyer", "make what is black {more} lighter"),
        ("make what is black {more} greyer", "lighten the blacks {how}"),
        ("the blacks are {too} dark", "what is black looks {too} deep"),
        ("the blacks look {too} dark", "what is black looks {too} dark"),
    ),
    ("blacks", -1): Phrases(
        ("make the blacks {more} blacker", "make what is black {more} darker"),
        ("make what is black {more} blacker", "darken the blacks {how}"),
        ("the blacks are {too} grey", "what is black looks {too} grey"),
        ("the blacks look {too} grey", "what is black looks {too} light"),
    ),
    ("saturation", +1): Phrases(
        ("give {it} {more} more colour", "make the colours come out {how}"),
        ("add {some} colour", "make the colours look {more} stronger"),
        ("the colours look {too} dull", "the colours are {too} weak"),
        ("the colours are {too} dull", "the colours look {too} weak"),
    ),
    ("saturation", -1): Phrases(
        ("give {it} {more} less colour", "calm down the colours {how}"),
        ("take away {some} colour", "make the colours look {more} weaker"),
        ("the colours look {too} strong", "the colours are {too} loud"),
        ("the colours are {too} strong", "the colours look {too} loud"),
    ),
    ("vibrance", +1): Phrases(
        ("make the pale colours {more} stronger", "bring the pale colours to life {how}"),
        ("wake up the pale colours {how}", "bring out the pale colours {how}"),
        ("the pale colours are {too} weak", "the dull colours look {too} tired"),
        ("the pale colours look {too} tired", "the dull colours are {too} weak"),
    ),
    ("vibrance", -1): Phrases(
        ("make the pale colours {more} weaker", "calm down the pale colours {how}"),
        ("quiet the pale colours {how}", "make the pale colours {more} calmer"),
        ("the pale colours are {too} strong", "the dull colours look {too} lively"),
        ("the pale colours look {too} lively", "the dull colours are {too} strong"),
    ),
    ("temperature", -1): Phrases(
        ("give {it} {more} less warmth", "make {it} look {more} colder"),
        ("take away {some} warmth", "make {it} {more} less yellow"),
        ("{it} is {too} warm", "{it} came out {too} yellow"),
        ("{it} looks {too} warm", "{it} is {too} yellow"),
    ),
    ("temperature", +1): Phrases(
        ("give {it} {more} more warmth", "make {it} look {more} warmer"),
        ("add {some} warmth", "make {it} {more} less blue"),
        ("{it} is {too} cold", "{it} came out {too} blue"),
        ("{it} looks {too} cold", "{it} is {too} blue"),
    ),
    ("tint", +1): Phrases(
        ("give {it} {more} more green", "make {it} look {more} greener"),
        ("bring in {more} more green", "take away {some} pink"),
        ("{it} is {too} pink", "{it} came out {too} pink"),
        ("{it} looks {too} pink",),
    ),
    ("tint", -1): Phrases(
        ("give {it} {more} more pink", "make {it} look {more} pinker"),
        ("bring in {more} more pink", "take away {some} green"),
        ("{it} is {too} green", "{it} came out {too} green"),
        ("{it} looks {too} green",),
    ),
    ("sharpness", -1): Phrases(
        ("make {it} {more} blurrier", "make the details {more} softer"),
        ("make {it} {more} less sharp", "make the details {more} blurrier"),
        ("{it} is {too} sharp", "{it} came out {too} crisp"),
        ("{it} looks {too} sharp", "{it} is {too} crisp"),
    ),
    ("sharpness", +1): Phrases(
        ("make {it} look {more} sharper", "make the details {more} clearer"),
        ("make {it} {more} clearer", "make the details {more} sharper"),
        ("{it} is {too} blurry", "{it} came out {too} soft"),
        ("{it} looks {too} blurry", "{it} is {too} soft"),
    ),
    ("vignette", -1): Phrases(
        ("make the borders {more} darker", "give {it} {more} darker corners"),
        ("darken the borders {how}", "give {it} {more} darker edges"),
        ("the borders are {too} bright", "the corners are {too} bright"),
        ("the borders look {too} bright", "the corners look {too} bright"),
    ),
    ("vignette", +1): Phrases(
        ("make the borders {more} brighter", "give {it} {more} brighter corners"),
        ("lighten the borders {how}", "give {it} {more} brighter edges"),
        ("the borders are {too} dark", "the corners are {too} dark"),
        ("the borders look {too} dark", "the corners look {too} dark"),
    ),
    ("fade", +1): Phrases(
        ("make {it} look {more} older", "make {it} look {more} more washed out"),
        ("make {it} {more} older", "make {it} {more} more washed out"),
        ("{it} looks {too} new", "{it} is {too} modern"),
        ("{it} is {too} new", "{it} looks {too} modern"),
    ),
    ("fade", -1): Phrases(
        ("make {it} look {more} newer", "make {it} look {more} less washed out"),
        ("make {it} {more} newer", "make {it} {more} less washed out"),
        ("{it} looks {too} old", "{it} is {too} washed out"),
        ("{it} is {too} old", "{it} looks {too} washed out"),
    ),
    ("grain", +1): Phrases(
        ("make {it} look {more} rougher", "make {it} look {more} grainier"),
        ("make {it} {more} rougher", "give {it} {some} grain"),
        ("{it} is {too} smooth", "{it} came out {too} clean"),
        ("{it} looks {too} smooth", "{it} is {too} clean"),
    ),
    ("grain", -1): Phrases(
        ("make {it} look {more} smoother", "make {it} look {more} less grainy"),
        ("make {it} {more} smoother", "take away {some} grain"),
        ("{it} is {too} grainy", "{it} came out {too} rough"),
        ("{it} looks {too} grainy", "{it} is {too} rough"),
    ),
}
