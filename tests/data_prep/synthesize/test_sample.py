from collections import Counter

import numpy as np
import pytest

from iea.data_prep.synthesize.sample import (
    DAMAGE,
    MIN_CHANGE,
    MIN_UNDONE,
    MIN_USE,
    SECOND_DAMAGE,
    TOOLS_PER_EDIT,
    best_inverse,
    cards,
    draw_auto,
    draw_edit,
)
from iea.editor import TOOLS, distance, leave_one_out, render
from iea.editor.levels import TYPICAL


def picture(seed: int) -> np.ndarray:
    """28 x 28, colourful, from dark to light."""
    rng = np.random.default_rng(seed)
    ramp = np.linspace(15, 225, 28)[None, :, None] * rng.uniform(0.6, 1.0, 3)
    return np.clip(ramp + rng.normal(0, 20, (28, 28, 3)), 0, 255).astype(np.uint8)


def draw(smallest: float) -> tuple[str, np.ndarray]:
    return "one", picture(0)


@pytest.mark.parametrize("card", cards(), ids=lambda c: f"{c[0]}{'+' if c[1] > 0 else '-'}")
def test_an_edit_uses_the_dealt_tool_and_every_tool_matters(card):
    tool, sign = card
    for seed in range(4):
        sample = draw_edit(draw, card, np.random.default_rng(seed))
        assert sample.program[tool] * sign > 0
        assert 1 <= len(sample.program) <= 5
        assert {abs(v) for v in sample.program.values()} <= set(TYPICAL.values())
        assert np.array_equal(sample.reference, render(sample.original, sample.program))
        result = leave_one_out(sample.original, sample.reference, sample.program)
        assert result.before == sample.d_before >= MIN_CHANGE
        assert min(result.without.values()) >= MIN_USE
        assert (sample.rating["r_like"], sample.rating["r_use"]) == (1, 1)


def test_the_deck_holds_every_tool_twice_and_both_directions():
    deck = Counter(tool for tool, _ in cards())
    assert deck == {tool: 2 for tool in TOOLS}
    assert set(cards()) == {(t.name, s) for t in TOOLS.values() for s in (1, -1) if s > 0 or t.low < 0}


def test_edits_have_about_two_tools():
    samples = [draw_edit(draw, ("exposure", 1), np.random.default_rng(s)) for s in range(300)]
    mean = np.mean([len(s.program) for s in samples])
    expected = sum(p * (i + 1) for i, p in enumerate(TOOLS_PER_EDIT))
    assert expected == pytest.approx(2.11)
    assert mean == pytest.approx(expected, abs=0.25)


def test_automatic_samples_are_damaged_crops_to_be_restored():
    tools = Counter()
    for seed in range(60):
        sample = draw_auto(draw, np.random.default_rng(seed))
        assert np.array_equal(sample.reference, picture(0))
        assert sample.d_before == distance(sample.original, sample.reference) >= MIN_CHANGE
        restored = distance(render(sample.original, sample.program), sample.reference)
        assert 1 - restored / sample.d_before == pytest.approx(sample.rating["r_like"])
        assert sample.rating["r_like"] >= MIN_UNDONE
        assert sample.rating["r_use"] == 1
        tools.update(list(sample.program))
    assert tools[DAMAGE] == 60
    assert set(tools) == {DAMAGE, *SECOND_DAMAGE}


@pytest.mark.parametrize("tool", [DAMAGE, *SECOND_DAMAGE])
@pytest.mark.parametrize("value", [45, -45])
def test_the_best_inverse_undoes_more_than_the_negated_value(tool, value):
    reference = picture(1)
    original = render(reference, {tool: value})
    program = best_inverse(original, reference, {tool: value})
    assert set(program) == {tool}
    assert program[tool] * value < 0
    found = distance(render(original, program), reference)
    negated = distance(render(original, {tool: -value}), reference)
    assert found <= negated + 2e-3  # searched on a smaller picture
    assert found < 0.5 * distance(original, reference)


def test_giving_up_is_an_error_that_says_what_to_do():
    with pytest.raises(RuntimeError, match="undone must be found.*use others"):
        draw_auto(lambda smallest: None, np.random.default_rng(0))
    with pytest.raises(RuntimeError, match="an edit with tint must be found.*use others"):
        draw_edit(lambda smallest: None, ("tint", 1), np.random.default_rng(0))


def test_a_tool_that_cannot_show_gives_way_to_another(monkeypatch):
    monkeypatch.setattr("iea.data_prep.synthesize.sample.TOOLS_PER_EDIT", (1.0,))
    grey = np.repeat(picture(2)[..., :1], 3, axis=2)
    sample = draw_edit(lambda smallest: ("grey", grey), ("saturation", 1), np.random.default_rng(0))
    assert "saturation" not in sample.program
    assert sample.tries > 1
