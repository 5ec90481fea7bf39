"""Compile and call the C loop, a measure of the speed that one core can reach."""

import ctypes
import subprocess
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import numpy as np

from iea.editor import Image, Program
from iea.editor.color import ROOM
from iea.editor.curves import balance_table, tone_table
from iea.editor.sums import ROUND, distance_of
from iea.editor.tiles import Plan
from iea.editor.tool import TINY

FLAGS = ("-O3", "-march=native", "-ffast-math", "-fPIC")


@cache
def _library() -> ctypes.CDLL:
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "yardstick.so"
        source = Path(__file__).with_name("yardstick.c")
        compiled = target.with_suffix(".o")
        subprocess.run(["cc", *FLAGS, "-c", str(source), "-o", str(compiled)], check=True)
        # linked separately: a library linked with -ffast-math disables subnormal numbers in the whole process
        subprocess.run(["cc", "-shared", str(compiled), "-o", str(target)], check=True)
        return ctypes.CDLL(str(target))


def measured(original: Image, reference: Image, edits: Mapping[str, int]) -> float:
    """Render and measure a program of balance and curve tools and saturation in one pass; contiguous uint8 images only."""
    plan = Plan.of(Program(edits))
    balance = np.broadcast_to(balance_table(plan.balance, 256), (3, 256)).astype(np.float32)
    tone = np.broadcast_to(tone_table(plan.tone, plan.balance, 256), (3, 256)).astype(np.float32)
    more = sum(amount for _, amount in plan.layers)
    sums = (ctypes.c_uint64 * 2)()
    image, target, first, second = (
        ctypes.c_void_p(array.ctypes.data) for array in (original, reference, balance, tone)
    )
    numbers = [ctypes.c_float(number) for number in (more, TINY, ROOM, ROUND)]
    _library().measure(image, target, ctypes.c_size_t(original.size // 3), first, second, *numbers, sums)
    return distance_of(sums[0], sums[1], original.size, 255)
