"""The page of cases as a file: its cases, images and texts."""

import base64
import io
import json
import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from PIL import Image as PillowImage

from iea.recipe.evaluation.page.choose import REASONS, choose
from iea.recipe.evaluation.page.draw import MAX_BYTES, Drawing, Edit, draw, steps
from iea.recipe.evaluation.page.page import PageSettings, write_page
from iea.recipe.evaluation.system_results import read_systems

pytestmark = pytest.mark.slow  # reads and renders photographs


@pytest.fixture(scope="module")
def page(results: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    out = tmp_path_factory.mktemp("page") / "cases.html"
    assert write_page(read_systems([str(results)]), out, PageSettings(count=2, side=200, workers=1), quiet=True) == 9
    return out.read_text(encoding="utf-8")


def embedded(page: str) -> list[PillowImage.Image]:
    found = re.findall(r'src="data:image/jpeg;base64,([^"]+)"', page)
    return [PillowImage.open(io.BytesIO(base64.b64decode(one))) for one in found]


def test_images_are_small_and_each_is_in_the_file_once(page: str) -> None:
    images = embedded(page)
    assert {max(one.size) for one in images} == {200}
    originals, references, edits = (
        3,
        6,
        3 * 6 - 4,
    )  # one has no program, one file is broken, and two are equal to others
    assert len(images) == originals + references + edits
    assert page.count("data-from=") == 6 + 3 + 2, "the originals, references and edits that later cases share"


def test_the_page_names_nothing_outside_of_itself(page: str) -> None:
    assert not re.search(r"""(?:src|href)=["'](?!data:|#)|url\(|@import|https?:""", page.split("<pre")[0])
    assert "default-src 'none'" in page


def test_hostile_texts_are_texts(page: str) -> None:
    assert "<script>document" not in page and "<img src=x" not in page
    assert page.count("Sure!&lt;/script&gt;") >= 3
    assert "brighter, &lt;b&gt;warmer&lt;/b&gt; &amp; calm" in page


def test_every_row_is_in_the_table_of_all_rows(page: str) -> None:
    text = re.findall(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)[0]
    rows = json.loads(text)[:-1]
    assert [row[0] for row in rows] == list(range(9))
    assert rows[0][4][:2] == ["unparsable", pytest.approx(rows[0][4][1])] and rows[0][4][3] is None
    assert rows[2][4] == [None, None, None, 0.0]


def test_faults_are_shown_in_the_place_of_images(page: str) -> None:
    assert "No image: unparsable" in page and "No image: not_an_image" in page


def test_worst_and_best_are_chosen_of_every_system_and_class(results: Path) -> None:
    systems = read_systems([f"{name}={results / name}.parquet" for name in ("good", "bad")])
    chosen = choose(systems, 1)
    bad = systems[1].results
    assert [index for index, why in chosen.items() if ("failed", 1) in why] == [0]
    for name, rows in bad[bad.failure == ""].groupby("class"):
        found = {reason: [one for one in rows.index if (reason, 1) in chosen.get(one, [])] for reason in REASONS}
        assert rows.value[found["worst"]].tolist() == [rows.value.min()], name
        assert rows.value[found["best"]].tolist() == [rows.value.max()], name
    assert all(index in bad.index for index in chosen)
    assert set(choose(systems, 100)) == set(bad.index)


def test_ten_thousand_rows_are_chosen_by_the_same_bound(results: Path, tmp_path: Path) -> None:
    one = pd.read_parquet(results / "good.parquet").iloc[:1]
    many = pd.concat([one] * 10_000, ignore_index=True).assign(index=range(10_000))
    many["r_like"] = [(number * 7919 % 10_000) / 10_000 for number in range(10_000)]
    many.to_parquet(tmp_path / "many.parquet")
    chosen = choose(read_systems([str(tmp_path / "many.parquet")]), 4)
    assert len(chosen) == 8
    assert {many.r_like[index] for index in chosen} == {n / 10_000 for n in (0, 1, 2, 3, 9996, 9997, 9998, 9999)}


def test_workers_draw_the_same_page(results: Path, tmp_path: Path, page: str) -> None:
    out = tmp_path / "cases.html"
    write_page(read_systems([str(results)]), out, PageSettings(count=2, side=200, workers=2), quiet=True)
    assert out.read_text(encoding="utf-8") == page


def test_an_image_of_noise_has_a_bounded_size(tmp_path: Path) -> None:
    import numpy as np

    from iea.editor.io import write_image

    write_image(tmp_path / "noise.png", np.random.default_rng(0).integers(0, 256, (640, 640, 3), dtype=np.uint8))
    (drawn,) = draw(Drawing([str(tmp_path / "noise.png")], [], 640))
    assert len(base64.b64decode(drawn.url.partition(",")[2])) <= 1.6 * MAX_BYTES and drawn.width == 640


def test_a_missing_original_is_a_fault_of_its_edits(tmp_path: Path) -> None:
    found = draw(Drawing([str(tmp_path / "gone.png")], [Edit('{"exposure": 10}')], 100))
    assert [one.fault for one in found] == ["gone.png: No such file or directory"] * 2
    assert str(tmp_path) not in found[0].fault


def test_answers_of_the_released_editor_are_rendered_by_it(results: Path) -> None:
    path, answer = next((results / "photos").glob("*.png")), '```json\n{"exposure": 40}\n```'
    ours, released = draw(Drawing([str(path)], [Edit(answer), Edit(answer, editor="released")], 64))[1:]
    assert ours.url and released.url and ours.url != released.url


def test_steps_of_an_unknown_tool_have_no_words() -> None:
    assert [one.words for one in steps({"exposure": 5, "other": 2.5})] == [
        "brighter everywhere, as with more light",
        "",
    ]


@pytest.mark.parametrize("field, value", [("count", 0), ("side", 10), ("workers", -1)])
def test_settings_are_checked(field: str, value: int) -> None:
    with pytest.raises(ValueError, match=f"{field} must be at least"):
        PageSettings(**{field: value})  # type: ignore[arg-type]


def test_results_of_other_rows_are_rejected(results: Path, tmp_path: Path) -> None:
    other: Any = pd.read_parquet(results / "good.parquet").assign(instruction="another request")
    other.to_parquet(tmp_path / "other.parquet")
    with pytest.raises(ValueError, match="same rows"):
        read_systems([str(results / "good.parquet"), str(tmp_path / "other.parquet")])
    with pytest.raises(ValueError, match="different labels"):
        read_systems([str(results / "good.parquet")] * 2)
    with pytest.raises(ValueError, match="got none"):
        read_systems([str(results / "photos")])
    twice = pd.concat([other, other])
    twice.to_parquet(tmp_path / "other.parquet")
    with pytest.raises(ValueError, match="every row once"):
        read_systems([str(tmp_path / "other.parquet")])
