import subprocess
import sys
from pathlib import Path

import pictures
import pytest


@pytest.mark.slow
def test_damaged_pictures_has_no_traceback_and_no_swollen_memory(seed: int, seconds: float, tmp_path: Path) -> None:
    command = [sys.executable, "-W", "ignore", pictures.__file__, "--seconds", str(seconds), "--seed", str(seed)]
    done = subprocess.run([*command, "--folder", str(tmp_path)], capture_output=True, text=True, check=False)
    print(done.stdout)
    assert done.returncode == 0, f"seed {seed}, {tmp_path / 'damaged'}: {done.stdout[-3000:]}{done.stderr[-1000:]}"
    assert "'read'" in done.stdout


def test_a_seed_gives_the_same_damaged_pictures() -> None:
    first, again, other = ([next(files) for _ in range(50)] for files in map(pictures.cases, (3, 3, 4)))
    assert first == again != other
