from collections import Counter

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from iea.data_prep.inspect.contact_sheet import BOX, LEADING, MARGIN, PAPER, TEXT_WIDTH
from iea.data_prep.inspect.row_view import RowView, row_views
from iea.data_prep.inspect.show import choose, described, sheet
from iea.data_prep.schema import EXAMPLES
from iea.editor import Program
from iea.editor.io import read_image

IMAGES_AT = MARGIN + TEXT_WIDTH + MARGIN  # px from the left
IMAGES_FROM = MARGIN + LEADING  # px from the top, below the title


@pytest.fixture
def examples(tmp_path, example_rows):
    path = tmp_path / "examples.parquet"
    pq.write_table(pa.Table.from_pylist(example_rows, schema=EXAMPLES), path)
    return path


def images_width(count):
    """Return the width of `count` images of 80 x 60 pixels, fitted into the box."""
    return count * (BOX[0] + MARGIN)


def test_rows_are_drawn_in_turns_from_every_kind_and_persona(examples):
    rows = choose(row_views(examples)[1], 14, seed=0)
    keys = [(row.kind, row.origin, row.persona) for row in rows]
    assert len(rows) == 14 and keys == sorted(keys)
    assert sorted(Counter(keys).values()) == [2] * 7


def test_the_seed_decides_the_choice(examples):
    drawn = [[row.name for row in choose(row_views(examples)[1], 7, seed)] for seed in (0, 0, 1)]
    assert drawn[0] == drawn[1] != drawn[2]


def test_a_short_table_is_shown_completely(examples):
    assert len(choose(row_views(examples)[1], 100, seed=0)) == 64


def test_rows_are_drawn_from_all_parts_of_a_file():
    rows = (RowView("edit", name=str(n)) for n in range(10_000))
    places = [int(row.name) for row in choose(rows, 40, seed=0)]
    assert len(set(places)) == 40
    assert min(places) < 1_500 and max(places) > 8_500


def test_a_sheet_shows_images_beside_the_text(examples):
    (row,) = (row for row in choose(row_views(examples)[1], 64, 0) if row.name == "0-7")
    page = sheet([row])
    assert page.shape[1] == IMAGES_AT + images_width(3)
    for place, path in enumerate((row.original, row.previous, row.reference)):
        left = IMAGES_AT + place * (BOX[0] + MARGIN)
        panel = page[IMAGES_FROM : IMAGES_FROM + BOX[1], left : left + BOX[0]]
        assert np.abs(panel.mean(axis=(0, 1)) - read_image(path).mean(axis=(0, 1))).max() < 1
    text = page[:, : IMAGES_AT - MARGIN]
    assert 0.005 < (np.abs(text.astype(int) - PAPER).max(axis=2) > 60).mean() < 0.3


def test_a_sheet_is_as_wide_as_its_widest_row(examples):
    rows = choose(row_views(examples)[1], 7, seed=0)
    widths = {kind: sheet([row for row in rows if row.kind == kind]).shape[1] for kind in ("edit", "refine")}
    assert widths == {"edit": IMAGES_AT + images_width(2), "refine": IMAGES_AT + images_width(3)}
    assert sheet(rows).shape[1] == widths["refine"]


def test_long_texts_are_cut_to_their_column():
    rows = [RowView("edit", request=text) for text in ("brighter " * 400, "b" * 4000)]
    for row in rows:
        page = sheet([row])
        assert page.shape[0] < 300
        margin = page[:-2, MARGIN + TEXT_WIDTH + 4 :]
        assert (margin == PAPER).all(), "text must stay within its column"


def test_a_note_replaces_an_unreadable_image(tmp_path):
    (tmp_path / "broken.png").write_bytes(b"no image")
    page = sheet([RowView("edit", original=str(tmp_path / "broken.png"), reference="/nowhere.png")])
    assert page.shape[1] == IMAGES_AT + images_width(2)


def test_programs_are_described_with_signs():
    assert described(Program({"tint": -35, "exposure": 20})) == "exposure +20, tint -35"
    assert described(Program()) == "no edit"


def test_the_command_writes_a_sheet(iea, examples, tmp_path):
    out = tmp_path / "below" / "sheet.png"
    result = iea("data", "show", str(examples), "--out", str(out), "--limit", "3")
    assert result.exit_code == 0, result.output
    assert "3 rows of EXAMPLES" in result.output
    assert read_image(out).shape[0] > 3 * BOX[1]


def test_the_command_rejects_a_table_without_rows(iea, tmp_path):
    pq.write_table(pa.Table.from_pylist([], schema=EXAMPLES), tmp_path / "empty.parquet")
    result = iea("data", "show", str(tmp_path / "empty.parquet"), "--out", str(tmp_path / "a.png"))
    assert result.exit_code == 1 and "must hold rows to show" in result.output
