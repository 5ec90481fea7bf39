"""Look at the files of models and checkpoints without loading them: are they complete, and are they the same?"""

import hashlib
import json
import os
import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from iea.editor.io import regular

SAMPLE_BYTES = 1 << 20
"""Read from either end of a file for its digest: a digest of 16 GB takes a minute, of this nothing."""
WEIGHTS = ("model.safetensors", "pytorch_model.bin")  # names that transformers loads, whole or by their index
SETTINGS = (".json", ".jinja", ".txt", ".model", ".py", ".tiktoken")  # suffixes of a model's other files
_HEADER_LIMIT = 100 << 20  # of a safetensors file, its own limit


class FolderError(ValueError):
    """A folder does not hold a complete model or checkpoint."""


def refuse_bad_model(folder: Path, *, vision: bool = False) -> None:
    """Raise FolderError unless a folder holds a Hugging Face model with complete weights; `vision`: one for images."""
    if not folder.is_dir():
        raise FolderError(f"a model must be a folder, got the file {str(folder)!r}")
    config = folder / "config.json"
    if not config.is_file():
        raise FolderError(
            f"the folder of a model must hold config.json, got {str(folder)!r} without; name its subfolder"
        )
    content = _json_object(config)
    if not isinstance(content.get("model_type"), str):
        raise FolderError(
            f"config.json of a model must name its model_type, got {str(config)!r} without; save it again"
        )
    if vision and not isinstance(content.get("vision_config"), dict):
        raise FolderError(
            f"the policy must be a model that sees images, with a vision_config, got {str(folder)!r} of the type "
            f"{content['model_type']!r}; choose another model"
        )
    files = list(_weight_files(folder))
    if not files:
        raise FolderError(
            f"the folder of a model must hold its weights, {' or '.join(WEIGHTS)} or "
            f"the index of one, got {str(folder)!r} without; save it again, and merge an adapter"
        )
    for path in files:
        refuse_cut_off(path)


def refuse_cut_off(path: Path) -> None:
    """Raise FolderError if a file of weights is missing or shorter than it says."""
    try:
        complete = _whole_safetensors(path) if path.suffix == ".safetensors" else _whole_archive(path)
    except (OSError, ValueError, struct.error, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise FolderError(f"weights must be complete, got {str(path)!r}: {type(error).__name__}: {error}") from error
    if not complete:
        raise FolderError(
            f"weights must be complete, got {str(path)!r}, which is cut off or empty; save or copy them again"
        )


def model_digest(folder: Path) -> str:
    """Return a digest of a model: of the name, the size and both ends of each file of weights, settings and tokens."""
    digest = hashlib.sha256()
    others = (path for path in sorted(folder.iterdir()) if path.suffix in SETTINGS and path.is_file())
    for path in (*others, *_weight_files(folder)):
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
    """Yield the files of weights that transformers loads, sorted: those that an index names, where there is one."""
    for name in WEIGHTS:
        index = folder / f"{name}.index.json"
        if index.is_file():
            named = _json_object(index).get("weight_map")
            names = set(map(str, named.values())) if isinstance(named, dict) else set()
            if bad := sorted(one for one in names if Path(one).name != one):
                raise FolderError(f"the index of weights must name files beside it, got {bad[0]!r} in {str(index)!r}")
            yield from (folder / one for one in sorted(names))
            return
        if os.path.lexists(folder / name):
            yield folder / name
            return


def _json_object(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise FolderError(f"{path.name} of a model must be readable JSON, got {str(path)!r}: {error}") from error
    if not isinstance(content, dict):
        raise FolderError(f"{path.name} of a model must be a JSON object, got another in {str(path)!r}; save it again")
    return content


def _whole_safetensors(path: Path) -> bool:
    """Return True if the file is as long as its header says: 8 bytes of length, a JSON object, the tensors."""
    size = path.stat().st_size
    with regular(path).open("rb") as stream:
        (length,) = struct.unpack("<Q", stream.read(8))
        if length > min(size, _HEADER_LIMIT):
            return False
        header = json.loads(stream.read(length))
    ends = [tensor["data_offsets"][1] for name, tensor in header.items() if name != "__metadata__"]
    return bool(ends) and bool(size >= 8 + length + max(ends))


def _whole_archive(path: Path) -> bool:
    """Return True if the file, a ZIP archive as of torch.save, has its table of contents, which is at its end."""
    with regular(path).open("rb") as stream:
        former = stream.read(1) == b"\x80"  # torch's format before 1.6, a pickle, says nothing of its length
    return former or zipfile.is_zipfile(path)
