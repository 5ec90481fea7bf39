"""Photographers' words. The orders of training are those of `iea.data_prep.wording.instructions`.

Less fade and less grain are asked for only of a picture that has been edited already: no tool removes them otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping

from iea.data_prep.wording.instructions import PHRASES
from iea.data_prep.wording.phrasebook.phrases import Key, Phrases

EXPERT: Mapping[Key, Phrases] = {
    ("exposure", +1): Phrases(
        PHRASES["exposure", +1],
        ("push the exposure up {how}", "open up the exposure {how}"),
        ("the exposure is {too} low", "the exposure is {too} dim"),
        ("the exposure looks {too} low", "the exposure looks {too} dim"),
    ),
    ("exposure", -1): Phrases(
        PHRASES["exposure", -1],
        ("pull the exposure down {how}", "turn down the exposure {how}"),
        ("the exposure is {too} high", "the exposure is {too} bright"),
        ("the exposure looks {too} high", "the exposure looks {too} bright"),
    ),
    ("brightness", +1): Phrases(
        PHRASES["brightness", +1],
        ("raise the brightness {how}", "lift the midtones {how}"),
        ("the brightness is {too} low", "the midtones are {too} dark"),
        ("the brightness looks {too} low", "the midtones look {too} dark"),
    ),
    ("brightness", -1): Phrases(
        PHRASES["brightness", -1],
        ("lower the brightness {how}", "sink the midtones {how}"),
        ("the brightness is {too} high", "the midtones are {too} bright"),
        ("the brightness looks {too} high", "the midtones look {too} bright"),
    ),
    ("contrast", +1): Phrases(
        PHRASES["contrast", +1],
        ("boost the contrast {how}", "push up the contrast {how}"),
        ("the contrast is {too} low", "the contrast is {too} weak"),
        ("the contrast looks {too} low", "the contrast looks {too} weak"),
    ),
    ("contrast", -1): Phrases(
        PHRASES["contrast", -1],
        ("pull down the contrast {how}", "tone down the contrast {how}"),
        ("the contrast is {too} high", "the contrast is {too} strong"),
        ("the contrast looks {too} high", "the contrast looks {too} strong"),
    ),
    ("natural_contrast", +1): Phrases(
        PHRASES["natural_contrast", +1],
        ("boost the natural contrast {how}", "push up the natural contrast {how}"),
        ("the natural contrast is {too} low", "there is {too} little depth"),
        ("the natural contrast looks {too} low", "the depth looks {too} weak"),
    ),
    ("natural_contrast", -1): Phrases(
        PHRASES["natural_contrast", -1],
        ("pull down the natural contrast {how}", "tone down the natural contrast {how}"),
        ("the natural contrast is {too} high", "the depth is {too} strong"),
        ("the natural contrast looks {too} high", "the depth looks {too} strong"),
    ),
    ("highlights", -1): Phrases(
        PHRASES["highlights", -1],
        ("lower the highlights {how}", "tone down the highlights {how}"),
        ("the highlights are {too} hot", "the highlights are {too} bright"),
        ("the highlights look {too} hot", "the highlights look {too} bright"),
    ),
    ("highlights", +1): Phrases(
        PHRASES["highlights", +1],
        ("lift the highlights {how}", "raise the highlights {how}"),
        ("the highlights are {too} dull", "the highlights are {too} weak"),
        ("the highlights look {too} dull", "the highlights look {too} weak"),
    ),
    ("shadows", +1): Phrases(
        PHRASES["shadows", +1],
        ("raise the shadows {how}", "open up the shadows {how}"),
        ("the shadows are {too} deep", "the shadows are {too} heavy"),
        ("the shadows look {too} deep", "the shadows look {too} heavy"),
    ),
    ("shadows", -1): Phrases(
        PHRASES["shadows", -1],
        ("close down the shadows {how}", "pull down the shadows {how}"),
        ("the shadows are {too} light", "the shadows are {too} weak"),
        ("the shadows look {too} light", "the shadows look {too} weak"),
    ),
    ("whites", -1): Phrases(
        PHRASES["whites", -1],
        ("lower the whites {how}", "pull down the whites {how}"),
        ("the whites are {too} hot", "the whites are {too} strong"),
        ("the whites look {too} hot", "the whites look {too} strong"),
    ),
    ("whites", +1): Phrases(
        PHRASES["whites", +1],
        ("raise the whites {how}", "boost the whites {how}"),
        ("the whites are {too} dull", "the whites are {too} grey"),
        ("the whites look {too} dull", "the whites look {too} grey"),
    ),
    ("blacks", +1): Phrases(
        PHRASES["blacks", +1],
        ("push up the blacks {how}", "open up the blacks {how}"),
        ("the blacks are {too} deep", "the blacks are {too} heavy"),
        ("the blacks look {too} deep", "the blacks look {too} heavy"),
    ),
    ("blacks", -1): Phrases(
        PHRASES["blacks", -1],
        ("deepen the blacks {how}", "pull down the blacks {how}"),
        ("the blacks are {too} light", "the blacks are {too} weak"),
        ("the blacks look {too} light", "the blacks look {too} weak"),
    ),
    ("saturation", +1): Phrases(
        PHRASES["saturation", +1],
        ("raise the saturation {how}", "push up the saturation {how}"),
        ("the saturation is {too} low", "the saturation is {too} weak"),
        ("the saturation looks {too} low", "the saturation looks {too} weak"),
    ),
    ("saturation", -1): Phrases(
        PHRASES["saturation", -1],
        ("pull down the saturation {how}", "tone down the saturation {how}"),
        ("the saturation is {too} high", "the saturation is {too} strong"),
        ("the saturation looks {too} high", "the saturation looks {too} strong"),
    ),
    ("vibrance", +1): Phrases(
        PHRASES["vibrance", +1],
        ("raise the vibrance {how}", "push up the vibrance {how}"),
        ("the vibrance is {too} low", "the vibrance is {too} weak"),
        ("the vibrance looks {too} low", "the vibrance looks {too} weak"),
    ),
    ("vibrance", -1): Phrases(
        PHRASES["vibrance", -1],
        ("pull down the vibrance {how}", "tone down the vibrance {how}"),
        ("the vibrance is {too} high", "the vibrance is {too} strong"),
        ("the vibrance looks {too} high", "the vibrance looks {too} strong"),
    ),
    ("temperature", -1): Phrases(
        PHRASES["temperature", -1],
        ("lower the temperature {how}", "cool down the white balance {how}"),
        ("the temperature is {too} high", "the white balance is {too} warm"),
        ("the temperature looks {too} high", "the white balance looks {too} warm"),
    ),
    ("temperature", +1): Phrases(
        PHRASES["temperature", +1],
        ("raise the temperature {how}", "warm up the white balance {how}"),
        ("the temperature is {too} low", "the white balance is {too} cool"),
        ("the temperature looks {too} low", "the white balance looks {too} cool"),
    ),
    ("tint", +1): Phrases(
        PHRASES["tint", +1],
        ("push the tint to green {how}", "make the tint {more} greener"),
        ("the tint is {too} pink", "the white balance is {too} pink"),
        ("the tint looks {too} pink", "the white balance looks {too} pink"),
    ),
    ("tint", -1): Phrases(
        PHRASES["tint", -1],
        ("push the tint to pink {how}", "make the tint {more} pinker"),
        ("the tint is {too} green", "the white balance is {too} green"),
        ("the tint looks {too} green", "the white balance looks {too} green"),
    ),
    ("sharpness", -1): Phrases(
        PHRASES["sharpness", -1],
        ("soften the details {how}", "lower the sharpness {how}"),
        ("the details are {too} hard", "the sharpness is {too} high"),
        ("the details look {too} hard", "the sharpness looks {too} high"),
    ),
    ("sharpness", +1): Phrases(
        PHRASES["sharpness", +1],
        ("sharpen the details {how}", "raise the sharpness {how}"),
        ("the details are {too} soft", "the sharpness is {too} low"),
        ("the details look {too} soft", "the sharpness looks {too} low"),
    ),
    ("vignette", -1): Phrases(
        PHRASES["vignette", -1],
        ("darken the edges {how}", "make the corners {more} darker"),
        ("the edges are {too} bright", "the corners are {too} light"),
        ("the edges look {too} bright", "the corners look {too} light"),
    ),
    ("vignette", +1): Phrases(
        PHRASES["vignette", +1],
        ("lighten the edges {how}", "make the corners {more} brighter"),
        ("the edges are {too} dark", "the vignette is {too} strong"),
        ("the edges look {too} dark", "the vignette looks {too} strong"),
    ),
    ("fade", +1): Phrases(
        PHRASES["fade", +1],
        ("add {some} fade", "raise the fade {how}"),
        ("the fade is {too} low", "the fade is {too} weak"),
        ("the fade looks {too} low", "the fade looks {too} weak"),
    ),
    ("fade", -1): Phrases(
        ("pull down the fade {how}", "remove {some} fade", "make {it} {more} less faded"),
        ("lower the fade {how}", "tone down the fade {how}"),
        ("the fade is {too} high", "the fade is {too} strong"),
        ("the fade looks {too} high", "the fade looks {too} strong"),
    ),
    ("grain", +1): Phrases(
        PHRASES["grain", +1],
        ("boost the grain {how}", "raise the grain {how}"),
        ("the grain is {too} fine", "the grain is {too} weak"),
        ("the grain looks {too} fine", "the grain looks {too} weak"),
    ),
    ("grain", -1): Phrases(
        ("pull down the grain {how}", "remove {some} grain", "clean up the grain {how}"),
        ("lower the grain {how}", "tone down the grain {how}"),
        ("the grain is {too} heavy", "the grain is {too} strong"),
        ("the grain looks {too} heavy", "the grain looks {too} strong"),
    ),
}
