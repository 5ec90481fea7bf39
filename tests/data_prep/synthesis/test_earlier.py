import numpy as np
import pytest

from iea.data_prep.sample import MIN_CHANGE, MIN_USE
from iea.data_prep.synthesis.earlier import draw_earlier
from iea.data_prep.synthesis.latent import deal
from iea.data_prep.synthesis.pair import Pair, crops_of, draw_pair
from iea.data_prep.wording.levels import level
from iea.editor import Program, distance, render


@pytest.fixture(scope="module")
def drawn(tmp_path_factory, make_photo):
    """40 pairs and what a refinement to each starts from."""
    path = tmp_path_factory.mktemp("photo") / "photo.png"
    make_photo(path, 3)
    out = []
    for number in range(40):
        rng = np.random.default_rng(number)
        pair = draw_pair(crops_of(str(path), 28, rng), deal(0, number), rng)
        out.append((pair, draw_earlier(rng, pair)))
    return out


def differing(pair, earlier):
    tools = {*pair.program, *earlier.program}
    return {tool for tool in tools if pair.program.get(tool, 0) != earlier.program.get(tool, 0)}


def test_one_or_two_tools_differ_and_the_difference_shows(drawn):
    found = [(pair, earlier) for pair, earlier in drawn if earlier]
    assert len(found) > 30
    assert {len(differing(*one)) for one in found} == {1, 2}
    for pair, earlier in found:
        assert np.array_equal(earlier.picture, render(pair.original, earlier.program))
        assert earlier.d_before == distance(earlier.picture, pair.reference) >= MIN_CHANGE
        for tool in differing(pair, earlier):
            half = Program({**pair.program, tool: earlier.program.get(tool, 0)})
            assert distance(render(pair.original, half), pair.reference) >= MIN_USE


def test_tools_are_missing_at_another_level_or_too_many(drawn):
    kinds = set()
    for pair, earlier in drawn:
        for tool in differing(pair, earlier) if earlier else ():
            if tool not in earlier.program:
                kinds.add("missing")
            elif tool not in pair.program:
                kinds.add("too many")
            else:
                assert level(pair.program[tool]) != level(earlier.program[tool])
                assert pair.program[tool] * earlier.program[tool] > 0
                kinds.add("level")
    assert kinds == {"missing", "too many", "level"}


def test_a_change_that_nobody_sees_is_no_refinement(monkeypatch):
    monkeypatch.setattr("iea.data_prep.synthesis.earlier.MAX_TRIES", 1)
    grey = np.full((28, 28, 3), 128, np.uint8)
    pair = Pair(grey, grey, Program({"saturation": 20, "vibrance": -45}), 0.0)
    drawn = [draw_earlier(np.random.default_rng(seed), pair) for seed in range(60)]
    assert None in drawn  # grey has no colour to change
    found = [earlier for earlier in drawn if earlier]
    assert found
    assert all(earlier.program.items() >= pair.program.items() for earlier in found)
