"""Requests are tested with a reader that has the surface phrases only."""

import re
from collections import defaultdict
from itertools import pairwise, product

import numpy as np
import pytest

from iea.data_prep.language.frames import FRAMES, HOW, HOW_FIRST, MORE, NAMES, SOME, TOO
from iea.data_prep.language.phrases import PERSONAS, tool_phrases
from iea.data_prep.language.requests import ordered_paraphrase, paraphrase, plain_sentence, refinement, vague
from iea.editor import TOOLS
from iea.editor.levels import LEVELS, level, steps_apart

KEYS = [(t.name, s) for t in TOOLS.values() for s in (1, -1) if s > 0 or t.low < 0]
ONE_WAY = [tool.name for tool in TOOLS.values() if tool.low == 0]  # only refinements ask for less of them
SPLITS = ("train", "val")
SLOTS = {"how": HOW, "more": MORE, "some": SOME, "too": TOO}
ITS = sorted({name for names in NAMES.values() for name in names})


def fillings(phrase):
    """(clause, level) of a phrase, "it" left open."""
    slot = next(s for s in SLOTS if f"{{{s}}}" in phrase)
    for name, words in SLOTS[slot].items():
        for word in words:
            yield " ".join(phrase.replace(f"{{{slot}}}", word).split()), name
        if phrase.endswith(" {how}"):
            for word in HOW_FIRST[name]:
                yield f"{word} {phrase.removesuffix(' {how}')}", name


def clauses(split, personas=PERSONAS):
    """Return clause -> set of (tool, sign, level) that it asks for."""
    meant = defaultdict(set)
    for persona in personas:
        for tool, sign in product(TOOLS, (1, -1)):
            phrases = tool_phrases(tool).direction(sign)
            for phrase in phrases.orders(persona, split) + phrases.complaints(persona, split):
                for clause, name in fillings(phrase):
                    meant[clause].add((tool, sign, name))
    return meant


CLAUSES = {split: clauses(split) for split in SPLITS}


class Reader:
    """Finds the longest clause at every place of a sentence and continues after it."""

    def __init__(self):
        self.meant = {}
        for clause, meant in (CLAUSES["train"] | CLAUSES["val"]).items():
            for it in ITS if "{it}" in clause else ("",):
                self.meant[clause.replace("{it}", it)] = next(iter(meant))
        self.heads = defaultdict(list)
        for clause in sorted(self.meant, key=len, reverse=True):
            self.heads[tuple(clause.split()[:2])].append(clause)

    def read(self, sentence):
        """tool -> (sign, level) in the sentence's order; of two that are about one tool, the later counts."""
        found, at = {}, 0
        words = list(re.finditer(r"[a-z]+", sentence))
        for word, following in pairwise(words):
            if word.start() < at:
                continue
            for clause in self.heads[word[0], following[0]]:
                end = word.start() + len(clause)
                if sentence.startswith(clause, word.start()) and not sentence[end : end + 1].isalpha():
                    tool, sign, name = self.meant[clause]
                    assert found.pop(tool, (sign,))[0] == sign, sentence
                    found[tool] = (sign, name)
                    at = end
                    break
        for tool, value in re.findall(r"([a-z ]*[a-z]) ([+-]\d+)", sentence):
            tool = re.sub(r"^(set|push|and|also| )+|( to)$", "", tool).strip().replace(" ", "_")
            found[tool] = (1 if int(value) > 0 else -1, level(int(value)))
        return found


READER = Reader()


def meaning(program):
    return {tool: (1 if value > 0 else -1, level(value)) for tool, value in program.items()}


def draw(rng, most=5):
    program = {}
    for i in rng.choice(len(KEYS), int(rng.integers(1, most + 1)), replace=False):
        tool, sign = KEYS[i]
        name = list(LEVELS)[int(rng.integers(4))]
        program[tool] = sign * int(rng.choice(LEVELS[name]))
    return program


def words(text):
    return set(re.findall(r"[a-z]+", text))


@pytest.fixture(scope="module")
def drawn():
    """(persona, split) -> 1500 (program, sentence)."""
    rng = np.random.default_rng(1)
    out = {}
    for persona, split in product(PERSONAS, SPLITS):
        programs = [draw(rng) for _ in range(1500)]
        out[persona, split] = [(p, paraphrase(rng, p, persona, split)) for p in programs]
    return out


@pytest.mark.parametrize("split", SPLITS)
@pytest.mark.parametrize("persona", PERSONAS)
def test_the_order_of_the_tools_is_that_of_the_sentence(persona, split):
    rng = np.random.default_rng(3)
    for _ in range(1000):
        sentence, order = ordered_paraphrase(rng, draw(rng), persona, split)
        assert order == list(READER.read(sentence)), sentence


@pytest.mark.parametrize("persona", PERSONAS)
def test_training_has_more_phrases_than_the_held_out_split(persona):
    for tool, sign in product(TOOLS, (1, -1)):
        phrases = tool_phrases(tool).direction(sign)
        orders, complaints = (
            [len(set(listed(persona, split))) for split in SPLITS] for listed in (phrases.orders, phrases.complaints)
        )
        assert orders[0] >= 5 > orders[1] >= 2, (tool, sign)
        assert complaints[0] >= 5 > complaints[1] >= 1, (tool, sign)


def test_no_surface_phrase_stands_for_two_tools_directions_or_levels():
    together = defaultdict(set)
    for split in SPLITS:
        for clause, meant in CLAUSES[split].items():
            together[clause] |= meant
    assert len(together) > 4000
    assert {clause: meant for clause, meant in together.items() if len(meant) > 1} == {}


def test_each_phrase_occurs_in_one_place():
    everywhere = [
        phrase
        for persona, split, tool, sign in product(PERSONAS, SPLITS, TOOLS, (1, -1))
        for listed in ("orders", "complaints")
        for phrase in getattr(tool_phrases(tool).direction(sign), listed)(persona, split)
    ]
    assert sorted(p for p in set(everywhere) if everywhere.count(p) > 1) == []


@pytest.mark.parametrize("split", SPLITS)
@pytest.mark.parametrize("persona", PERSONAS)
def test_a_sentence_determines_tool_direction_and_level(drawn, persona, split):
    for program, sentence in drawn[persona, split]:
        assert READER.read(sentence) == meaning(program), sentence


@pytest.mark.parametrize("split", SPLITS)
@pytest.mark.parametrize("persona", PERSONAS)
def test_a_refinement_asks_for_the_difference(persona, split):
    rng = np.random.default_rng(2)
    for _ in range(1000):
        before, after = draw(rng, 3), draw(rng, 3)
        after = {**before, **after} if rng.random() < 0.7 else after
        tools = {tool for tool in {**before, **after} if before.get(tool, 0) != after.get(tool, 0)}
        if not tools:
            continue
        difference = {tool: after.get(tool, 0) - before.get(tool, 0) for tool in tools}
        sentence = refinement(rng, before, after, persona, split)
        assert READER.read(sentence) == meaning(difference), sentence


def plain_meaning(program):
    """The meaning of templates, which know no extreme change."""
    return {tool: (sign, "strong" if name == "extreme" else name) for tool, (sign, name) in meaning(program).items()}


def test_a_template_refinement_asks_for_the_difference():
    rng = np.random.default_rng(3)
    for _ in range(1000):
        before, after = draw(rng, 3), draw(rng, 3)
        tools = {tool for tool in {**before, **after} if before.get(tool, 0) != after.get(tool, 0)}
        difference = {tool: after.get(tool, 0) - before.get(tool, 0) for tool in tools}
        assert READER.read(refinement(rng, before, after, "template")) == plain_meaning(difference)


def test_a_plain_sentence_names_every_edit_in_the_order_of_the_program():
    rng = np.random.default_rng(4)
    for _ in range(1000):
        program = draw(rng)
        assert list(READER.read(plain_sentence(program)).items()) == list(plain_meaning(program).items())


def test_held_out_clauses_and_templates_are_not_in_training():
    assert not set(CLAUSES["train"]) & set(CLAUSES["val"])
    train, val = FRAMES["train"], FRAMES["val"]
    for name in ("do", "wrong", "mixed", "and_do", "and_wrong", "amount", "good", "vague"):
        assert not set(getattr(train, name)) & set(getattr(val, name)), name
    assert train.than != val.than


def test_no_held_out_sentence_is_drawn_in_training(drawn):
    train = {s for persona in PERSONAS for _, s in drawn[persona, "train"]}
    val = {s for persona in PERSONAS for _, s in drawn[persona, "val"]}
    assert len(train) > 2500 and len(val) > 2500
    assert not train & val


def test_training_shows_every_word_of_the_held_out_texts(drawn):
    rng = np.random.default_rng(3)
    shown = {split: set() for split in SPLITS}
    for persona, split in product(PERSONAS, SPLITS):
        for program, sentence in drawn[persona, split]:
            shown[split] |= words(sentence) | words(vague(rng, split))
            less, more = ({**program, **dict.fromkeys(ONE_WAY, value)} for value in (0, 45))
            shown[split] |= words(refinement(rng, less, more, persona, split))
            shown[split] |= words(refinement(rng, more, less, persona, split))
    possible = {word for clause in CLAUSES["val"] for word in words(clause.replace("{it}", ""))}
    assert possible <= shown["val"], "the draws must show all that there is"
    assert shown["val"] - shown["train"] == set()


def test_personas_share_no_phrase_and_amateurs_name_no_number():
    for split in SPLITS:
        assert not set(clauses(split, ("expert",))) & set(clauses(split, ("amateur",)))
    rng = np.random.default_rng(4)
    programs = [draw(rng) for _ in range(300)]
    assert not any(re.search(r"\d", paraphrase(rng, p, "amateur")) for p in programs)
    assert any(re.search(r"\d", paraphrase(rng, p, "expert")) for p in programs)


def test_sentences_are_one_line_of_plain_lower_case(drawn):
    for pairs in drawn.values():
        for _, sentence in pairs:
            assert re.fullmatch(r"[a-z0-9 ,?+-]+", sentence), sentence
            assert "  " not in sentence and " ," not in sentence and "?" not in sentence[:-1], sentence


@pytest.mark.parametrize("split", SPLITS)
def test_a_vague_request_names_no_edit(split):
    rng = np.random.default_rng(5)
    texts = {vague(rng, split) for _ in range(500)}
    assert len(texts) > 20
    assert [t for t in texts if READER.read(t)] == []


def test_the_same_seed_has_the_same_sentence():
    program = {"exposure": 20, "contrast": -45}
    one, two = ([paraphrase(np.random.default_rng(6), program, r) for r in PERSONAS] for _ in range(2))
    assert one == two


def test_a_request_without_an_edit_is_an_error():
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="one edit or more"):
        paraphrase(rng, {"exposure": 0}, "expert")
    with pytest.raises(ValueError, match="one edit or more"):
        refinement(rng, {"exposure": 20}, {"exposure": 20}, "expert")


@pytest.mark.parametrize(
    ("value", "name"), [(1, "slight"), (-37, "slight"), (38, "moderate"), (67, "moderate"), (96, "extreme")]
)
def test_a_value_has_the_nearest_level(value, name):
    assert level(value) == name


def test_levels_are_counted_in_steps():
    assert steps_apart(20, -30) == 0
    assert steps_apart(20, 100) == steps_apart(100, 20) == 3
    with pytest.raises(ValueError, match="must not be 0"):
        level(0)
