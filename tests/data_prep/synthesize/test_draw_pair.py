from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from iea.data_prep.runner import RejectedError
from iea.data_prep.synthesize.difficulty import DIFFICULTIES, EASY
from iea.data_prep.synthesize.draw_pair import MIN_CHANGE, MIN_USE, crops_of, draw_pair
from iea.data_prep.synthesize.random_programs import cards, deal
from iea.data_prep.synthesize.restoration import MIN_UNDONE, draw_restoration
from iea.editor import distance, leave_one_out, render
from iea.editor.levels import level


@pytest.fixture
def photo(tmp_path, make_photo):
    make_photo(tmp_path / "photo.png", 3)  # 120 x 90
    return str(tmp_path / "photo.png")


@pytest.mark.parametrize("difficulty", DIFFICULTIES.values(), ids=lambda one: one.name)
def test_a_pair_has_the_dealt_edit_and_every_tool_shows(photo, difficulty):
    dealt = [deal(0, number, difficulty) for number in range(len(cards()))]
    assert {(card.tool, card.sign) for card in dealt} == set(cards())
    for number, card in enumerate(dealt):
        rng = np.random.default_rng(number)
        pair = draw_pair(crops_of(photo, 56, rng), card, rng, difficulty)
        assert len(pair.program) in difficulty.tools
        assert {abs(value) for value in pair.program.values()} <= set(sum(difficulty.levels.values(), ()))
        assert pair.original.shape == pair.reference.shape == (56, 56, 3)
        if card.tool in pair.program:  # else none of 40 crops showed it
            assert level(pair.program[card.tool]) == card.level and pair.program[card.tool] * card.sign > 0
        assert np.array_equal(pair.reference, render(pair.original, pair.program))
        result = leave_one_out(pair.original, pair.reference, pair.program)
        assert result.before == pair.d_before >= MIN_CHANGE
        assert min(result.without.values()) >= MIN_USE


def test_an_invisible_tool_is_replaced_by_another():
    ramp = np.linspace(15, 225, 28)[None, :, None] + np.random.default_rng(2).normal(0, 20, (28, 28, 1))
    gray = np.repeat(np.clip(ramp, 0, 255).astype(np.uint8), 3, axis=2)
    (card, *_) = (card for n in range(64) if (card := deal(0, n, EASY)).tool == "saturation")
    one_tool = replace(EASY, tools={1: 1.0})
    pair = draw_pair(lambda smallest: gray, card, np.random.default_rng(0), one_tool)
    assert "saturation" not in pair.program


def test_an_image_without_visible_effects_is_rejected():
    black = np.zeros((28, 28, 3), np.uint8)
    weak = replace(EASY, levels={"slight": (1,)}, shares={"slight": 1})
    with pytest.raises(RejectedError, match="200 tries") as caught:
        draw_pair(lambda smallest: black, deal(0, 0, weak), np.random.default_rng(0), weak)
    assert caught.value.reason == "no_pair"


def test_a_degraded_crop_is_restored(photo):
    rng = np.random.default_rng(0)
    pair = draw_restoration(crops_of(photo, 56, rng), rng)
    assert MIN_UNDONE <= pair.r_like < 1
    after = distance(render(pair.original, pair.program), pair.reference)
    assert pair.r_like == pytest.approx((pair.d_before - after) / pair.d_before)


def test_a_photograph_is_not_enlarged(photo):
    crop = crops_of(photo, 112, np.random.default_rng(0))(0.45)
    assert crop.shape == (84, 84, 3)  # of 90: the largest multiple of 28


def test_a_photograph_of_less_than_half_the_size_is_refused(photo):
    with pytest.raises(RejectedError, match="at least half of 504, got 90") as caught:
        crops_of(photo, 504, np.random.default_rng(0))
    assert caught.value.reason == "too_small"


def test_a_flat_photograph_is_refused(tmp_path):
    path = tmp_path / "flat.png"
    Image.new("RGB", (100, 100), (90, 120, 140)).save(path)
    rng = np.random.default_rng(0)
    for make in (lambda draw: draw_pair(draw, deal(0, 0), rng), lambda draw: draw_restoration(draw, rng)):
        with pytest.raises(RejectedError, match="flat") as caught:
            make(crops_of(str(path), 56, rng))
        assert caught.value.reason == "no_usable_crop"


def test_a_photograph_that_is_missing_or_broken_is_refused_by_name(tmp_path):
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 40)
    reasons = []
    for path in (tmp_path / "nowhere.png", broken):
        with pytest.raises(RejectedError) as caught:
            crops_of(str(path), 56, np.random.default_rng(0))
        reasons.append(caught.value.reason)
    assert reasons[0] == "missing" and reasons[1] in ("not_an_image", "broken_image")
