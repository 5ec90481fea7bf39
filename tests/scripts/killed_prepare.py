"""Prepare data by the settings of a PrepareConfig, as JSON, and kill the process at one step.

python killed_prepare.py SETTINGS synthesis|mix
"""

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

from iea.data_prep.mix.write import MixWriter
from iea.data_prep.prepare import PrepareConfig, prepare
from iea.data_prep.synthesize import rows

SETTINGS, PLACE = json.loads(sys.argv[1]), sys.argv[2]
LAST_ITEM = 70  # within the second shard
make, write = rows.ExamplesMaker.__call__, MixWriter.write
written: list[Path] = []


def make_or_die(self: rows.ExamplesMaker, item: dict[str, Any]) -> list[dict[str, Any]]:
    if item["number"] == LAST_ITEM:
        os.kill(os.getpid(), signal.SIGKILL)
    return make(self, item)


def write_or_die(self: MixWriter, path: Path, *arguments: Any) -> dict[str, Any]:
    counts = write(self, path, *arguments)
    written.append(path)
    if len(written) == 2:
        path.write_bytes(path.read_bytes()[:100])
        os.kill(os.getpid(), signal.SIGKILL)
    return counts


if PLACE == "synthesis":
    rows.ExamplesMaker.__call__ = make_or_die  # type: ignore[method-assign]
else:
    MixWriter.write = write_or_die  # type: ignore[method-assign, assignment]
paths = {"out": Path(SETTINGS["out"]), "photos": Path(SETTINGS["photos"]), "source": ()}
prepare(PrepareConfig(**{**SETTINGS, **paths}), workers=1, sheets=False, quiet=True)
