"""Color tables: equal to the editor within a level, by ffmpeg and by a tetrahedral interpolation written here."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from iea.editor import TOOLS, Image, Program, render
from iea.editor.sums import ROUND
from iea.recipe.agent.exports import export
from iea.recipe.agent.exports.cube import read_cube
from iea.recipe.agent.exports.format import Settings
from iea.recipe.agent.exports.parts import POINTWISE, of_kinds

MEAN = {33: 0.8, 65: 0.5}  # levels of 255 of the mean error by size; the rounding to 8 bits alone is 0.25
SIZES = list(MEAN)
Ffmpeg = Callable[[Image, str, str], Image]
DrawProgram = Callable[..., Program]
TABLES = {name for name, tool in TOOLS.items() if tool.kind in POINTWISE}


def tetrahedral(table: NDArray[Any], image: Image) -> NDArray[np.float64]:
    """Interpolate between the four corners that surround a color: of the two on the gray diagonal, and the two between by rank."""
    at = image / 255 * (len(table) - 1)
    corner = np.minimum(at.astype(int), len(table) - 2)
    rest = at - corner
    order = np.argsort(-rest, axis=-1, kind="stable")
    sorted_rest = np.take_along_axis(rest, order, axis=-1)
    weights = -np.diff(np.concatenate([np.ones_like(at[..., :1]), sorted_rest, np.zeros_like(at[..., :1])], axis=-1))
    step, total = corner.copy(), np.zeros_like(at)
    for number in range(4):
        if number:
            np.put_along_axis(
                step,
                order[..., number - 1 : number],
                np.take_along_axis(step, order[..., number - 1 : number], -1) + 1,
                -1,
            )
        total += weights[..., number : number + 1] * table[step[..., 0], step[..., 1], step[..., 2]]
    return total * 255


def apart(a: Any, b: Any) -> float:
    return float(np.abs(np.asarray(a, float) - b).mean())


def test_the_interpolation_of_these_tests_is_exact_on_planes() -> None:
    grid = np.stack(np.meshgrid(*[np.linspace(0, 1, 5)] * 3, indexing="ij"), axis=-1)
    colors = np.random.default_rng(0).integers(0, 256, (9, 9, 3)).astype(np.uint8)
    np.testing.assert_allclose(tetrahedral(grid, colors), colors, atol=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(TABLES))
def test_the_table_of_every_tool_at_its_ends(name: str, photograph: Image) -> None:
    for value in {TOOLS[name].low, TOOLS[name].high} - {0}:
        text = export(Program({name: value}), "cube").text
        assert apart(tetrahedral(read_cube(text), photograph), render(photograph, {name: value})) < MEAN[33]


@pytest.mark.slow
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("seed", range(4))
def test_ffmpeg_reads_the_table(
    size: int, seed: int, ffmpeg: Ffmpeg, draw_program: DrawProgram, photograph: Image
) -> None:
    program = draw_program(seed, POINTWISE)
    text = export(program, "cube", Settings(size=size)).text
    wanted = render(photograph, program)
    result = ffmpeg(photograph, text, "lut3d=file=table.cube:interp=tetrahedral")
    assert apart(result, wanted) < 1, program
    assert apart(tetrahedral(read_cube(text), photograph), wanted) < MEAN[size], program
    assert apart(result, tetrahedral(read_cube(text), photograph)) < 0.6, (
        "one table, two readers; ffmpeg cuts fractions off"
    )


@pytest.mark.parametrize("program", [{"temperature": 40}, {"tint": -100}, {"temperature": -70, "tint": 30}])
def test_ffmpeg_reads_the_table_of_each_channel(program: dict[str, int], ffmpeg: Ffmpeg, photograph: Image) -> None:
    exported = export(Program(program), "cube1d")
    result = ffmpeg(photograph, exported.text, "lut1d=file=table.cube:interp=linear")
    assert np.abs(result.astype(int) - render(photograph, program)).max() <= 1, "equal but for rounding"
    assert exported.lost == exported.approximate == {}


def test_a_table_of_each_channel_is_exact_at_all_8_bit_levels() -> None:
    levels = np.repeat(np.arange(256, dtype=np.uint8)[:, None, None], 3, axis=2)
    table = read_cube(export(Program({"temperature": 63, "tint": -20}), "cube1d").text)
    found = np.floor(table[np.arange(256) * 4] * 255 + ROUND)
    assert (found == render(levels, {"temperature": 63, "tint": -20})[:, 0]).all()


@pytest.mark.parametrize("name", sorted(set(TOOLS) - TABLES))
@pytest.mark.parametrize("kind", ["cube", "cube1d"])
def test_a_tool_that_needs_the_surroundings_is_named_as_lost(name: str, kind: str) -> None:
    small = Settings(size=5)
    beside = export(Program({name: 30, "temperature": 20}), kind, small)
    assert list(beside.lost) == [name]
    assert beside.text == export(Program({"temperature": 20}), kind, small).text
    with pytest.raises(ValueError, match=r"a table .*must hold .*got"):
        export(Program({name: 30}), kind)


@pytest.mark.parametrize("name", sorted(name for name in TABLES if TOOLS[name].kind != "balance"))
def test_a_tool_that_mixes_channels_needs_a_3d_table(name: str) -> None:
    with pytest.raises(ValueError, match=f"white balance alone, got {name}; use the format cube"):
        export(Program({"temperature": 5, name: 30}), "cube1d")


def test_red_changes_fastest_and_the_title_is_plain(photograph: Image) -> None:
    lines = export(Program({"exposure": 10}), "cube", Settings(name='my "look"\n2', size=2)).text.splitlines()
    assert 'TITLE "my _look__2"' in lines
    assert lines[-8:][0] == "0.000000 0.000000 0.000000"
    assert [line.split()[0] != "0.000000" for line in lines[-8:]] == [False, True] * 4


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_the_stated_error_is_that_of_the_table(seed: int, draw_program: DrawProgram, photograph: Image) -> None:
    program = draw_program(seed)
    if not of_kinds(program, POINTWISE):
        return
    errors = export(program, "cube", Settings({"astronaut": photograph})).errors
    assert errors[0].levels < MEAN[33] and errors[0].photographs == ["astronaut"]
    kept = of_kinds(program, POINTWISE)
    if kept != program:
        assert errors[1].levels == pytest.approx(apart(render(photograph, kept), render(photograph, program)))
