"""The photographs in the wheels of scikit-image, scikit-learn and matplotlib: single photographs, always available.

Found on disk without importing the packages:

- scikit-image: astronaut, coffee, chelsea, rocket, motorcycle; scikit-learn: china, flower; matplotlib: grace_hopper.
  Eight everyday color photographs, divided into training and held-out ones; fold k holds out three consecutive entries
  of the list, from position 3 k, wrapping around.
- scikit-image: camera, coins, brick, grass, gravel (black and white): for training only, with a low weight. They are
  never evaluated on, but they can be degraded and restored too.

Excluded from the same folders: motorcycle_right (the other half of a stereo pair), hubble_deep_field (nearly black), moon
(nearly without contrast), retina and ihc (medical), clock_motion, cell, microaneurysms, page and text (blurred, microscopic
or scanned), and the drawings, charts and test patterns.
"""

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from iea.data_prep.ingest.sources.source import Listed, Rejected, Source

EVERYDAY = (  # in the order in which folds hold them out: any three consecutive ones differ in subject and light
    ("sklearn", "datasets/images/flower.jpg"),
    ("skimage", "data/rocket.jpg"),
    ("matplotlib", "mpl-data/sample_data/grace_hopper.jpg"),
    ("sklearn", "datasets/images/china.jpg"),
    ("skimage", "data/coffee.png"),
    ("skimage", "data/astronaut.png"),
    ("skimage", "data/chelsea.png"),
    ("skimage", "data/motorcycle_left.png"),
)
BLACK_AND_WHITE = tuple(("skimage", f"data/{name}.png") for name in ("camera", "coins", "brick", "grass", "gravel"))
HELD_OUT = 3  # photographs per fold: with fewer, one odd photograph decides the score
BLACK_AND_WHITE_WEIGHT = 0.25
LICENSE = "Free: each as its package documents it (public domain, CC0, CC BY or BSD)."


def list_bundled(root: Path) -> Iterator[Listed | Rejected]:
    """List the everyday photographs in the order of EVERYDAY, then the black-and-white ones; `root` is not used."""
    count = len(EVERYDAY)
    for place, (package, relative) in enumerate(EVERYDAY + BLACK_AND_WHITE):
        path = _in_wheel(package, relative)
        if path is None:
            text = f"{package} is not installed; run: pip install 'verl-iea[photos]'"
            yield Rejected(relative, "missing", text)
            continue
        everyday, name = place < count, path.stem.removesuffix("_left")
        folds = tuple(fold for fold in range(count) if (place - fold * HELD_OUT) % count < HELD_OUT)
        yield Listed(
            source="bundled",
            name=name,
            photo=f"bundled:{name}",
            original=path,
            split="" if everyday else "train",
            folds=folds if everyday else (),
            weight=1.0 if everyday else BLACK_AND_WHITE_WEIGHT,
            license=LICENSE,
            categories={"kind": "everyday" if everyday else "black_and_white"},
        )


def everyday_photographs() -> dict[str, Path]:
    """Return name -> file of the everyday photographs that are installed, in the order of EVERYDAY."""
    listed = (one for one in list_bundled(Path()) if isinstance(one, Listed))
    return {one.name: one.original for one in listed if one.folds}


def _in_wheel(package: str, relative: str) -> Path | None:
    """Return the path of a file of an installed package; None if the package is not installed."""
    spec = find_spec(package)
    roots = list(spec.submodule_search_locations or ()) if spec else []
    return Path(roots[0]) / relative if roots else None


SOURCE = Source(
    name="bundled",
    origin="the wheels of scikit-image, scikit-learn and matplotlib",
    license=LICENSE,
    list=list_bundled,
    needs_root=False,
)
