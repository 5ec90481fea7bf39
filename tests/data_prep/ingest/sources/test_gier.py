import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from iea.data_prep.ingest.sources import Listed, Rejected
from iea.data_prep.ingest.sources.gier import OPERATORS, list_gier
from iea.data_prep.ingest.sources.gier_coverage import ALL, PAPER, coverage
from iea.editor import TOOLS


def record(**changes: Any) -> dict[str, Any]:
    row = {
        "input": "ab12_ab12.jpg",
        "output": "ab12_cd34.jpg",
        "request": "help",
        "detailed_request": float("nan"),
        "dataset": "reddit",
        "operator": {"brightness": {"local": False, "ids": []}, "hue": {"local": False, "ids": []}},
        "expert_summary": ["Increase the brightness"],
        "amateur_summary": ["make it lighter please"],
    }
    return row | changes


def listing(tmp_path: Path, rows: object, name: str = "GIER.json") -> list[Listed | Rejected]:
    (tmp_path / name).write_text(json.dumps(rows))
    return list(list_gier(tmp_path))


def global_(*names: str) -> dict[str, Any]:
    return {name: {"local": False, "ids": []} for name in names}


def test_operators_map_to_existing_tools() -> None:
    assert {tool for tool in OPERATORS.values() if tool} <= set(TOOLS)


@pytest.mark.parametrize("name", ["GIER.json", "IER2.json"])
def test_a_global_pair_is_listed_with_tools_and_requests(tmp_path: Path, name: str) -> None:
    (tmp_path / "images").mkdir()
    (one,) = listing(tmp_path, [record()], name)
    assert isinstance(one, Listed)
    assert one.operators == ("brightness", "temperature")
    assert (one.expert, one.amateur) == (("Increase the brightness",), ("make it lighter please",))
    assert (one.name, one.photo, one.split) == ("ab12_ab12-ab12_cd34", "gier:ab12", "")
    assert one.original == tmp_path / "images" / "ab12_ab12.jpg"


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (record(operator={"brightness": {"local": True, "ids": [1]}}), "local_operator"),
        (record(operator=global_("brightness", "crop")), "no_tool_for_crop"),
        (record(operator=global_("gaussain_blur")), "no_tool_for_gaussain_blur"),
        (record(operator=global_("sparkle")), "unknown_operator"),
        (record(operator={}), "no_operator"),
        (record(operator=float("nan")), "malformed_row"),
        (record(operator={"brightness": None}), "malformed_row"),
        (record(operator={"brightness": {"local": float("nan")}}), "malformed_row"),
        (record(operator={"brightness": {}}), "malformed_row"),
        (record(input=float("nan")), "malformed_row"),
        (record(output="../../secret.jpg"), "malformed_row"),
        (record(expert_summary="brighter"), "malformed_row"),
        (record(amateur_summary=["half \ud83d"]), "odd_text"),
        ({}, "malformed_row"),
        (["no", "object"], "malformed_row"),
        (None, "malformed_row"),
    ],
)
def test_an_unusable_row_is_rejected_with_a_reason(tmp_path: Path, row: object, reason: str) -> None:
    bad, good = listing(tmp_path, [row, record(output="ab12_other.jpg")])
    assert isinstance(bad, Rejected) and bad.reason == reason
    assert isinstance(good, Listed)


def test_a_pair_without_usable_requests_is_listed(tmp_path: Path) -> None:
    (one,) = listing(tmp_path, [record(expert_summary=float("nan"), amateur_summary=["?", "", None])])
    assert isinstance(one, Listed) and one.expert == one.amateur == ()


def test_a_repeated_pair_is_listed_once(tmp_path: Path) -> None:
    found = listing(tmp_path, [record(), record()])
    assert [getattr(one, "reason", "") for one in found] == ["", "duplicate_row"]


def test_split_files_precede_the_file_of_all_pairs(tmp_path: Path) -> None:
    (tmp_path / "splits").mkdir()
    (tmp_path / "splits" / "test_sess_3.json").write_text(json.dumps([record()]))
    (tmp_path / "splits" / "test_global_sess_3.json").write_text("[0]")
    found = listing(tmp_path, [record(), record(output="ab12_new.jpg")])
    assert [(one.name, one.split) for one in found if isinstance(one, Listed)] == [
        ("ab12_ab12-ab12_cd34", "test"),
        ("ab12_ab12-ab12_new", ""),
    ]


def test_a_broken_file_is_rejected_and_a_missing_one_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="annotations"):
        list(list_gier(tmp_path))
    (tmp_path / "GIER.json").write_text('{"not": "a list"}')
    (only,) = list_gier(tmp_path)
    assert isinstance(only, Rejected) and only.reason == "malformed_json"


def test_coverage_counts_and_extrapolates(tmp_path: Path) -> None:
    rows = [record(), record(output="a_b.jpg", operator=global_("black&white")), record(output="c_d.jpg", operator={})]
    rows += [record(output="e_f.jpg", operator=float("nan"))]
    (tmp_path / "GIER.json").write_text(json.dumps(rows))
    table = coverage(tmp_path).splitlines()
    assert table[1].split() == ["kept", "2", str(round(2 * ALL / 4))]
    assert table[2].split()[-2:] == ["1", str(round(ALL / 4))]
    assert any(line.split()[:3] == ["rejected:", "no_operator", "1"] for line in table)


def test_published_pairs_are_kept_as_in_the_paper(annotations: Path) -> None:
    found = list(list_gier(annotations / "gier"))
    kept = [one for one in found if isinstance(one, Listed)]
    assert len(found) == 5561 and len({one.name for one in found}) == 5561
    assert Counter(one.split for one in kept) == {"train": 1961, "val": 252}
    by_paper = len(kept) - 43  # black&white
    assert abs(by_paper * ALL / len(found) - PAPER) < 25
