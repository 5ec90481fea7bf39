import re

import numpy as np
import pytest

from iea.data_prep.language.frames import AUTO, HOW, MORE, SOME
from iea.data_prep.language.phrases import tool_phrases
from iea.data_prep.language.requests import auto_instruction, clause, instruction
from iea.editor import TOOLS, render
from iea.editor.levels import LEVELS, TYPICAL

KEYS = [(tool.name, sign) for tool in TOOLS.values() for sign in (1, -1) if sign > 0 or tool.low < 0]
PHRASES = {(tool, sign): tool_phrases(tool).direction(sign).template for tool, sign in KEYS}
LUMA = np.array([0.2126, 0.7152, 0.0722])


def core(phrase: str) -> str:
    return " ".join(re.sub(r"\{\w+\}", " ", phrase.replace("{it}", "it")).split())


def test_every_tool_and_direction_has_several_phrases():
    assert all(len(set(phrases)) >= 3 for phrases in PHRASES.values())


def test_no_phrase_can_be_taken_for_another_tool_or_direction():
    cores = [(core(p), key) for key, phrases in PHRASES.items() for p in phrases]
    for text, key in cores:
        rivals = [other for c, other in cores if other != key and re.search(rf"\b{text}\b", c)]
        assert not rivals, f"{text!r} of {key} is also in a phrase of {rivals}"


def mean_luma(x: np.ndarray) -> float:
    return float((x @ LUMA).mean())


def spread(x: np.ndarray) -> float:
    return float((x @ LUMA).std())


def chroma(x: np.ndarray) -> float:
    return float((x.max(-1) - x.min(-1)).mean())


def detail(x: np.ndarray) -> float:
    return float(np.abs(np.diff(x @ LUMA, axis=1)).mean())


def warmth(x: np.ndarray) -> float:
    return float((x[..., 0] - x[..., 2]).mean())


def green(x: np.ndarray) -> float:
    return float((x[..., 1] - (x[..., 0] + x[..., 2]) / 2).mean())


# Word -> the measure of the image that the word promises to increase (+) or decrease (-).
CLAIMS = {
    r"brighter|brighten|brightness|exposure|light|lighter|lighten|lift|raise the blacks|open up": (mean_luma, 1),
    r"darker|darken|deepen|deeper|close down|crush|sink|dull the|greyer|tame": (mean_luma, -1),
    r"punchier|add contrast|raise the contrast": (spread, 1),
    r"flatter|remove contrast|lower the contrast|fade|wash|faded": (spread, -1),
    r"more colourful|stronger|boost the saturation|boost the vibrance|wake up|livelier": (chroma, 1),
    r"less colourful|weaker|lower the saturation|lower the vibrance|quiet|calmer": (chroma, -1),
    r"crisper|sharpen|bring out the details|raise the local|add texture|bring out the texture|grain|grainier": (
        detail,
        1,
    ),
    r"softer|soften|blur|lower the local|remove texture|smooth out": (detail, -1),
    r"warm|warmer|golden": (warmth, 1),
    r"cool|cooler|bluer": (warmth, -1),
    r"green|greener": (green, 1),
    r"pink|pinker": (green, -1),
    r"push up the highlights|boost the highlights|push the whites|clean up the whites|remove vignette": (mean_luma, 1),
    r"pull down the highlights|tone down the whites|add vignette": (mean_luma, -1),
}
OPPOSED = r"turn down the brightness|lower the exposure|pull down the exposure|less light"


def claim_of(phrase):
    text = core(phrase)
    if re.search(OPPOSED, text):
        return mean_luma, -1
    return next((c for words, c in CLAIMS.items() if re.search(rf"\b({words})\b", text)), None)


@pytest.mark.parametrize("key", KEYS, ids=[f"{t}{'+' if s > 0 else '-'}" for t, s in KEYS])
def test_the_image_changes_as_the_words_say(key):
    tool, sign = key
    rng = np.random.default_rng(5)
    steps = np.linspace(10, 245, 32)
    image = np.clip(steps[None, :, None] + rng.normal(0, 25, (32, 32, 3)), 0, 255).astype(np.uint8)
    edited = render(image, {tool: sign * TYPICAL["strong"]})
    before, after = image.astype(float), edited.astype(float)
    for phrase in PHRASES[key]:
        claim = claim_of(phrase)
        if claim:
            measure, direction = claim
            assert (measure(after) - measure(before)) * direction > 0, phrase


def test_most_phrases_make_a_measurable_claim():
    claims = [claim_of(phrase) for phrases in PHRASES.values() for phrase in phrases]
    assert sum(claim is not None for claim in claims) > 0.9 * len(claims)


@pytest.mark.parametrize("words", [HOW, MORE, SOME], ids=["how", "more", "some"])
def test_no_word_of_strength_stands_for_two_levels(words):
    every = [w for group in words.values() for w in group]
    assert len(every) == len(set(every))
    assert set(words) == set(LEVELS) > set(TYPICAL)


def test_an_instruction_names_exactly_the_tools_of_the_program():
    rng = np.random.default_rng(1)
    for _ in range(400):
        chosen = [KEYS[i] for i in rng.choice(len(KEYS), 5, replace=False)]
        program = {tool: sign * 45 for tool, sign in chosen}
        text = instruction(rng, program)
        named = {key for key, phrases in PHRASES.items() for p in phrases if re.search(pattern(p), text)}
        assert named == {(tool, 1 if value > 0 else -1) for tool, value in program.items()}, text


def pattern(phrase: str) -> str:
    """The phrase with anything that may fill its slots."""
    fill = {"it": r"(it|the (photo|picture|image))", "how": "", "more": r"(\w+ ){0,2}", "some": r"(\w+ ){0,4}"}
    parts = re.split(r"\{(\w+)\} ?", phrase)
    body = "".join(fill[p] + (" ?" if p == "it" else "") if i % 2 else re.escape(p) for i, p in enumerate(parts))
    return rf"\b{body.rstrip(' ').removesuffix(chr(92))}"


def test_every_level_has_its_own_words():
    rng = np.random.default_rng(2)
    texts = {name: {clause(rng, "shadows", value) for _ in range(300)} for name, value in TYPICAL.items()}
    assert "lift the shadows a little" in texts["slight"]
    assert "lift the shadows" in texts["moderate"]
    assert "make the shadows much lighter" in texts["strong"]
    assert not texts["slight"] & texts["moderate"] | texts["moderate"] & texts["strong"]


def test_templates_call_an_extreme_change_strong():
    extreme, strong = ([clause(np.random.default_rng(n), "shadows", value) for n in range(50)] for value in (-100, -80))
    assert extreme == strong


def test_automatic_requests_vary_and_name_no_tool():
    rng = np.random.default_rng(3)
    texts = {auto_instruction(rng) for _ in range(500)}
    assert len(texts) > 30
    cores = [core(p) for phrases in PHRASES.values() for p in phrases]
    assert not [t for t in texts for c in cores if c in t]
    assert all(any(a in t for a in AUTO) for t in texts)


def test_the_vocabulary_is_small_and_lower_case():
    rng = np.random.default_rng(4)
    texts = [clause(rng, tool, sign * value) for tool, sign in KEYS for value in TYPICAL.values() for _ in range(40)]
    texts += [instruction(rng, {"fade": 20, "grain": 80}) for _ in range(200)]
    texts += [auto_instruction(rng) for _ in range(500)]
    assert all(re.fullmatch(r"[a-z ,?]+", t) for t in texts)
    assert all("  " not in t and " ," not in t for t in texts)
    assert len({w for t in texts for w in re.findall(r"[a-z]+", t)}) < 250
