"""Rows of a public test set: stand-ins in the layouts of four data sets, made with images of the wheels' kinds."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import Result

from iea.data_prep.evaluation_set import EvaluationSetConfig, write_evaluation_set
from iea.editor import Image, Program, render
from iea.editor.io import write_image

pytestmark = pytest.mark.slow  # images are decoded, aligned and written


def photograph(seed: int) -> Image:
    """Return an image with edges, (48, 64, 3) uint8."""
    rng = np.random.default_rng(seed)
    return np.kron(rng.integers(40, 200, (6, 8, 3), dtype=np.uint8), np.ones((8, 8, 1), np.uint8)).astype(np.uint8)


def write(path: Path, image: Image) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_image(path, image)


def edited(image: Image, amount: int = 30) -> Image:
    return render(image, Program({"exposure": amount}))


def rows_of(source: str, root: Path, out: Path, **options: object) -> pd.DataFrame:
    config = EvaluationSetConfig(source, root, out, **{"oracle": False, **options})  # type: ignore[arg-type]
    write_evaluation_set(config, workers=1, quiet=True)
    return pd.read_parquet(out / "rows.parquet")


def test_every_request_of_gier_is_a_row_and_local_edits_are_marked(tmp_path: Path) -> None:
    records = []
    for number, local in enumerate((False, True)):
        names = [f"{number}_a.png", f"{number}_b.png"]
        for name, image in zip(names, (photograph(number), edited(photograph(number))), strict=True):
            write(tmp_path / "gier/images" / name, image)
        uses = {"brightness": {"local": local, "ids": []}}
        texts = {"expert_summary": ["increase exposure"], "amateur_summary": ["make it brighter", "lighter please"]}
        records.append({"input": names[0], "output": names[1], "operator": uses} | texts)
    (tmp_path / "gier/GIER.json").write_text(json.dumps(records))
    rows = rows_of("gier", tmp_path / "gier", tmp_path / "global")
    assert rows.data_source.tolist() == ["iea/edit"] * 3 + ["iea/summary"] and rows.scope.eq("").all()
    assert [extra["text"] for extra in rows.extra_info[:3]] == [
        "increase exposure",
        "make it brighter",
        "lighter please",
    ]
    assert list(rows.extra_info[3]["summaries"]) == ["increase exposure", "make it brighter", "lighter please"]
    assert rows_of("gier_local", tmp_path / "gier", tmp_path / "local").scope.eq("local").all()


def test_fivek_has_rows_of_one_expert_without_a_request(tmp_path: Path) -> None:
    for number in (1, 2):
        for folder, amount in (("tiff16_o", 0), ("tiff16_a", 20), ("tiff16_c", 40)):
            wide = edited(photograph(number), amount).astype(np.uint16) * np.uint16(257)
            write(tmp_path / "fivek" / folder / f"a000{number}-x.tif", wide)
    rows = rows_of("fivek", tmp_path / "fivek", tmp_path / "out", expert="c")
    assert rows.data_source.tolist() == ["iea/auto"] * 2
    assert [extra["name"] for extra in rows.extra_info] == ["fivek/a0001-x/c/edit-0", "fivek/a0002-x/c/edit-0"]
    with pytest.raises(ValueError, match="got none of expert 'e'"):
        rows_of("fivek", tmp_path / "fivek", tmp_path / "out", expert="e")


def test_the_series_of_ppr10k_are_its_photographs(tmp_path: Path) -> None:
    for name in ("3_0", "3_1", "4_0"):
        original = photograph(sum(map(ord, name)))
        write(tmp_path / "ppr/source" / f"{name}.tif", original.astype(np.uint16) * np.uint16(257))
        write(tmp_path / "ppr/target_a" / f"{name}.tif", edited(original))
    rows = rows_of("ppr10k", tmp_path / "ppr", tmp_path / "out", expert="a")
    assert [extra["photo"] for extra in rows.extra_info] == ["ppr10k:3", "ppr10k:3", "ppr10k:4"]


def test_mmart_and_a_csv_are_evaluated_by_the_command(tmp_path: Path, iea: Callable[..., Result]) -> None:
    """The oracle's program and its R_like are in the rows."""
    folder = tmp_path / "mmart/1"
    write(folder / "before.jpg", photograph(0))
    write(folder / "processed.jpg", edited(photograph(0)))
    (folder / "user_want.txt").write_text("make it brighter")
    for source, root in (("mmart", tmp_path / "mmart"), ("pairs", folder)):
        if source == "pairs":
            (folder / "pairs.csv").write_text("before,after,request\nbefore.jpg,processed.jpg,brighter\n")
        out = tmp_path / "out" / source
        made = iea("data", "evaluation-set", source, "--root", root, "--out", out, "--workers", 1)
        assert made.exit_code == 0 and "1 edit, 1 summary of 1 pairs" in made.output
        arguments = ["--rows", out / "rows.parquet", "--out", out / "results", "--metrics", "r_like,r_like_of_oracle"]
        assert iea("evaluate", "true_programs", "untouched", *arguments).exit_code == 0
        means = json.loads((out / "results/true_programs.json").read_text())["classes"]["edit"]
        assert means["r_like"] > 0.5 and means["r_like_of_oracle"] == pytest.approx(100)
