"""Pictures with color profiles, and another program's view of them."""

import io
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image as PillowImage
from PIL import ImageCms, features

from iea.editor.formats.picture import PictureError
from iea.editor.io import read_image

WIDE = imagecodecs.cms_profile("adobergb")
Pixels = NDArray[np.uint8]


def save(path: Path, image: PillowImage.Image, kind: str, **more: object) -> PillowImage.Image:
    """Write a picture, and return it as Pillow reads it again."""
    if kind == "HEIF":
        pytest.importorskip("pillow_heif").register_heif_opener()
    if kind == "AVIF" and not features.check("avif"):
        pytest.skip("Pillow was built without AVIF")
    options = {"JPEG": {"quality": 95}, "WEBP": {"lossless": True}, "AVIF": {"quality": 90}}
    image.save(path, kind, **options.get(kind, {}), **more)
    with PillowImage.open(io.BytesIO(path.read_bytes())) as opened:
        opened.load()
        return opened


def by_little_cms(image: PillowImage.Image, profile: bytes) -> Pixels:
    """Return sRGB, on white."""
    alpha = np.asarray(image.convert("RGBA").getchannel("A"))[..., None] / 255
    base = image.convert({"LA": "L", "P": "RGB", "RGBA": "RGB"}.get(image.mode, image.mode))
    source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    done = ImageCms.profileToProfile(base, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
    return np.asarray(done) * alpha + 255 * (1 - alpha)


def refusal(path: Path) -> str:
    with pytest.raises(PictureError) as caught:
        read_image(path)
    return caught.value.reason
