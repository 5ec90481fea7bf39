import numpy as np
import pytest
from PIL import Image

from iea.data_prep.runner import RejectedError
from iea.data_prep.synthesize.pair import crops_of, draw_pair, undone_pair
from iea.data_prep.synthesize.programs import deal
from iea.data_prep.synthesize.sample import MIN_CHANGE, MIN_UNDONE, MIN_USE
from iea.editor import distance, leave_one_out, render
from iea.editor.levels import level


@pytest.fixture
def photo(tmp_path, make_photo):
    make_photo(tmp_path / "photo.png", 3)  # 120 x 90
    return str(tmp_path / "photo.png")


def test_a_pair_has_the_dealt_edit_and_every_tool_shows(photo):
    for number in range(24):
        rng = np.random.default_rng(number)
        card = deal(0, number)
        pair = draw_pair(crops_of(photo, 56, rng), card, rng)
        assert pair.original.shape == pair.reference.shape == (56, 56, 3)
        assert level(pair.program[card.tool]) == card.level and pair.program[card.tool] * card.sign > 0
        assert np.array_equal(pair.reference, render(pair.original, pair.program))
        result = leave_one_out(pair.original, pair.reference, pair.program)
        assert result.before == pair.d_before >= MIN_CHANGE
        assert min(result.without.values()) >= MIN_USE


def test_a_damaged_crop_is_brought_back_to_the_photograph(photo):
    rng = np.random.default_rng(0)
    pair = undone_pair(crops_of(photo, 56, rng), rng)
    assert MIN_UNDONE <= pair.r_like < 1
    after = distance(render(pair.original, pair.program), pair.reference)
    assert pair.r_like == pytest.approx((pair.d_before - after) / pair.d_before)


def test_a_photograph_is_not_enlarged(photo):
    _, crop = crops_of(photo, 112, np.random.default_rng(0))(0.45)
    assert crop.shape == (84, 84, 3)  # of 90: the largest multiple of 28


def test_a_photograph_of_less_than_half_the_size_is_refused(photo):
    with pytest.raises(RejectedError, match="at least half of 504, got 90") as caught:
        crops_of(photo, 504, np.random.default_rng(0))
    assert caught.value.reason == "too_small"


def test_a_flat_photograph_is_refused(tmp_path):
    path = tmp_path / "flat.png"
    Image.new("RGB", (100, 100), (90, 120, 140)).save(path)
    rng = np.random.default_rng(0)
    for make in (lambda draw: draw_pair(draw, deal(0, 0), rng), lambda draw: undone_pair(draw, rng)):
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
    assert reasons[0] == "missing" and reasons[1] in ("not_a_picture", "broken_picture")
