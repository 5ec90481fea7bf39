"""Look at the files of models and checkpoints without loading them: are they complete, and are they the same?"""

import hashlib
import json
import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path

from iea.editor.io import regular

SAMPLE_BYTES = (
    1 << 20
)  # read from either end of a file for its digest: a digest of 16 GB takes a minute, of this nothing
WEIGHT_SUFFIXES = (".safetensors", ".bin", ".pt", ".pth")
_HEADER_LIMIT = 100 << 20  # of a safetensors file, its own limit


class FolderError(ValueError):
    """A folder does not hold a complete model or checkpoint."""


def refuse_bad_model(folder: Path) -> None:
    """Raise FolderError unless a folder holds a Hugging Face model with complete weights."""
    if not folder.is_dir():
        raise FolderError(f"a model must be a folder, got the file {str(folder)!r}")
    config = folder / "config.json"
    if not config.is_file():
        raise FolderError(
            f"the folder of a model must hold config.json, got {str(folder)!r} without; name its subfolder"
        )
    try:
        json.loads(config.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise FolderError(f"config.json of a model must be readable JSON, got {str(config)!r}: {error}") from error
    files = list(_weight_files(folder))
    if not files:
        raise FolderError(f"the folder of a model must hold its weights, got {str(folder)!r} without; save it again")
    for path in files:
        refuse_cut_off(path)


def refuse_cut_off(path: Path) -> None:
    """Raise FolderError if a file of weights is missing or shorter than it says."""
    try:
        complete = _whole_safetensors(path) if path.suffix == ".safetensors" else _whole_archive(path)
    except (OSError, ValueError, struct.error, KeyError, TypeError, AttributeError) as error:
        raise FolderError(f"weights must be complete, got {str(path)!r}: {type(error).__name__}: {error}") from error
    if not complete:
        raise FolderError(f"weights must be complete, got {str(path)!r}, which is cut off; save or copy them again")


def model_digest(folder: Path) -> str:
    """Return a digest of a model: of its settings, and of the name, the size and both ends of each file of weights."""
    digest = hashlib.sha256(regular(folder / "config.json").read_bytes())
    for path in _weight_files(folder):
        size = path.stat().st_size
        digest.update(f"{path.name} {size}\n".encode())
        with regular(path).open("rb") as stream:
            digest.update(stream.read(SAMPLE_BYTES))
            stream.seek(max(0, size - SAMPLE_BYTES))
            digest.update(stream.read(SAMPLE_BYTES))
    return digest.hexdigest()


def weight_bytes(folder: Path) -> int:
    """Return the size of a model's weights."""
    return sum(path.stat().st_size for path in _weight_files(folder))


def _weight_files(folder: Path) -> Iterator[Path]:
    """Yield the files of weights, sorted: those that the index names, where there is one."""
    index = folder / "model.safetensors.index.json"
    if index.is_file():
        try:
            names = set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values())
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise FolderError(f"the index of weights must be readable, got {str(index)!r}: {error}") from error
        yield from (folder / name for name in sorted(names))
        return
    yield from (path for path in sorted(folder.iterdir()) if path.suffix in WEIGHT_SUFFIXES)


def _whole_safetensors(path: Path) -> bool:
    """Return True if the file is as long as its header says: 8 bytes of length, a JSON object, the tensors."""
    size = path.stat().st_size
    with regular(path).open("rb") as stream:
        (length,) = struct.unpack("<Q", stream.read(8))
        if length > min(size, _HEADER_LIMIT):
            return False
        header = json.loads(stream.read(length))
    ends = [tensor["data_offsets"][1] for name, tensor in header.items() if name != "__metadata__"]
    return bool(size >= 8 + length + max(ends, default=0))


def _whole_archive(path: Path) -> bool:
    """Return True if the file, a ZIP archive as of torch.save, has its table of contents, which is at its end."""
    with regular(path).open("rb") as stream:
        former = stream.read(1) == b"\x80"  # torch's format before 1.6, a pickle, says nothing of its length
    return former or zipfile.is_zipfile(path)
