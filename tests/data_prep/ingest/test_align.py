import numpy as np
import pytest

from iea.data_prep.ingest.align import MIN_LIKENESS, align, edge_likeness
from iea.data_prep.ingest.resample import resample, whole
from iea.data_prep.ingest.sources.bundled import everyday_photographs
from iea.data_prep.runner import RejectedError
from iea.editor import Image, distance, render
from iea.editor.io import read_image

STRONG = {"exposure": 60, "contrast": 50, "saturation": -70, "temperature": 60, "vignette": -60}


def photograph(name: str, width: int = 480) -> Image:
    path = everyday_photographs()[name]
    image = read_image(path)
    return resample(image, whole(image), (width, round(image.shape[0] * width / image.shape[1])))


def cut(image: Image, left: int, top: int, right: int, bottom: int) -> Image:
    return np.ascontiguousarray(image[top:bottom, left:right])


@pytest.mark.parametrize("name", ["coffee", "china", "rocket"])
def test_a_retouched_pair_keeps_its_whole_area(name: str) -> None:
    image = photograph(name)
    found = align(image, render(image, STRONG))
    assert (found.method, found.original, found.reference) == ("same", whole(image), whole(image))


def test_a_pair_at_another_scale_keeps_its_whole_area() -> None:
    image = photograph("china")
    smaller = render(resample(image, whole(image), (241, 160)), STRONG)
    found = align(image, smaller)
    assert (found.method, found.original, found.reference) == ("scaled", whole(image), whole(smaller))


def test_a_narrow_border_is_cropped_at_a_similar_aspect_ratio() -> None:
    """A raw file shows a few pixels more of the scene at its edges than the experts' versions."""
    image = photograph("china", 640)
    reference = cut(render(image, STRONG), 6, 2, 638, 424)
    found = align(image, reference)
    assert found.method == "registered"
    np.testing.assert_allclose(found.original, (6, 2, 638, 424), atol=0.7)


@pytest.mark.parametrize("scale", [1.0, 0.7, 1.4])
@pytest.mark.parametrize("name", ["coffee", "astronaut"])
def test_a_crop_is_located_within_a_pixel(name: str, scale: float) -> None:
    image = photograph(name)
    box = (37, 22, 412, 290)
    edited = cut(render(image, STRONG), *box)
    size = (round(edited.shape[1] * scale), round(edited.shape[0] * scale))
    reference = resample(edited, whole(edited), size)
    found = align(image, reference)
    assert found.method == "registered"
    np.testing.assert_allclose(found.original, box, atol=1.0)
    assert found.reference == pytest.approx(whole(reference), abs=1.5)


def test_a_shifted_image_of_the_same_size_is_registered() -> None:
    image = photograph("coffee")
    found = align(cut(image, 0, 0, 440, 280), render(cut(image, 40, 30, 480, 310), STRONG))
    assert found.method == "registered"
    np.testing.assert_allclose(found.original, (40, 30, 440, 280), atol=1.0)
    np.testing.assert_allclose(found.reference, (0, 0, 400, 250), atol=1.0)


def test_the_distance_of_a_registered_pair_is_that_of_the_crop() -> None:
    image = photograph("coffee")
    edited = render(image, {"exposure": 40, "contrast": 30})
    box = (37, 22, 412, 290)
    found = align(image, cut(edited, *box))
    original, reference = (
        resample(p, b, (360, 256)) for p, b in ((image, found.original), (cut(edited, *box), found.reference))
    )
    assert distance(original, reference) == pytest.approx(distance(cut(image, *box), cut(edited, *box)), rel=0.03)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda image: photograph("chelsea"),
        lambda image: np.ascontiguousarray(image[:, ::-1]),
        lambda image: np.ascontiguousarray(np.rot90(image)),
        lambda image: cut(image, 200, 100, 300, 180),  # a twentieth of the image
        lambda image: np.full_like(image, 128),
        lambda image: np.full((5, 900, 3), 7, np.uint8),
    ],
    ids=["another photograph", "mirrored", "rotated", "small part", "flat", "flat strip"],
)
def test_images_without_a_common_area_are_rejected(spoil: object) -> None:
    image = photograph("coffee")
    with pytest.raises(RejectedError) as caught:
        align(image, spoil(image))  # type: ignore[operator]
    assert caught.value.reason == "misaligned"


def test_edge_likeness_ignores_tone_and_sign() -> None:
    luma = photograph("coffee")[..., 1]
    assert edge_likeness(luma, 255 - luma) == pytest.approx(1, abs=1e-6)
    assert edge_likeness(luma, (luma / 3 + 100).astype(np.uint8)) > 0.95
    assert abs(edge_likeness(luma, luma[::-1])) < MIN_LIKENESS / 3
    assert edge_likeness(np.zeros_like(luma), np.zeros_like(luma)) == 1


def test_16_bit_images_are_aligned_with_8_bit_ones() -> None:
    image = photograph("china")
    assert align(image.astype(np.uint16) * np.uint16(257), render(image, STRONG)).method == "same"
