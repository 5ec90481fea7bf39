"""What made a file: versions and code, for reports and manifests; and JSON files written whole or not at all."""

from __future__ import annotations

import hashlib
import json
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

PACKAGES = ("numpy", "pillow", "pyarrow", "verl-iea")


def versions() -> dict[str, str]:
    """Installed versions of all that can change a byte of the output."""
    return {name: version(name) for name in PACKAGES}


def code_sha256() -> str:
    """Return the digest of all source that decides rows: a changed formula or prompt makes other data."""
    digest = hashlib.sha256()
    for package in ("iea.editor", "iea.reward_fns", "iea.data_prep"):
        root = Path(str(files(package)))
        for path in sorted(root.rglob("*.py")):
            digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Write `content` whole or not at all."""
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(content, indent=2) + "\n")
    partial.replace(path)


def read_json(path: Path) -> dict[str, Any] | None:
    """The object in `path`; None when it is missing or is not one."""
    try:
        content = json.loads(path.read_text())
    except (OSError, ValueError):
        return None
    return content if isinstance(content, dict) else None
