"""Print the differences between the sides of every benchmark case as JSON. Run it in the folder tests/benchmarks."""

import json
import sys

import numpy as np

sys.path.insert(0, ".")
import cases  # type: ignore[import-not-found]  # in the working directory
import photographs  # type: ignore[import-not-found]

cases.SIDE = 64
mosaic = photographs.mosaic
photographs.mosaic = lambda height, width: mosaic(100, 120)
apart = {}
for case in cases.CASES:
    results = {name: side() for name, side in case.sides(1).items()}
    ours = results.pop("ours")
    for name, result in results.items():
        if name in ("naive64", "naive32", "C"):
            apart[f"{case.title}: {name}"] = float(np.abs(np.subtract(result, ours)).max())
        elif name == "naive64 / 10":
            apart[f"{case.title}: {name}"] = float(np.abs(np.subtract(result, ours[::10])).max())
        else:
            assert result.shape == ours.shape and result.dtype == np.uint8, name
print(json.dumps(apart))
