"""Damaged tables, given to every command that reads one: rows, named rejections, or an error of one line."""

import random
import shutil
import time
import traceback
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from damage import DAMAGES

from iea.data_prep.label.compare import pairs_of
from iea.data_prep.mix.step import MixConfig, mix
from iea.data_prep.schema import ANNOTATED, EXAMPLES, JUDGED, LABELED, PAIRS, TABLES
from iea.editor import render
from iea.editor.io import write_image
from iea.recipe.evaluation.evaluate import read_results
from iea.recipe.evaluation.judge.evaluate import judge_pairs
from iea.recipe.tiny.judge_rows import write_judge_rows

PROGRAM = '{"exposure": 45, "tint": -20}'
COMMANDS: dict[str, tuple[str, list[object]]] = {
    "annotate": ("PAIRS", ["data", "annotate", "--workers", 1, "--evaluations", 5, "--pairs"]),
    "label": ("ANNOTATED", ["data", "label", "--workers", 1, "--no-oracle", "--side", 32, "--annotated"]),
    "synthesize": (
        "PAIRS",
        ["data", "synthesize", "--size", 28, "--pairs-per-photo", 1, "--judged", 1, "--judged-val", 1]
        + ["--difficulty", "easy", "--workers", 1, "--pairs"],
    ),
    "mix stage1": ("LABELED", ["data", "mix", "stage1", "--table"]),
    "mix stage3": ("EXAMPLES", ["data", "mix", "stage3", "--table"]),
    "mix judge": ("JUDGED", ["data", "mix", "judge", "--table"]),
    "stats": ("", ["data", "stats"]),
    "show": ("", ["data", "show", "--limit", 2]),
    "evaluate": ("RL", ["evaluate", "noisy_labels", "--metrics", "r_like", "--rows"]),
}
"""Command -> the table it reads ("" = any), and its arguments up to the file."""


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> dict[str, pa.Table]:
    """Return a good table of every kind: two rows of train, one of val."""
    folder = tmp_path_factory.mktemp("images")
    original = np.random.default_rng(0).integers(60, 190, (40, 48, 3), dtype=np.uint8)
    write_image(folder / "original.png", original)
    write_image(folder / "reference.png", render(original, {"exposure": 45, "tint": -20}))
    known: dict[str, Any] = {
        "original": str(folder / "original.png"),
        "reference": str(folder / "reference.png"),
        "program": PROGRAM,
        "expert": ["Lift it."],
        "amateur": ["Brighter."],
        "operators": ["exposure"],
        "weight": 1.0,
        "width": 48,
        "height": 40,
        "label": PROGRAM,
        "start": PROGRAM,
        "reasoning": "Dark.",
        "teacher": "m",
        "task": "edit",
        "summaries_expert": ["Lift."],
        "summaries_amateur": [],
        "kind": "exact",
        "persona": "expert",
        "score": 10,
        "prediction": "lift it",
        "reference_program": PROGRAM,
        "prediction_program": PROGRAM,
        "source": "gier",
        "text": "Lift it.",
        "origin": "gier",
        "d_before": 0.1,
        "oracle_r_like": 0.9,
        "r_like": 0.5,
        "r_use": 1.0,
        "r_use_scaled": 1.0,
    }
    made = {}
    for name, schema in (
        ("PAIRS", PAIRS),
        ("ANNOTATED", ANNOTATED),
        ("LABELED", LABELED),
        ("EXAMPLES", EXAMPLES),
        ("JUDGED", JUDGED),
    ):
        empty = {pa.string(): "", pa.int64(): 0, pa.float64(): 0.0}
        rows = [
            {field.name: known.get(field.name, empty.get(field.type, [])) for field in schema}
            | {"name": f"{number}", "split": split, "photo": split, "group": split}
            for number, split in enumerate(("train", "train", "val"))
        ]
        made[name] = pa.Table.from_pylist(rows, schema=schema)
    made |= _mixed(made, tmp_path_factory.mktemp("mixed"))
    return made


def _mixed(tables: dict[str, pa.Table], folder: Path) -> dict[str, pa.Table]:
    """Return the rows of three mixes."""
    import pyarrow.parquet as pq

    made = {}
    for name, stage, source in (
        ("RL", "stage2", "EXAMPLES"),
        ("SFT", "stage1", "EXAMPLES"),
        ("JUDGE", "judge", "JUDGED"),
    ):
        pq.write_table(tables[source], folder / f"{source}.parquet")
        mix(MixConfig(stage, (folder / f"{source}.parquet",), folder / name), quiet=True)
        made[name] = pq.read_table(folder / name / "train.parquet")
    return made


def _direct(path: Path, out: Path) -> None:
    """Read a file by the functions behind the commands that need a model or several processes."""
    for read in (
        lambda: list(pairs_of(path, 1, 0)),
        lambda: judge_pairs(lambda pairs: ["0"] * len(pairs), path),
        lambda: write_judge_rows(path, out),
        lambda: read_results(path),
    ):
        with suppress(OSError, ValueError):  # the errors that a command prints in one line
            read()


def _fault(result: Any) -> str:
    """Return what is wrong with the outcome of a command; "" if it succeeded or was refused in one line."""
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        *_, last = traceback.extract_tb(result.exception.__traceback__)
        return f"{result.exception!r} at {last.filename}:{last.lineno}"
    lines = result.output.strip().splitlines()
    refused = result.exit_code == 2 or (result.exit_code == 1 and lines[-1].startswith("error: "))
    stopped = "reject it with RejectedError" in result.output  # by one row, where the others should go on
    return "" if (result.exit_code == 0 or refused) and not stopped else lines[-1]


@pytest.mark.slow
def test_damaged_tables_give_rows_rejections_or_errors_of_one_line(
    seed: int, seconds: float, tables: dict[str, pa.Table], iea: Callable[..., Any], tmp_path: Path
) -> None:
    assert set(tables) <= set(TABLES)
    print(f"seed {seed}")
    rng, ended, seen = random.Random(seed), time.monotonic() + seconds, Counter[str]()
    failures: dict[str, str] = {}
    while time.monotonic() < ended:
        command = rng.choice([*COMMANDS, "direct"])
        table, arguments = COMMANDS.get(command, ("", []))
        name, damage = table or rng.choice(list(tables)), rng.choice(DAMAGES)
        folder, label = tmp_path / "run", f"{command} of {name} by {damage.__name__}, run {seen.total()}"
        folder.mkdir()
        path = folder / "table.parquet"
        damage(tables[name], path, rng)
        if command == "direct":
            _direct(path, folder / "out")
        else:
            out = [] if command == "stats" else ["--out", folder / "out.png"]
            result = iea(*arguments, path, *out)
            if fault := _fault(result):
                failures[fault] = label
            seen[f"{command}: {'made' if result.exit_code == 0 else 'refused'}"] += 1
        shutil.rmtree(folder)
    print(dict(sorted(seen.items())))
    assert failures == {}
    assert len(seen) > len(COMMANDS)
