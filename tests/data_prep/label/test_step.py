"""Labels are never worse than their start, the oracle never below them; bad pairs are rejected by name."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from skimage import data

from iea.data_prep import runner
from iea.data_prep.label import fit_program
from iea.data_prep.label.match import match, reduced, upper_bound
from iea.data_prep.label.methods import METHODS
from iea.data_prep.label.step import LABELS, Labeler, label, quality, table
from iea.data_prep.runner import Item, RejectedError, Step
from iea.data_prep.schema import ANNOTATED, LABELED
from iea.editor import Image, Program, distance, render
from iea.editor.io import write_image

TRUE = Program({"exposure": 45, "temperature": -45})
START = Program({"exposure": 25, "contrast": 20})


@pytest.fixture(scope="module")
def photograph() -> Image:
    """(84, 84, 3): a face and a flag, every third pixel."""
    return np.ascontiguousarray(data.astronaut()[:252:3, 60:312:3])


def annotated(folder: Path, original: Image, reference: Image, **changes: object) -> Item:
    """A row of ANNOTATED whose images are written to `folder`."""
    texts = {name: "" for name in ANNOTATED.names} | {"source": "test", "name": "a", "split": "train"}
    lists = {name: ["warm it up"] for name in ("expert", "amateur", "operators")}
    numbers = {"width": original.shape[1], "height": original.shape[0], "d_before": 0.1, "weight": 1.0}
    paths = {name: str(folder / f"{name}.png") for name in ("original", "reference")}
    write_image(paths["original"], original)
    write_image(paths["reference"], reference)
    summaries: dict[str, object] = {"summaries_expert": [], "summaries_amateur": []}
    return texts | lists | numbers | paths | summaries | {"start": START.to_json()} | changes


def test_the_label_comes_close_and_the_oracle_is_not_below_it(tmp_path: Path, photograph: Image) -> None:
    item = annotated(tmp_path, photograph, render(photograph, TRUE))
    (row,) = Labeler()(item)
    assert list(row) == LABELED.names
    assert row["r_like"] > 0.95 and row["r_use"] == 1 and row["evaluations"] <= 300
    assert row["oracle_r_like"] >= max(row["r_like"], 0.98)
    assert {key: row[key] for key in item} == item, "the columns of the pair are kept"


def test_the_offline_rationale_ends_in_the_label_and_a_models_stays(tmp_path: Path, photograph: Image) -> None:
    item = annotated(tmp_path, photograph, render(photograph, TRUE), operators=["exposure", "fade"])
    rationale = "What it takes is mainly fade. First exposure +5, a slight step: brighter."
    (ours,) = Labeler(oracle=False)(item | {"teacher": "offline", "reasoning": rationale})
    found = Program.from_json(ours["label"])
    steps = [f"{tool.replace('_', ' ')} {value:+d}, " for tool, value in found.items() if value]
    assert steps and all(step in ours["reasoning"] for step in steps)
    assert ours["reasoning"].count(" step: ") == len(steps) and "fade" not in ours["reasoning"]
    (another,) = Labeler(oracle=False)(item | {"teacher": "gpt-4.1", "reasoning": rationale})
    assert another["reasoning"] == rationale


def test_without_oracle_its_r_like_is_one(tmp_path: Path, photograph: Image) -> None:
    (row,) = Labeler(oracle=False)(annotated(tmp_path, photograph, render(photograph, TRUE)))
    assert (row["oracle"], row["oracle_r_like"]) == ("", 1.0)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("side", [32, 512])
@pytest.mark.parametrize("method", ["Stepwise", "FastSearch", "InitGen"])
@pytest.mark.slow
def test_never_worse_than_the_start_at_full_size(
    method: str, side: int, dtype: type[np.generic], photograph: Image
) -> None:
    original = photograph.astype(dtype) * dtype(257 if dtype is np.uint16 else 1)
    reference = render(original, TRUE)
    found = match(original, reference, START, METHODS[method], side)
    at_start = distance(render(original, START), reference)
    assert distance(render(original, found.program), reference) <= at_start
    assert upper_bound(original, reference, found.program, side).rating["r_like"] >= found.rating["r_like"]


def test_a_start_that_a_reduced_search_would_lose_is_kept(photograph: Image) -> None:
    exact = Program({"sharpness": 80, "grain": 45})  # at 16 pixels neither shows
    found = match(photograph, render(photograph, exact), exact, METHODS["Stepwise"], 16)
    assert found.program == exact and found.rating["r_like"] == 1


def test_images_that_are_equal_when_reduced_are_searched_whole() -> None:
    flat = np.full((64, 64, 3), 128, np.uint8)
    other = flat.copy()
    other[0, 0] = 129
    assert np.array_equal(reduced(flat, 8), reduced(other, 8))
    assert match(flat, other, Program(), METHODS["Stepwise"], 8).evaluations >= 1


def test_reducing_keeps_the_shape_and_small_images(photograph: Image) -> None:
    assert reduced(photograph, 512) is photograph
    assert reduced(photograph[:42], 21).shape == (10, 21, 3)
    assert reduced(photograph[:1], 21).shape == (1, 21, 3)
    assert reduced(photograph.astype(np.uint16) * np.uint16(257), 512).dtype == np.uint8


@pytest.mark.parametrize("start", [None, START])
def test_fit_program_is_the_default_search(start: Program | None, photograph: Image) -> None:
    reference = render(photograph, TRUE)
    expected = match(photograph, reference, start or Program(), METHODS["Stepwise"]).program
    assert fit_program(photograph, reference, start) == expected
    with pytest.raises(ValueError, match="must differ"):
        fit_program(photograph, photograph, start)


@pytest.mark.parametrize(
    ("reason", "changes"),
    [
        ("no_reference", {"reference": ""}),
        ("missing", {"reference": "/nowhere.png"}),
        ("start_unparsable", {"start": '{"exposure": 20'}),
        ("start_unknown_tool", {"start": '{"magic": 20}'}),
    ],
)
def test_unusable_pairs_are_rejected_by_name(
    reason: str, changes: dict[str, object], tmp_path: Path, photograph: Image
) -> None:
    item = annotated(tmp_path, photograph, render(photograph, TRUE)) | changes
    with pytest.raises(RejectedError) as rejected:
        Labeler()(item)
    assert rejected.value.reason == reason


def test_pairs_without_a_program_are_rejected_by_name(tmp_path: Path, photograph: Image) -> None:
    flat = np.full_like(photograph, 128)
    flat[::2, ::2] ^= 1
    for original, reference, reason in (
        (photograph, photograph, "equal_images"),
        (photograph, np.ascontiguousarray(photograph[:50]), "different_shapes"),
        (photograph, photograph.astype(np.uint16), "different_shapes"),
        (flat, np.ascontiguousarray(flat[:, ::-1]), "no_gain"),
    ):
        with pytest.raises(RejectedError) as rejected:
            Labeler()(annotated(tmp_path, original, reference, start=""))
        assert rejected.value.reason == reason


def test_the_command_labels_a_folder_and_prints_the_quality(
    iea: Callable[..., Any], tmp_path: Path, photograph: Image
) -> None:
    items = []
    for number, program in enumerate((TRUE, Program({"saturation": -45}), Program())):
        folder = tmp_path / str(number)
        folder.mkdir()
        items.append(annotated(folder, photograph, render(photograph, program), name=str(number)))
    runner.run(
        Step("annotate", ANNOTATED, lambda item: [item], {}), items, tmp_path / "annotated", workers=1, quiet=True
    )
    options = ["--annotated", str(tmp_path / "annotated"), "--out", str(tmp_path / "out"), "--workers", "1"]
    done = iea("data", "label", *options)
    assert done.exit_code == 0, done.output
    assert "2 of 3 pairs" in done.output and "1 equal_images" in done.output
    rows = runner.read_rows(tmp_path / "out")
    assert [row["name"] for row in rows] == ["0", "1"]
    labels = json.loads((tmp_path / "out" / LABELS).read_text())
    assert labels == quality(rows) and table(labels) in done.output
    assert labels["all"]["pairs"] == 2 and 0.9 < labels["test"]["of oracle"] <= 1
    again = label(runner.read_rows(tmp_path / "annotated"), tmp_path / "out", Labeler(), workers=1, quiet=True)
    assert again.reused_shards == 1


def test_the_command_names_the_fault(iea: Callable[..., Any], tmp_path: Path) -> None:
    unknown = iea("data", "label", "--annotated", str(tmp_path), "--out", str(tmp_path), "--method", "Magic")
    assert unknown.exit_code == 1 and "must be one of FastSearch" in unknown.output
    unfinished = iea("data", "label", "--annotated", str(tmp_path), "--out", str(tmp_path / "out"))
    assert unfinished.exit_code == 1 and "the folder of a finished step" in unfinished.output
