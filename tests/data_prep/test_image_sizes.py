"""Sizes that the loader refuses, against the functions by which verl and the processor of the model resize."""

import numpy as np
import pytest

from iea.data_prep.image_sizes import MIN_PIXELS, loader_fault


@pytest.mark.slow
@pytest.mark.parametrize("max_pixels", [MIN_PIXELS, 112 * 112, 512 * 512, 10 * 504 * 504])
def test_a_size_is_accepted_where_both_functions_accept_it(max_pixels: int) -> None:
    vision = pytest.importorskip("qwen_vl_utils.vision_process", reason="needs the cpu or gpu extra")
    processor = pytest.importorskip("transformers.models.qwen2_vl.image_processing_qwen2_vl")
    rng = np.random.default_rng(0)
    sizes = [(7494, 34), (6800, 34), (5600, 28), (5601, 28), (5600, 56), (28, 28)]
    sizes += [tuple(sides) for sides in np.exp(rng.uniform(np.log(28), np.log(9000), (20_000, 2))).astype(int).tolist()]

    def loads(width: int, height: int) -> bool:
        for patch in (28, 32):
            try:
                bounds = {"min_pixels": MIN_PIXELS, "max_pixels": max_pixels}
                resized = vision.smart_resize(height, width, factor=patch, **bounds)
                if not min(resized):
                    return False
                processor.smart_resize(*resized, factor=patch, **bounds)
            except ValueError:
                return False
        return True

    found = [(size, loads(*size), loader_fault(*size, max_pixels=max_pixels)) for size in sizes]
    assert [(size, fault) for size, good, fault in found if good == bool(fault)] == []
    assert {good for _, good, _ in found} == {True, False}


@pytest.mark.parametrize(("width", "height"), [(0, 0), (0, 90), (90, -1)])
def test_sides_that_no_image_has_are_named(width: int, height: int) -> None:
    assert "at least 1 pixel" in (loader_fault(width, height, max_pixels=512 * 512) or "")


@pytest.mark.parametrize(("width", "height"), [(7494, 34), (34, 7494), (6800, 34), (28, 5601)])
def test_a_panorama_that_the_loader_refuses_is_named(width: int, height: int) -> None:
    assert "at most 200 times the shorter" in (loader_fault(width, height, max_pixels=512 * 512) or "")
