"""A study is made from folders of images, or refused before anything is written."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from iea.editor.io import read_image
from iea.recipe.study.study import IMAGES, load_study


def test_images_tell_nothing_about_their_system(made: Path) -> None:
    study = load_study(made)
    assert study.systems == ("bright", "warm", "vivid", "original") and len(study.items) == 5
    files = [file for item in study.items for file in (item.original, *item.results.values())]
    assert len(set(files)) == len(files), "the original among the results has a file of its own"
    for file in files:
        with Image.open(made / IMAGES / file) as image:
            assert (image.size, image.format, image.getexif(), "icc_profile" in image.info) == (
                (90, 60),
                "JPEG",
                {},
                False,
            )
            assert not any(system in file for system in study.systems)


def test_requests_are_in_the_languages_of_the_consent(made: Path) -> None:
    study = load_study(made)
    assert study.items[1].requests == {"en": "make it <b>warmer</b> & 1", "zh": "请调暖一些 1"}
    assert list(study.consent) == ["en", "zh"]


def test_one_item_has_a_damaged_image_for_the_check(made: Path) -> None:
    first, *others = load_study(made).items
    assert first.damaged and not any(item.damaged for item in others)
    original, damaged = (read_image(made / IMAGES / file).astype(int) for file in (first.original, first.damaged))
    assert np.abs(original + damaged - 255).mean() < 3


def test_a_made_study_is_not_written_again(made: Path, make_arguments: list[Any], iea: Callable[..., Any]) -> None:
    before = sorted(made.rglob("*"))
    result = iea("study", "make", made, *make_arguments)
    assert result.exit_code == 1 and "a made study must stay as it is" in result.output
    assert sorted(made.rglob("*")) == before


def test_a_result_of_another_size_is_resized_and_of_another_aspect_put_on_gray(
    sources: Path, make_arguments: list[Any], iea: Callable[..., Any], tmp_path: Path
) -> None:
    large, square = tmp_path / "large", tmp_path / "square"
    for folder, size in ((large, (181, 121)), (square, (64, 64))):
        folder.mkdir()
        for number in range(5):
            Image.new("RGB", size, "red").save(folder / f"row.{number}.png")
    extra = ["--system", f"large={large}", "--system", f"square={square}", "--side", 64]
    assert iea("study", "make", tmp_path / "study", *make_arguments, *extra).exit_code == 0
    results = load_study(tmp_path / "study").items[0].results
    images = {name: read_image(tmp_path / "study" / IMAGES / results[name]) for name in ("large", "square", "warm")}
    assert {image.shape for image in images.values()} == {(43, 64, 3)}
    assert images["large"][:, :, 0].min() > 240
    assert images["square"][20, 0].tolist() == pytest.approx([128] * 3, abs=3) and images["square"][20, 32, 0] > 240


def test_rows_without_an_image_are_named_or_shown_as_the_original(
    sources: Path, make_arguments: list[Any], iea: Callable[..., Any], tmp_path: Path
) -> None:
    failed = Path(shutil.copytree(sources / "warm", tmp_path / "failed"))
    (failed / "row.3.png").unlink()
    command = ["study", "make", tmp_path / "study", *make_arguments, "--system", f"failed={failed}"]
    result = iea(*command)
    assert result.exit_code == 1 and "named row.3.*, got []" in result.output and not (tmp_path / "study").exists()
    assert iea(*command, "--missing-as-original").exit_code == 0
    item = load_study(tmp_path / "study").items[3]
    shown, original = (
        read_image(tmp_path / "study" / IMAGES / file) for file in (item.results["failed"], item.original)
    )
    assert (shown == original).all()


def _table(folder: Path, **columns: list[str]) -> Path:
    pd.DataFrame({"name": ["x"], "request": ["r"], "original": ["x.png"], **columns}).to_csv(folder / "rows.csv")
    return folder / "rows.csv"


@pytest.mark.parametrize(
    ("columns", "options", "message"),
    [
        ({}, ["--control", "reference"], "must have rows with the columns"),
        ({"reference": [""]}, ["--control", "reference"], "got no reference of 'x'"),
        ({}, ["--control", "oracle"], "a control must be one of original, reference"),
        ({}, [], "systems must have 2 to 26 different names, got ['one']"),
        ({}, ["--system", "two=nowhere"], "a path that exists"),
        ({}, ["--consent", "fr={consent}"], "consent texts must be given for one or more of en, zh"),
    ],
)
def test_settings_are_checked_first(
    columns: Any, options: list[str], message: str, iea: Callable[..., Any], tmp_path: Path
) -> None:
    (tmp_path / "one").mkdir()
    Image.new("RGB", (9, 9)).save(tmp_path / "one/x.png")
    (tmp_path / "consent.txt").write_text("yes")
    given = ["--system", f"one={tmp_path / 'one'}", "--consent", f"en={tmp_path / 'consent.txt'}"]
    more = [option.format(consent=tmp_path / "consent.txt") for option in options]
    result = iea("study", "make", tmp_path / "study", "--rows", _table(tmp_path, **columns), *given, *more)
    assert result.exit_code == 1 and message in result.output, result.output
    assert not (tmp_path / "study").exists()


def test_names_of_rows_must_differ(
    sources: Path, make_arguments: list[Any], iea: Callable[..., Any], tmp_path: Path
) -> None:
    rows = pd.read_csv(sources / "rows.csv")
    path = sources / "twice.jsonl"
    pd.concat([rows, rows[:1]]).to_json(path, orient="records", lines=True)
    result = iea("study", "make", tmp_path / "study", *make_arguments, "--rows", path)
    assert result.exit_code == 1 and "names of rows must differ, got 'row.0' twice" in result.output
