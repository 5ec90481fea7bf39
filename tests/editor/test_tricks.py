"""Each optimization of the fast path equals its plain version."""

import tracemalloc

import numpy as np
import pytest

from iea.editor import TOOLS, render
from iea.editor.blend import Blend
from iea.editor.blur import blur, octave_of, reach, response_energy, shifts_of
from iea.editor.buffers import VIEWS_KEPT, Scratch
from iea.editor.color import luma
from iea.editor.reference import apply
from iea.editor.tool import Layer, View
from iea.editor.tools.grain import BAND, BASE_SIDE, noise


@pytest.mark.parametrize("shifts", [(), (1, 1), (1, 1, 1, 1, 2, 2)])
def test_blurring_all_rows_at_once_equals_blurring_each_row(shifts: tuple[int, ...]) -> None:
    margin = sum(shifts)
    plane = np.random.default_rng(0).random((9 + margin, 5 + margin))
    plainly = plane
    for shift in shifts:
        plainly = (plainly[:-shift] + plainly[shift:]) / 2
    for shift in shifts:
        plainly = (plainly[:, :-shift] + plainly[:, shift:]) / 2
    plane.setflags(write=False)
    assert np.allclose(blur(plane, shifts), plainly, rtol=1e-14)
    apart = np.ascontiguousarray(plane.T).T  # not one line in memory
    assert np.array_equal(blur(apart, shifts), blur(plane, shifts))


def test_one_blend_equals_the_layers_one_after_another() -> None:
    generator = np.random.default_rng(0)
    rgb, y = generator.random((3, 4, 5)), np.empty((4, 5))
    y[:] = luma(rgb)
    view = View(rgb, y, y, 0, 0, 4, 5, 0)
    x, mix = rgb, Blend(1.0)
    for effect in ("chroma", "add", "scale", "chroma", "scale", "add"):
        plane = generator.random((4, 5))
        amount = float(generator.uniform(-0.5, 0.5))
        x = apply(Layer(effect, lambda view, plane=plane: plane, lambda value: value), amount, view, x)
        mix = mix.then(effect, amount, plane, 1)
    assert np.allclose(mix.scale * rgb + mix.gray * y + mix.light, x, rtol=1e-12)


def test_scratch_reuses_its_memory_and_grows_on_demand() -> None:
    scratch = Scratch()
    first = scratch.array("a", (2, 3), np.float32)
    first[:] = 1
    assert scratch.array("a", (2, 3), np.float32) is first
    assert scratch.array("b", (2, 3), np.float32) is not first
    assert (scratch.array("a", (3, 2), np.float32) == 1).all(), "another shape must lie in the same memory"
    larger = scratch.array("a", (40, 30), np.float32)
    larger[:] = 2
    assert (scratch.array("a", (2, 3), np.float32) == 2).all(), "a smaller one must lie in the larger memory"


def test_scratch_keeps_a_bounded_number_of_views() -> None:
    scratch = Scratch()
    for size in range(2 * VIEWS_KEPT, 0, -1):
        scratch.array("a", (size,), np.uint8)
    assert len(scratch._arrays) <= VIEWS_KEPT


@pytest.mark.parametrize(("height", "width"), [(1, 1), (193, 7), (400, 150), (1030, 1025)])
def test_noise_in_bands_equals_the_noise_of_the_whole_image(height: int, width: int) -> None:
    shifts = shifts_of(octave_of(min(height, width), BASE_SIDE))
    wide = height + 2 * reach(shifts), width + 2 * reach(shifts)
    words = np.random.PCG64(5).random_raw(wide[0] * wide[1]).view(np.uint16).reshape(4, -1)
    white = (words.sum(axis=0).astype(np.float32) - 131070) / np.float32(65536 / np.sqrt(3))
    whole = blur(white.reshape(wide), shifts) / response_energy(shifts) ** 0.5
    bands = [noise(band, height, width, 5) for band in range(-(-height // BAND))]
    assert np.array_equal(np.concatenate(bands), whole)


@pytest.mark.slow
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_100_megapixels_need_less_than_3_times_their_memory(dtype: type) -> None:
    image = np.zeros((8000, 12500, 3), dtype)
    image[::7] = 90
    edits = {name: 10 for name in TOOLS}
    render(image[:64, :64], edits)
    tracemalloc.start()
    try:
        render(image, edits)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 3 * image.nbytes
