"""Pairs in a file of one's own, and MMArt's folders."""

import json
from pathlib import Path

import pytest

from iea.data_prep.ingest.sources import SOURCES, Listed, Rejected


def listed(source: str, root: Path) -> list[Listed | Rejected]:
    return list(SOURCES[source].list(root))


def test_a_csv_has_a_pair_for_each_two_files_and_all_their_requests(tmp_path: Path) -> None:
    text = 'before,after,request,photo\na/1.jpg,b/1.jpg,make it brighter,p\na/1.jpg,b/1.jpg,"warmer, please",p\na/2.jpg,b/2.jpg,,\n'
    (tmp_path / "pairs.csv").write_text(text, encoding="utf-8-sig")
    first, second = listed("pairs", tmp_path)
    assert isinstance(first, Listed) and isinstance(second, Listed)
    assert (first.name, first.photo, first.amateur) == ("0", "pairs:p", ("make it brighter", "warmer, please"))
    assert (first.original, first.reference) == (tmp_path / "a/1.jpg", tmp_path / "b/1.jpg")
    assert (second.name, second.photo, second.amateur) == ("2", "pairs:a/2.jpg", ())


@pytest.mark.parametrize("name", ["pairs.json", "pairs.jsonl"])
def test_json_has_the_keys_of_other_test_sets(name: str, tmp_path: Path) -> None:
    records = [
        {"id": 7, "input": "x.png", "processed": "y.png", "user_want": ["cooler", "more contrast"], "split": "test"},
        {"name": "b", "before": "z.png", "after": "w.png", "instruction": "darken the sky", "scope": "local"},
    ]
    text = json.dumps(records) if name.endswith("n") else "\n".join(map(json.dumps, records))
    (tmp_path / name).write_text(text)
    first, second = listed("pairs", tmp_path)
    assert isinstance(first, Listed) and isinstance(second, Listed)
    assert (first.name, first.split, first.amateur, first.categories) == ("7", "test", ("cooler", "more contrast"), {})
    assert (second.name, second.amateur, second.categories) == ("b", ("darken the sky",), {"scope": "local"})


@pytest.mark.parametrize(
    "record",
    [
        {"after": "b.jpg"},
        {"before": "../a.jpg", "after": "b.jpg"},
        {"before": "/etc/a.jpg", "after": "b.jpg"},
        {"before": "a.jpg", "after": 3},
        {"before": "a.jpg", "after": "b.jpg", "split": "dev"},
        {"before": "a.jpg", "after": "b.jpg", "request": {"text": "x"}},
        "a.jpg",
    ],
)
def test_a_record_that_cannot_be_used_is_rejected_alone(record: object, tmp_path: Path) -> None:
    (tmp_path / "pairs.json").write_text(json.dumps([record, {"before": "c.jpg", "after": "d.jpg"}]))
    rejected, kept = listed("pairs", tmp_path)
    assert isinstance(rejected, Rejected) and rejected.reason == "malformed_row" and isinstance(kept, Listed)


def test_two_pairs_of_one_name_are_not_both_listed(tmp_path: Path) -> None:
    records = [{"name": "a", "before": f"{n}.jpg", "after": f"{n}b.jpg"} for n in range(2)]
    (tmp_path / "pairs.json").write_text(json.dumps(records))
    assert [getattr(one, "reason", "") for one in listed("pairs", tmp_path)] == ["duplicate_row", ""]


@pytest.mark.parametrize(("files", "message"), [({}, "got 0"), ({"pairs.csv": "a", "pairs.json": "[]"}, "got 2")])
def test_the_root_has_one_file(files: dict[str, str], message: str, tmp_path: Path) -> None:
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    with pytest.raises(ValueError, match=message):
        listed("pairs", tmp_path)


def test_a_file_of_another_format_is_named(tmp_path: Path) -> None:
    for text in ("{", "{}"):
        (tmp_path / "pairs.json").write_text(text)
        with pytest.raises(ValueError, match=r"pairs\.json"):
            listed("pairs", tmp_path)


def write_item(folder: Path, before: str, after: str, **texts: str) -> None:
    folder.mkdir(parents=True)
    for name in filter(None, (before, after)):
        (folder / name).touch()
    for name, text in texts.items():
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")


def test_mmart_has_a_folder_for_each_item(tmp_path: Path) -> None:
    write_item(tmp_path / "global/1", "before.jpg", "processed.jpg", user_want="warmer", user_want_4="a warm look")
    write_item(tmp_path / "EN/2", "input.jpg", "gt.png", user_want="darken <box>[0.1, 0.2, 0.5, 0.9]</box> her face")
    write_item(tmp_path / "global/3", "before.png", "processed.png", user_want="cooler", box="0.1 0.2 0.3 0.4")
    write_item(tmp_path / "global/4", "before.png", "", user_want="cooler")
    boxed, plain, local, alone = listed("mmart", tmp_path)
    assert isinstance(boxed, Listed) and isinstance(plain, Listed) and isinstance(local, Listed)
    assert (plain.name, plain.photo, plain.amateur) == ("global/1", "mmart:global/1", ("warmer", "a warm look"))
    assert plain.categories == {} and local.categories == boxed.categories == {"scope": "local"}
    assert boxed.amateur == ("darken her face",) and boxed.reference == tmp_path / "EN/2/gt.png"
    assert isinstance(alone, Rejected) and alone.reason == "no_reference"
    with pytest.raises(ValueError, match="folders with before.jpg"):
        listed("mmart", tmp_path / "global/4/none")


def test_pairs_of_gier_are_of_one_of_its_two_sources(tmp_path: Path) -> None:
    def record(name: str, **local: bool) -> dict[str, object]:
        uses = {operator: {"local": here, "ids": []} for operator, here in local.items()}
        return {
            "input": f"{name}_a.jpg",
            "output": f"{name}_b.jpg",
            "operator": uses,
            "expert_summary": [f"edit {name}"],
        }

    records = [
        record("x", brightness=False),
        record("y", brightness=True),
        record("z", inpaint_obj=True, contrast=False),
    ]
    (tmp_path / "GIER.json").write_text(json.dumps(records))
    kept = {
        source: [one for one in listed(source, tmp_path) if isinstance(one, Listed)]
        for source in ("gier", "gier_local")
    }
    assert [one.name for one in kept["gier"]] == ["x_a-x_b"]
    assert [one.name for one in kept["gier_local"]] == ["y_a-y_b", "z_a-z_b"]
    assert all(one.categories == {"scope": "local"} and one.source == "gier_local" for one in kept["gier_local"])
