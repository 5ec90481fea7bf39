import numpy as np
import pytest

from iea.data_prep.synthesize.draw_pair import MIN_CHANGE, MIN_USE, Pair, crops_of, draw_pair
from iea.data_prep.synthesize.previous import draw_previous
from iea.data_prep.synthesize.random_programs import deal
from iea.editor import Program, distance, render
from iea.editor.levels import level


@pytest.fixture(scope="module")
def drawn(tmp_path_factory, make_photo):
    """40 pairs, each with the state before a refinement."""
    path = tmp_path_factory.mktemp("photo") / "photo.png"
    make_photo(path, 3)
    out = []
    for number in range(40):
        rng = np.random.default_rng(number)
        pair = draw_pair(crops_of(str(path), 28, rng), deal(0, number), rng)
        out.append((pair, draw_previous(rng, pair)))
    return out


def differing(pair, previous):
    tools = {*pair.program, *previous.program}
    return {tool for tool in tools if pair.program.get(tool, 0) != previous.program.get(tool, 0)}


def test_one_or_two_tools_differ_and_the_difference_shows(drawn):
    found = [(pair, previous) for pair, previous in drawn if previous]
    assert len(found) > 30
    assert {len(differing(*one)) for one in found} == {1, 2}
    for pair, previous in found:
        assert np.array_equal(previous.image, render(pair.original, previous.program))
        assert previous.d_before == distance(previous.image, pair.reference) >= MIN_CHANGE
        for tool in differing(pair, previous):
            half = Program({**pair.program, tool: previous.program.get(tool, 0)})
            assert distance(render(pair.original, half), pair.reference) >= MIN_USE


def test_tools_are_missing_at_another_level_or_too_many(drawn):
    kinds = set()
    for pair, previous in drawn:
        for tool in differing(pair, previous) if previous else ():
            if tool not in previous.program:
                kinds.add("missing")
            elif tool not in pair.program:
                kinds.add("too many")
            else:
                assert level(pair.program[tool]) != level(previous.program[tool])
                assert pair.program[tool] * previous.program[tool] > 0
                kinds.add("level")
    assert kinds == {"missing", "too many", "level"}


def test_an_invisible_change_gives_no_refinement(monkeypatch):
    monkeypatch.setattr("iea.data_prep.synthesize.previous.MAX_TRIES", 1)
    gray = np.full((28, 28, 3), 128, np.uint8)
    pair = Pair(gray, gray, Program({"saturation": 20, "vibrance": -45}), 0.0)
    drawn = [draw_previous(np.random.default_rng(seed), pair) for seed in range(60)]
    assert None in drawn  # gray has no color to change
    found = [previous for previous in drawn if previous]
    assert found
    assert all(previous.program.items() >= pair.program.items() for previous in found)
