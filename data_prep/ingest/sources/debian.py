"""Thirty photographs in Debian's wallpaper and puzzle packages: a second held-out set, that no recipe trains on.

    mkdir -p work/debian && iea data ingest debian --root work/debian --out work/pairs

`apt-get download` and `dpkg -x` put the packages (64 MB) into the root folder, without installing them; a package that is
there already is not downloaded. Where apt is missing or the packages cannot be downloaded, their photographs are rejected.

Excluded from the same packages: abstract pictures, patterns and renderings (analogpattern, umang, mate/abstract, mate/desktop).
"""

import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from iea.data_prep.ingest.sources.source import Listed, Rejected, Source


@dataclass(frozen=True)
class Package:
    """A Debian package with photographs: `names` are files of `folder`, without .jpg."""

    folder: str
    license: str
    names: tuple[str, ...]


PACKAGES: Mapping[str, Package] = {
    "palapeli-data": Package(
        "usr/share/palapeli/collection",
        "Public domain or GFDL 1.2, as the .desktop file of each says.",
        ("castle-maintenon", "cincinnati-bridge", "citrus-fruits", "european-honey-bee", "panther-chameleon-female"),
    ),
    "lomiri-wallpapers-16.04": Package(
        "usr/share/backgrounds",
        "CC BY 4.0, CC BY-SA 4.0 or CC0, as the package's copyright file says of each.",
        (
            *("Bridge_by_Sander_Klootwijk", "Dragonfly_by_Bolly", "Picture_0B_by_freespace", "Picture_1A_by_freespace"),
            *("Wine_by_Jakkub_Mede", "aitzgorri_by_Aitzol_Berasategi", "free_by_Peter_Nerlich"),
            *("friends_by_Aitzol_Berasategi", "greentock_by_Peter_Nerlich", "life_by_Aitzol_Berasategi"),
            *("picosdeeuropa_by_Aitzol_Berasategi", "seeding_by_Clements_Engelhardt", "sunset_by_Aitzol_Berasategi"),
        ),
    ),
    "mate-backgrounds": Package(
        "usr/share/backgrounds/mate/nature",
        "GPL 2 or later.",
        (
            *("Aqua", "Blinds", "Dune", "FreshFlower", "Garden", "GreenMeadow", "LadyBird", "RainDrops", "Storm"),
            *("TwoWings", "Wood", "YellowFlower"),
        ),
    ),
}


def list_debian(root: Path) -> Iterator[Listed | Rejected]:
    """Download the packages that `root` lacks, and list their photographs, all of them held out.

    Raises
    ------
    ValueError : `root` is not a folder, or holds anything else than these packages
    """
    others = [path.name for path in root.glob("[!.]*") if path.name not in PACKAGES]
    if others or not root.is_dir():
        shown = f"{str(root)!r} with {min(others)!r}" if others else f"{str(root)!r}, not a folder"
        raise ValueError(f"the root must be a folder for the packages of debian alone, got {shown}; make an empty one")
    for package, content in PACKAGES.items():
        try:
            folder = unpacked(package, root) / content.folder
        except OSError as error:
            for name in content.names:
                yield Rejected(f"{package}/{name}", "missing", str(error))
            continue
        for name in content.names:
            yield Listed(
                source="debian",
                name=f"{package}/{name}",
                photo=f"debian:{name}",
                original=folder / f"{name}.jpg",
                split="val",
                license=content.license,
            )


def unpacked(package: str, root: Path) -> Path:
    """Return the folder of the files of a package below `root`, downloaded if it does not exist.

    Raises
    ------
    OSError : apt-get or dpkg is missing or fails
    """
    folder = root / package
    if folder.is_dir():
        return folder
    with TemporaryDirectory(dir=root, prefix=f".{package}.") as temporary:
        _run(["apt-get", "download", package], temporary)
        files = next(Path(temporary).glob("*.deb"))
        _run(["dpkg", "-x", files.name, "files"], temporary)
        Path(temporary, "files").rename(folder)
    return folder


def _run(command: list[str], folder: str) -> None:
    shown = " ".join(command)
    try:
        subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
    except FileNotFoundError as error:
        raise OSError(f"cannot run {shown}: {command[0]} is not installed; a Debian system is needed") from error
    except subprocess.CalledProcessError as error:
        reason = error.stderr.strip().splitlines() or ["no message"]
        raise OSError(f"cannot run {shown}: {reason[-1]}; correct it and start again") from error


SOURCE = Source(
    name="debian",
    origin="the Debian packages palapeli-data, lomiri-wallpapers-16.04 and mate-backgrounds",
    license="Free: each as its package documents it (public domain, CC0, CC BY, CC BY-SA, GFDL or GPL).",
    list=list_debian,
)
