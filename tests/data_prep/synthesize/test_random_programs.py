from collections import Counter

import numpy as np
import pytest

from iea.data_prep.language.phrases import tool_phrases
from iea.data_prep.synthesize.difficulty import EASY
from iea.data_prep.synthesize.random_programs import cards, deal, draw_card, draw_count, draw_program
from iea.editor import TOOLS
from iea.editor.levels import LEVELS, TIMES_IN_20, level

DECK = len(cards())


def test_every_deck_uses_each_tool_first_in_each_direction():
    for start in (0, DECK, 10 * DECK):
        dealt = Counter((card.tool, card.sign) for card in (deal(0, start + n) for n in range(DECK)))
        assert dealt == Counter(cards())


def test_20_decks_use_each_direction_first_at_every_level_in_its_share():
    dealt = Counter(deal(3, n) for n in range(20 * DECK))
    by_direction = Counter(cards())
    for card, count in dealt.items():
        assert count == TIMES_IN_20[card.level] * by_direction[card.tool, card.sign]
    assert len(dealt) == len(by_direction) * len(LEVELS)


def test_other_seeds_deal_in_another_order():
    assert [deal(0, n) for n in range(DECK)] == [deal(0, n) for n in range(DECK)]
    assert [deal(0, n) for n in range(DECK)] != [deal(1, n) for n in range(DECK)]


def test_programs_have_the_dealt_edit_and_the_given_size():
    rng = np.random.default_rng(0)
    for number in range(200):
        card, count = deal(0, number), draw_count(rng)
        program = draw_program(rng, card, count)
        assert len(program) == count and 2 <= count <= 7
        assert program[card.tool] * card.sign > 0 and level(program[card.tool]) == card.level
        assert all(abs(value) in LEVELS[level(value)] for value in program.values())


def test_programs_have_four_tools_on_average():
    rng = np.random.default_rng(1)
    assert np.mean([draw_count(rng) for _ in range(2000)]) == pytest.approx(4, abs=0.1)


def test_easy_programs_have_about_two_tools_of_three_levels():
    rng = np.random.default_rng(1)
    counts = [draw_count(rng, EASY) for _ in range(2000)]
    assert np.mean(counts) == pytest.approx(2.11, abs=0.08) and set(counts) == {1, 2, 3, 4, 5}
    drawn = Counter(draw_card(rng, without={"exposure": 20}, difficulty=EASY) for _ in range(6000))
    for attribute, shares in (("level", 3), ("tool", len(TOOLS) - 1)):
        found: Counter[str] = Counter()
        for card, count in drawn.items():
            found[getattr(card, attribute)] += count
        assert len(found) == shares
        assert all(count == pytest.approx(6000 / shares, rel=0.2) for count in found.values())
    values = draw_program(rng, deal(0, 0, EASY), 5, EASY).values()
    assert {abs(value) for value in values} <= {20, 45, 80}


def test_the_deck_holds_every_tool_twice_and_both_directions():
    assert Counter(tool for tool, _ in cards()) == dict.fromkeys(TOOLS, 2)
    assert {(tool, -1) for tool, found in TOOLS.items() if found.low < 0} <= set(cards())


def test_other_tools_are_drawn_by_the_weights_of_their_phrase_files():
    rng = np.random.default_rng(2)
    drawn = [draw_card(rng, without={"exposure": 20}) for _ in range(4000)]
    tools = Counter(card.tool for card in drawn)
    assert set(tools) == set(TOOLS) - {"exposure"}
    total = sum(tool_phrases(tool).weight for tool in tools)
    for tool, count in tools.items():
        assert count / 4000 == pytest.approx(tool_phrases(tool).weight / total, abs=0.02)
    for tool in ("contrast", "saturation", "highlights"):
        signs = [card.sign > 0 for card in drawn if card.tool == tool]
        assert np.mean(signs) == pytest.approx(tool_phrases(tool).positive, abs=0.08)
    assert all(card.sign > 0 for card in drawn if TOOLS[card.tool].low == 0)


def test_a_tool_with_two_directions_is_drawn_in_both():
    assert all(0 < tool_phrases(tool.name).positive < 1 for tool in TOOLS.values() if tool.low < 0)
