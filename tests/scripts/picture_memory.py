"""Print the memory of reading pictures of many kinds, as JSON: name -> bytes per pixel beyond what was in use before."""

import json
import sys
from multiprocessing import get_context
from pathlib import Path

import imagecodecs
import numpy as np
import tifffile
from PIL import Image as PillowImage
from PIL import features

from iea.editor.io import read_image

SIDE = 3000  # pixels: the constant part is small against it
WIDE = imagecodecs.cms_profile("adobergb")


def memory(field: str) -> int:
    """Return VmRSS or VmHWM, the present or the highest memory of this process, bytes."""
    (line,) = (line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(field))
    return int(line.split()[1]) * 1024


def write(folder: Path) -> list[Path]:
    """Write files of few bytes a pixel, and of as many as a format can have."""
    ramp = np.arange(SIDE)
    channels = [
        ramp + 0 * ramp[:, None],
        ramp[:, None] + 0 * ramp,
        ramp + ramp[:, None],
        4000 - ramp + 0 * ramp[:, None],
    ]
    deep = np.stack([10 * channel for channel in channels], axis=-1).astype(np.uint16)
    image = PillowImage.fromarray((deep >> 8).astype(np.uint8))
    exif = PillowImage.Exif()
    exif[274] = 6
    kinds = {"png": "RGBA", "jpg": "CMYK", "webp": "RGB", "bmp": "RGB", "gif": "P", "jp2": "RGB"}
    kinds |= {"avif": "RGB"} if features.check("avif") else {}
    try:
        import pillow_heif
    except ImportError:
        pass
    else:
        pillow_heif.register_heif_opener()
        kinds["heic"] = "RGB"
    for suffix, mode in kinds.items():
        path = folder / f"a.{suffix}"
        image.convert("RGB").convert(mode).save(path, exif=exif, icc_profile=WIDE if suffix == "png" else None)
    options = {"photometric": "rgb", "extrasamples": (1,), "metadata": None, "iccprofile": WIDE}
    for name, planar, more in (
        ("raw", "contig", {}),
        ("planes", "separate", {}),
        ("strip", "contig", {"compression": "zlib", "predictor": True, "rowsperstrip": SIDE}),
    ):
        stored = np.moveaxis(deep, -1, 0) if planar == "separate" else deep
        tifffile.imwrite(folder / f"{name}.tif", stored, planarconfig=planar, **options, **more)
    (folder / "deep.png").write_bytes(imagecodecs.png_encode(deep))
    return sorted(folder.iterdir())


def measure(path: Path) -> tuple[str, float]:
    """Return the name of a file and its memory, in a process that has done nothing else."""
    before = memory("VmRSS")
    height, width, _ = read_image(path).shape
    return path.name, (memory("VmHWM") - before) / (height * width)


def main(folder: Path) -> None:
    with get_context("fork").Pool(1, maxtasksperchild=1) as pool:
        paths = pool.apply(write, (folder,))
        print(json.dumps(dict(pool.imap(measure, paths, chunksize=1))))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
