from collections import Counter

import numpy as np
import pytest

from iea.data_prep.runner import RejectedError
from iea.data_prep.synthesize.draw_pair import MIN_CHANGE
from iea.data_prep.synthesize.restoration import DAMAGE, MIN_UNDONE, SECOND_DAMAGE, best_inverse, draw_restoration
from iea.editor import Image, distance, leave_one_out, render


def image(seed: int) -> Image:
    """28 x 28, colorful, from dark to light."""
    rng = np.random.default_rng(seed)
    ramp = np.linspace(15, 225, 28)[None, :, None] * rng.uniform(0.6, 1.0, 3)
    return np.clip(ramp + rng.normal(0, 20, (28, 28, 3)), 0, 255).astype(np.uint8)


def test_restorations_are_degraded_crops_and_their_best_inverse() -> None:
    tools: Counter[str] = Counter()
    for seed in range(60):
        pair = draw_restoration(lambda smallest: image(0), np.random.default_rng(seed))
        assert np.array_equal(pair.reference, image(0))
        assert pair.d_before == distance(pair.original, pair.reference) >= MIN_CHANGE
        restored = leave_one_out(pair.original, pair.reference, pair.program)
        assert 1 - restored.after / pair.d_before == pytest.approx(pair.r_like)
        assert pair.r_like >= MIN_UNDONE
        assert all(without > restored.after for without in restored.without.values())
        tools.update(list(pair.program))
    assert tools[DAMAGE] == 60
    assert set(tools) == {DAMAGE, *SECOND_DAMAGE}


@pytest.mark.parametrize("tool", [DAMAGE, *SECOND_DAMAGE])
@pytest.mark.parametrize("value", [45, -45])
def test_the_best_inverse_undoes_more_than_the_negated_value(tool: str, value: int) -> None:
    reference = image(1)
    original = render(reference, {tool: value})
    program = best_inverse(original, reference, {tool: value})
    assert set(program) == {tool}
    assert program[tool] * value < 0
    found = distance(render(original, program), reference)
    negated = distance(render(original, {tool: -value}), reference)
    assert found <= negated + 2e-3  # searched on a smaller image
    assert found < 0.5 * distance(original, reference)


def test_an_image_that_exposure_does_not_change_is_rejected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("iea.data_prep.synthesize.restoration.SECOND_CHANCE", 0.0)
    flat = np.zeros((28, 28, 3), np.uint8)
    with pytest.raises(RejectedError, match="no degraded crop") as caught:
        draw_restoration(lambda smallest: flat, np.random.default_rng(0))
    assert caught.value.reason == "no_pair"
