"""Systems with images as results: the two controls, and folders of other systems."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from evaluated_rows import PROGRAM, image, write_rows

from iea.editor import Program, distance, render
from iea.editor.io import read_image, write_image
from iea.recipe.evaluation.evaluate import evaluate
from iea.recipe.evaluation.systems import SYSTEMS, Settings
from iea.recipe.evaluation.systems.pictures import PictureSettings


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    return write_rows(tmp_path, "edit", "edit", "refine")


def pictures(rows: Path, folder: Path) -> pd.DataFrame:
    return evaluate(SYSTEMS["pictures"], rows, PictureSettings(folder))


def test_no_edit_gains_nothing_over_the_image_that_it_is_compared_with(rows: Path) -> None:
    results = evaluate(SYSTEMS["untouched"], rows, Settings())
    assert results.r_like.tolist() == [0, 0, 0] and results.parsable.eq(1).all()
    assert (results.d_after == results.d_before).all() and results.d_after.gt(0).all()
    assert results[["score", "r_use", "n_tools"]].isna().all(axis=None)


def test_the_reference_is_the_best_result(rows: Path) -> None:
    results = evaluate(SYSTEMS["reference"], rows, Settings())
    assert results.r_like.tolist() == [1, 1, 1] and results.d_after.eq(0).all()


def test_an_image_scores_as_the_program_that_made_it(rows: Path, tmp_path: Path) -> None:
    """The names of files: as the row, flat, and by the number of the row."""
    table = pd.read_parquet(rows)
    program = Program({"exposure": 15, "fade": 10})
    for extra, name in zip(table.extra_info, ("test/row-0.png", "test_row-1.png", "2.png"), strict=True):
        (tmp_path / "made" / name).parent.mkdir(parents=True, exist_ok=True)
        write_image(tmp_path / "made" / name, render(read_image(extra["original"]), program))
    answered = SYSTEMS["true_programs"].__class__("mine", lambda rows, _: [program.to_json()] * len(rows))
    expected, found = evaluate(answered, rows, Settings()), pictures(rows, tmp_path / "made")
    assert found.d_after.tolist() == expected.d_after.tolist() and found.r_like.tolist() == expected.r_like.tolist()
    assert found.resized.eq("").all() and found.edited.str.endswith(".png").all()


def test_an_image_of_another_size_is_resampled_as_a_whole_and_counted(tmp_path: Path) -> None:
    rows = write_rows(tmp_path, "edit", "edit", "edit", height=32, width=48)
    (tmp_path / "made").mkdir()
    for index, (height, width) in enumerate(((64, 96), (64, 64), (32, 48))):
        larger = render(image(index, height, width), Program.from_json(PROGRAM))
        write_image(tmp_path / "made" / f"{index}.png", larger)
    results = pictures(rows, tmp_path / "made")
    assert results.resized.tolist() == ["scaled", "stretched", ""]
    assert results.d_after.max() < 0.02 and results.r_like.min() > 0.5


def test_16_bits_are_compared_at_the_depth_of_the_reference(tmp_path: Path) -> None:
    rows = write_rows(tmp_path, "edit")
    reference = read_image(tmp_path / "reference0.png")
    (tmp_path / "made").mkdir()
    write_image(tmp_path / "made/0.png", reference.astype(np.uint16) * np.uint16(257))
    assert pictures(rows, tmp_path / "made").d_after.tolist() == [0]


def test_missing_and_broken_images_fail_and_count_as_no_edit(rows: Path, tmp_path: Path) -> None:
    (tmp_path / "made").mkdir()
    (tmp_path / "made/0.png").write_bytes(b"not an image")
    write_image(tmp_path / "made/1.png", read_image(tmp_path / "reference1.png"))
    results = pictures(rows, tmp_path / "made")
    assert results.failure.tolist() == ["unreadable", "", "no_image"]
    assert results.r_like.tolist() == [-1, 1, -1] and results.parsable.tolist() == [0, 1, 0]
    original, reference = (read_image(tmp_path / f"{name}0.png") for name in ("original", "reference"))
    assert results.d_after[0] == distance(original, reference)
    assert results[["score", "r_use"]].isna().all(axis=None)


def test_two_images_of_one_row_and_a_folder_without_any_are_refused(rows: Path, tmp_path: Path) -> None:
    (tmp_path / "made").mkdir()
    with pytest.raises(ValueError, match="a folder of edited images must have some"):
        pictures(rows, tmp_path / "made")
    for name in ("0.png", "test_row-0.jpg"):
        write_image(tmp_path / "made" / name, image(0))
    with pytest.raises(ValueError, match="a row must have one image"):
        pictures(rows, tmp_path / "made")
    with pytest.raises(ValueError, match="pictures must be a folder"):
        PictureSettings(tmp_path / "nowhere")
