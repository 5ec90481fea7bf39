"""Each optimization of the fast path equals its plain version."""

import tracemalloc

import numpy as np
import pytest

from iea.editor import TOOLS, render
from iea.editor.blend import blend
from iea.editor.blur import LEAST_SIDE, blur, reach, response_energy, steps_of
from iea.editor.buffers import VIEWS_KEPT, Scratch
from iea.editor.color import ROOM, gray_of
from iea.editor.reference import Whole, apply, color
from iea.editor.tool import Effect, Layer
from iea.editor.tools.grain import BAND, PIXEL, SIZE, noise


@pytest.mark.parametrize("variance", [0, 0.3, 0.5, 2.7, 11])
def test_blurring_all_rows_at_once_equals_blurring_each_row(variance: float) -> None:
    steps = steps_of(variance)
    margin = 2 * reach(steps)
    plane = np.random.default_rng(0).random((9 + margin, 5 + margin))
    plainly = plane
    for turned in (False, True):
        plainly = plainly.T if turned else plainly
        for far, weight in steps:
            plainly = weight * (plainly[: -2 * far] + plainly[2 * far :]) + (1 - 2 * weight) * plainly[far:-far]
        plainly = plainly.T if turned else plainly
    plane.setflags(write=False)
    assert np.allclose(blur(plane, steps), plainly, rtol=1e-13)
    apart = np.ascontiguousarray(plane.T).T  # not one line in memory
    assert np.array_equal(blur(apart, steps), blur(plane, steps))


@pytest.mark.parametrize("variance", [0.01, 0.5, 1.0, 1.01, 7, 324])
def test_the_cascade_has_the_wanted_variance(variance: float) -> None:
    steps = steps_of(variance)
    impulse = np.zeros((1 + 4 * reach(steps), 1 + 4 * reach(steps)))
    impulse[2 * reach(steps), 2 * reach(steps)] = 1
    line = blur(impulse, steps).sum(axis=0)
    place = np.arange(len(line)) - len(line) // 2
    assert line.sum() == pytest.approx(1) and (line * place**2).sum() == pytest.approx(variance)
    assert response_energy(steps) == pytest.approx((line**2).sum() ** 2)


def test_one_blend_equals_the_layers_one_after_another() -> None:
    generator = np.random.default_rng(0)
    rgb = generator.random((3, 4, 5))
    view = Whole(rgb, rgb, np.zeros((4, 5, 3), np.uint8), [], 0)
    gray = gray_of(rgb)
    view.gray = gray  # type: ignore[attr-defined]
    nearest = np.maximum((view.high - gray) / (1 + ROOM - view.high), (gray - view.low) / (view.low + ROOM))
    view.crowding = nearest**2  # type: ignore[attr-defined]
    effects: tuple[Effect, ...] = ("chroma", "chroma", "scale", "add", "scale", "grain", "scale", "add")
    layers = [
        (Layer(effect, 0.0, 1.0), amount)
        for effect, amount in zip(effects, (0.6, -0.2, 0.1, 0.3, 0.4, 0.2, -0.3, 1), strict=True)
    ]
    planes = {layer: generator.random((4, 5)) for layer, _ in layers}
    planes[layers[3][0]] = generator.random((3, 4, 5))
    x = color(rgb, [(planes[layer], amount) for layer, amount in layers[:2]])
    for layer, amount in layers[2:]:
        x = apply(layer.effect, x, amount * planes[layer])
    mix = blend(layers, planes, view)  # type: ignore[arg-type]
    assert np.allclose(mix.scale * rgb + mix.gray * gray + mix.light, x, rtol=1e-12)


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
    variance = (SIZE * max(min(height, width), LEAST_SIDE)) ** 2
    steps = steps_of(variance + PIXEL)
    wide = height + 2 * reach(steps), width + 2 * reach(steps)
    words = np.random.PCG64(5).random_raw(wide[0] * wide[1]).view(np.uint16).reshape(4, -1)
    white = (words.sum(axis=0).astype(np.float32) - 131070) / np.float32(65536 / np.sqrt(3))
    whole = blur(white.reshape(wide), steps) * (variance / (variance + PIXEL) / response_energy(steps)) ** 0.5
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
