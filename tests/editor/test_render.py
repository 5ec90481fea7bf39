"""Rendering whole programs: shapes, dtypes, order, goldens, and agreement with the float64 specification."""

import ast
import os
import threading
from pathlib import Path

import numpy as np
import pytest

from iea.editor import TOOLS, Image, ProgramError, kernel, reference, render
from iea.editor.io import read_image, write_image

GOLDENS = Path(__file__).with_name("goldens")
GOLDEN_EDITS = {
    "warm_print": {"temperature": 45, "exposure": 15, "fade": 40, "grain": 30, "vignette": -40},
    "cold_night": {"exposure": -45, "temperature": -60, "shadows": 40, "saturation": -30, "sharpness": 60},
    "punchy": {"contrast": 60, "vibrance": 70, "whites": 30, "blacks": -30, "natural_contrast": 40},
    "soft_green": {"tint": 70, "highlights": -60, "brightness": 30, "sharpness": -80, "saturation": 25},
}
EVERYTHING = {name: (-1) ** number * 40 if tool.low else 40 for number, (name, tool) in enumerate(TOOLS.items())}


def random_edits(generator: np.random.Generator, count: int) -> dict[str, int]:
    names = generator.choice(list(TOOLS), size=count, replace=False)
    return {str(name): int(generator.integers(TOOLS[name].low, TOOLS[name].high + 1)) for name in names}


def deep(image: Image) -> Image:
    return image.astype(np.uint16) * 257


def apart(a: Image, b: Image) -> np.ndarray:
    return np.abs(a.astype(np.int64) - b)


@pytest.mark.parametrize("name", GOLDEN_EDITS)
def test_programs_give_their_golden_images(name: str, chart: Image) -> None:
    """IEA_WRITE_GOLDENS=1 pytest tests/editor writes new ones, after an intended change of a formula."""
    edited = render(chart, GOLDEN_EDITS[name])
    path = GOLDENS / f"{name}.png"
    if os.environ.get("IEA_WRITE_GOLDENS"):
        write_image(path, edited)
    assert apart(edited, read_image(path)).max() <= 1


@pytest.mark.parametrize("seed", range(12))
def test_the_fast_path_equals_the_specification_up_to_rare_rounding(seed: int, large: Image) -> None:
    generator = np.random.default_rng(seed)
    edits = random_edits(generator, 1 + seed % 6)
    fast, slow = render(large, edits, seed=seed), reference.render(large, edits, seed=seed)
    assert apart(fast, slow).max() <= 1
    assert (fast != slow).mean() < 1e-3


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_white_balance_alone_is_exact(dtype: type, large: Image) -> None:
    image = large.astype(dtype) * (1 if dtype is np.uint8 else 257)
    for edits in ({"temperature": 63}, {"temperature": -80, "tint": 35}, {"tint": -100}):
        assert np.array_equal(render(image, edits), reference.render(image, edits))


def test_tone_tools_are_exact_on_grays() -> None:
    grays = np.repeat(np.arange(256, dtype=np.uint8)[:, None, None], 3, axis=2)
    for edits in ({"exposure": 35, "contrast": -40}, {"blacks": -70, "whites": 50, "fade": 30}, {"brightness": -90}):
        assert np.array_equal(render(grays, edits), reference.render(grays, edits))


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (7, 1), (2, 3), (5, 1030), (1, 40000)])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_every_tool_at_once_on_any_shape(shape: tuple[int, int], dtype: type) -> None:
    top = np.iinfo(dtype).max
    image = np.random.default_rng(5).integers(0, top + 1, (*shape, 3), dtype=dtype)
    fast, slow = render(image, EVERYTHING), reference.render(image, EVERYTHING)
    assert fast.shape == image.shape and fast.dtype == image.dtype
    assert apart(fast, slow).max() <= 1


@pytest.mark.parametrize("name", TOOLS)
def test_every_tool_accepts_a_single_pixel(name: str) -> None:
    pixel = np.array([[[200, 100, 50]]], np.uint8)
    for value in (TOOLS[name].low, TOOLS[name].high):
        assert apart(render(pixel, {name: value}), reference.render(pixel, {name: value})).max() <= 1


def test_large_images_get_wide_sharpening_and_grain() -> None:
    image = np.random.default_rng(1).integers(0, 256, (1030, 1040, 3), dtype=np.uint8)
    edits = {"sharpness": -70, "grain": 60, "vignette": 50, "shadows": 40}
    fast, slow = render(image, edits), reference.render(image, edits)
    assert apart(fast, slow).max() <= 1 and (fast != slow).mean() < 1e-3


def test_16_bit_images_keep_their_precision(photograph: Image) -> None:
    for edits in ({"exposure": 30, "contrast": 20}, {"vibrance": 50, "sharpness": 40, "grain": 10}):
        fast = render(deep(photograph), edits)
        assert (fast != reference.render(deep(photograph), edits)).mean() < 1e-3
        assert apart(fast, deep(render(photograph, edits))).max() <= 130  # half an 8-bit level
        assert len(np.unique(fast % 257)) > 100  # not 8-bit levels stretched to 16 bits


@pytest.mark.parametrize("edits", [{"exposure": 30}, EVERYTHING], ids=["curve", "everything"])
def test_views_render_as_copies_and_are_not_modified(edits: dict[str, int], photograph: Image) -> None:
    views = {
        "reversed": photograph[::-1, ::-2],
        "transposed": photograph.transpose(1, 0, 2),
        "channels reversed": photograph[..., ::-1],
        "fortran": np.asfortranarray(photograph),
    }
    for view in views.values():
        before = view.copy()
        edited = render(view, edits)
        assert np.array_equal(view, before)
        assert np.array_equal(edited, render(before, edits))
        assert edited.flags.c_contiguous and not np.shares_memory(edited, view)


@pytest.mark.parametrize("edits", [{}, {"exposure": 0}, {"exposure": 1}, {"grain": 1}])
def test_results_share_no_memory_with_the_image_or_each_other(edits: dict[str, int], chart: Image) -> None:
    first, second = render(chart, edits), render(chart, edits)
    assert not np.shares_memory(first, chart) and not np.shares_memory(first, second)


def test_the_order_of_the_keys_does_not_matter(photograph: Image) -> None:
    backwards = dict(reversed(EVERYTHING.items()))
    assert np.array_equal(render(photograph, EVERYTHING), render(photograph, backwards))


def test_threads_do_not_affect_each_other(photograph: Image, large: Image) -> None:
    images = [photograph, large[:200], large, photograph[::2]]
    results: dict[int, Image] = {}

    def work(number: int) -> None:
        for _ in range(3):
            results[number] = render(images[number], EVERYTHING)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(len(images))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for number, image in enumerate(images):
        assert np.array_equal(results[number], render(image, EVERYTHING))


@pytest.mark.parametrize(
    ("image", "error", "words"),
    [
        ([[[1, 2, 3]]], TypeError, "numpy array"),
        (np.zeros((4, 4, 3)), ValueError, "uint8 or uint16"),
        (np.zeros((4, 4), np.uint8), ValueError, "shape"),
        (np.zeros((4, 4, 4), np.uint8), ValueError, "shape"),
        (np.zeros((0, 4, 3), np.uint8), ValueError, "shape"),
    ],
)
def test_other_arrays_and_types_are_rejected(image: Image, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        render(image, {"exposure": 10})


def test_an_invalid_program_is_rejected(chart: Image) -> None:
    with pytest.raises(ProgramError, match="exposure must be in"):
        render(chart, {"exposure": 500})


def test_rendering_calls_no_blas() -> None:
    """BLAS starts threads of its own; in those of `render` they make two cores slower than one."""
    folder = Path(kernel.__file__).parent
    calls = {
        path.name
        for path in folder.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.MatMult)
        or (isinstance(node, ast.Attribute) and node.attr in ("dot", "matmul", "tensordot"))
    }
    assert calls <= {"sums.py"}  # of distances, which are computed in one thread
