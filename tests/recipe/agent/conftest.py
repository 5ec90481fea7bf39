"""Real photographs of scikit-image, in memory and as files of every kind."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as PillowImage

from iea.editor import Image

GPS_IFD, EXIF_IFD, ORIENTATION = 0x8825, 0x8769, 0x0112
XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    b'<rdf:Description xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Orientation="%d"/></rdf:RDF></x:xmpmeta>'
)


@pytest.fixture(scope="session")
def cat() -> Image:
    """Return a photograph, (300, 451, 3) uint8."""
    skimage = pytest.importorskip("skimage.data")
    return np.asarray(skimage.chelsea())


@pytest.fixture(scope="session")
def rocket() -> Image:
    """Return a photograph at dusk, (427, 640, 3) uint8."""
    skimage = pytest.importorskip("skimage.data")
    return np.asarray(skimage.rocket())


@pytest.fixture
def exif() -> PillowImage.Exif:
    """Return EXIF of a camera held upright, with a place, serial numbers, and texts, numbers and bytes of a photographer."""
    block = PillowImage.Exif()
    block[ORIENTATION], block[271], block[306], block[33432] = 6, "Maker", "2026:01:02 03:04:05", "© Jürgen".encode()
    block[282], block[283], block[296], block[18246], block[40091] = 300.0, 300.0, 2, 4, "Titel".encode("utf-16-le")
    block.get_ifd(EXIF_IFD).update({0x9003: "2026:01:02 03:04:05", 0x829A: (1, 250), 0xA431: "SER123", 0xA434: "Lens"})
    block.get_ifd(EXIF_IFD)[0xFDE9] = "SER123"  # as Camera Raw repeats it
    block.get_ifd(GPS_IFD).update({1: "N", 2: (1.0, 2.0, 3.0)})
    return block


@pytest.fixture
def profile() -> bytes:
    """Return the ICC profile of Adobe RGB."""
    import imagecodecs

    return bytes(imagecodecs.cms_profile("adobergb"))


@pytest.fixture
def photo_file(tmp_path: Path, cat: Image, exif: PillowImage.Exif, profile: bytes) -> Callable[..., Path]:
    """Write the cat with EXIF, XMP and a profile: `photo_file("a.jpg")`."""

    def write(name: str = "cat.jpg", **options: Any) -> Path:
        path = tmp_path / name
        everything = {"exif": exif.tobytes(), "icc_profile": profile, "xmp": XMP % 6, "quality": 95}
        PillowImage.fromarray(cat).save(path, **(everything | options))
        return path

    return write
