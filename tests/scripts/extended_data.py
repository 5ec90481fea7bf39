"""Ingest pairs by the source of docs/extend.md, mix them by its mix, and print the results of both as JSON.

python extended_data.py FOLDER
"""

import json
import sys
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from iea.data_prep.mix.step import MixConfig, mix
from iea.data_prep.prepare import PrepareConfig, prepare
from iea.editor import render
from iea.editor.io import write_image

work = Path(sys.argv[1])
root, out = work / "own", work / "out"
root.mkdir()
rng = np.random.default_rng(0)
lines = ["before,after,request"]
for number in range(10):
    ramp = np.linspace(15, 225, 70)[None, :, None] * rng.uniform(0.5, 1.0, 3)
    original = np.clip(ramp + rng.normal(0, 25, (70, 70, 3)), 0, 255).astype(np.uint8)
    write_image(root / f"{number}.png", original)
    write_image(root / f"{number}-after.png", render(original, {"exposure": 45}))
    lines.append(f"{number}.png,{number}-after.png,it is too dark")
lines.append("0.png,gone.png,make it nicer")
(root / "pairs.csv").write_text("\n".join(lines))

config = PrepareConfig(out, source=(f"csv_pairs={root}",), fold=0, size=56, pairs_per_photo=2, judged=0, oracle=False)
prepare(config, workers=1, sheets=False, quiet=True)
tables = (out / "labeled", out / "synthetic/examples")
manifest = mix(MixConfig("everyday_words", tables, work / "everyday"), quiet=True)
rows = pq.read_table(work / "everyday/train.parquet").to_pylist()
report = json.loads((out / "pairs/report.json").read_text())["sources"]["csv_pairs"]
print(
    json.dumps(
        {
            "ingested": report["rows"],
            "rejected": report["rejected"],
            "stage1_origins": sorted(
                {row["extra_info"]["origin"] for row in pq.read_table(out / "stage1/train.parquet").to_pylist()}
            ),
            "ratios": {part["name"]: part["taken"] / part["available"] for part in manifest["parts"]},
            "requests": sorted(
                {row["extra_info"]["text"] for row in rows if row["extra_info"]["origin"] == "csv_pairs"}
            ),
        }
    )
)
