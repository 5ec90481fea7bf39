"""The paper's recipe in verl up to the validation of its config, on a machine without a GPU."""

from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest


@pytest.mark.slow
@pytest.mark.parametrize("recipe", ["iea", "[iea,no_flash_attn]"])
def test_verl_accepts_the_recipe_and_it_fits_80_gib(
    recipe: str, home: Path, script: Callable[..., "CompletedProcess[str]"]
) -> None:
    done = script("papers_start", f"+recipe={recipe}", f"hydra.run.dir={home / 'hydra'}")
    lines = {line[:22].strip(): float(line[22:].split()[0]) for line in done.stdout.splitlines() if " GiB " in line}
    assert max(lines["GPU, while training"], lines["GPU, while generating"]) < 80
    assert lines["host, per node"] > 0
