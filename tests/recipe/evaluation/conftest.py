"""Results of twelve rows, in place of those of a trained policy."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from iea.editor.io import write_image


@pytest.fixture
def results(tmp_path: Path) -> pd.DataFrame:
    image = np.random.default_rng(0).integers(0, 256, (16, 16, 3), dtype=np.uint8)
    path = tmp_path / "image.png"
    write_image(path, image)
    rows = [
        {
            "index": i,
            "photo": f"bundled:photo{i % 3}",
            "kind": "auto" if i % 4 == 0 else "edit",
            "original": str(path),
            "reference": str(path),
            "program": '{"exposure": 20}',
            "instruction": "make it brighter",
            "answer": '{"exposure": 45}' if i % 2 else "no idea",
            "parsable": float(i % 2),
            "d_after": 0.1,
            "r_like": 0.5,
            "r_use": 1.0,
            "r_use_scaled": 1.0,
            "score": 0.1 * i,
        }
        for i in range(12)
    ]
    return pd.DataFrame(rows)
