"""The manifest: what a data set holds, what made it, and what its labels leave to be gained."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from iea.data_prep.folds import Split
from iea.data_prep.photographs import Photo, Skipped
from iea.data_prep.row import Record
from iea.editor.levels import strength_bin
from iea.reward_fns.weights import weighted_sum


def inputs_sha256(photos: Iterable[Photo]) -> str:
    """Digest of names and sizes of the photographs: tells a changed folder without reading it all again."""
    listing = [f"{p.name}\0{p.path.stat().st_size if p.path.exists() else -1}\n" for p in photos]
    return hashlib.sha256("".join(listing).encode()).hexdigest()


def describe_photos(split: Split) -> list[dict[str, Any]]:
    """Name, role, digest of every photograph used."""
    roles = {"train": split.train, "held_out": split.held_out, "train_only": split.extra}
    return [
        {"name": p.photo.name, "role": role, "sha256": p.sha256}
        for role, group in roles.items()
        for p in group
    ]


def describe_skipped(skipped: Sequence[Skipped]) -> list[dict[str, str]]:
    """File and reason of everything that was left out."""
    return [asdict(s) for s in skipped]


def describe_rows(records: Sequence[Record]) -> dict[str, Any]:
    """Counts of one split by kind, photograph, tool and direction, strength and number of tools."""
    programs = [json.loads(r.program) for r in records]
    edits = [p for p, r in zip(programs, records, strict=True) if r.kind == "edit"]
    values = [(tool, value) for program in edits for tool, value in program.items()]
    return {
        "rows": len(records),
        "kinds": _counted(r.kind for r in records),
        "photos": _counted(r.photo for r in records),
        "tools_per_row": _counted(str(len(p)) for p in programs),
        "edit_tools": _counted(f"{tool}{'+' if value > 0 else '-'}" for tool, value in values),
        "edit_strengths": _counted(strength_bin(value) for _, value in values),
        "auto_tools": _counted(
            f"{tool}{'+' if value > 0 else '-'}"
            for program, r in zip(programs, records, strict=True)
            if r.kind == "auto"
            for tool, value in program.items()
        ),
        "mean_tries": _mean(r.tries for r in records),
        "pixels_sha256": hashlib.sha256("".join(r.pixels for r in records).encode()).hexdigest(),
    }


def describe_headroom(records: Sequence[Record]) -> dict[str, Any]:
    """Mean reward of the true programs and of the SFT labels, by kind, and the difference between them."""
    kinds = sorted({r.kind for r in records})
    return {kind: _headroom([r for r in records if r.kind == kind]) for kind in kinds}


def _headroom(records: Sequence[Record]) -> dict[str, Any]:
    ratings = {
        "true_programs": [r.program_rating for r in records],
        "labels": [r.label_rating for r in records],
    }
    means: dict[str, Any] = {
        name: {
            "r_like": _mean(x[0] for x in group),
            "r_use": _mean(x[1] for x in group),
            "reward_w0.7": _mean(weighted_sum({"r_like": x[0], "r_use": x[1]}) for x in group),
        }
        for name, group in ratings.items()
    }
    means["d_before"] = _mean(r.d_before for r in records)
    gap = means["true_programs"]["reward_w0.7"] - means["labels"]["reward_w0.7"]
    means["headroom_by_construction"] = round(gap, 4)
    return means


def _counted(items: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(items).items()))


def _mean(values: Iterable[float]) -> float:
    return round(float(np.mean(list(values))), 4)
