from collections import Counter

import numpy as np
import pytest

from iea.data_prep.language.levels import LEVELS, TIMES_IN_20, level
from iea.data_prep.synthesize.difficulty import EASY
from iea.data_prep.synthesize.programs import PRIOR, cards, deal, draw_card, draw_count, draw_program
from iea.editor import TOOLS


def test_every_deck_of_32_uses_each_tool_first_in_each_direction():
    for start in (0, 32, 320):
        dealt = Counter((card.tool, card.sign) for card in (deal(0, start + n) for n in range(32)))
        assert dealt == Counter(cards())


def test_640_programs_use_each_direction_first_at_every_level_in_the_documented_shares():
    dealt = Counter(deal(3, n) for n in range(640))
    by_direction = Counter(cards())
    for card, count in dealt.items():
        assert count == TIMES_IN_20[card.level] * by_direction[card.tool, card.sign]
    assert len(dealt) == len(by_direction) * len(LEVELS)


def test_other_seeds_deal_in_another_order():
    assert [deal(0, n) for n in range(32)] == [deal(0, n) for n in range(32)]
    assert [deal(0, n) for n in range(32)] != [deal(1, n) for n in range(32)]


def test_programs_have_the_dealt_edit_and_as_many_tools_as_asked():
    rng = np.random.default_rng(0)
    for number in range(200):
        card, count = deal(0, number), draw_count(rng)
        program = draw_program(rng, card, count)
        assert len(program) == count and 2 <= count <= 7
        assert program[card.tool] * card.sign > 0 and level(program[card.tool]) == card.level
        assert all(abs(value) in LEVELS[level(value)] for value in program.values())


def test_four_tools_are_used_in_the_mean():
    rng = np.random.default_rng(1)
    assert np.mean([draw_count(rng) for _ in range(2000)]) == pytest.approx(4, abs=0.1)


def test_easy_programs_have_about_two_tools_of_three_strengths_drawn_evenly():
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


def test_other_tools_are_drawn_by_peoples_wishes():
    rng = np.random.default_rng(2)
    drawn = [draw_card(rng, without={"exposure": 20}) for _ in range(4000)]
    tools = Counter(card.tool for card in drawn)
    assert set(tools) == set(TOOLS) - {"exposure"}
    total = sum(weight for weight, _ in PRIOR.values()) - PRIOR["exposure"][0]
    for tool, count in tools.items():
        assert count / 4000 == pytest.approx(PRIOR[tool][0] / total, abs=0.02)
    for tool in ("contrast", "saturation", "highlights"):
        signs = [card.sign > 0 for card in drawn if card.tool == tool]
        assert np.mean(signs) == pytest.approx(PRIOR[tool][1], abs=0.08)
    assert all(card.sign > 0 for card in drawn if TOOLS[card.tool].low == 0)


def test_the_table_of_wishes_knows_every_tool():
    assert set(PRIOR) == set(TOOLS)
    assert all(0 < positive < 1 or TOOLS[tool].low == 0 for tool, (_, positive) in PRIOR.items())
