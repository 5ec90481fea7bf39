"""The search oracle on rows whose references were rendered by a program."""

import json
from pathlib import Path

import numpy as np
import pytest
from evaluated_rows import write_rows

from iea.editor.io import read_image, write_image
from iea.recipe.evaluation.evaluate import evaluate
from iea.recipe.evaluation.systems import SYSTEMS, Settings
from iea.recipe.evaluation.systems.oracle import best_program

pytestmark = pytest.mark.slow  # searches


def test_the_oracle_is_never_further_than_the_rows_program(tmp_path: Path) -> None:
    results = evaluate(SYSTEMS["oracle"], write_rows(tmp_path, "edit", "refine"), Settings())
    assert results.r_like.tolist() == [1, 1]


def test_without_a_program_the_search_starts_from_nothing(tmp_path: Path) -> None:
    original = np.random.default_rng(0).integers(20, 230, (48, 48, 3), dtype=np.uint8)
    write_image(tmp_path / "original.png", original)
    write_image(tmp_path / "reference.png", np.minimum(original * 1.2, 255).astype(np.uint8))
    found = json.loads(best_program(str(tmp_path / "original.png"), str(tmp_path / "reference.png"), ""))
    assert found and read_image(tmp_path / "original.png").shape == original.shape
