import json
from collections import Counter

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from iea.data_prep.runner import read_rows
from iea.data_prep.schema import EXAMPLES, JUDGED, PAIRS
from iea.data_prep.synthesize.step import SynthesizeConfig, example_items, summary, synthesize
from iea.editor import TOOLS

SMALL = SynthesizeConfig(pairs_per_photo=8, size=56, judged=12, judged_val=4)


def blank(field):
    return "" if field.type == pa.string() else [] if pa.types.is_list(field.type) else 0


@pytest.fixture(scope="module")
def pairs(photo_folder):
    """Rows of PAIRS of seven photographs, of one of them twice, and of one that is missing."""
    files = [*sorted(photo_folder.rglob("*.png")), photo_folder / "0.png", photo_folder / "gone.png"]
    base = {field.name: blank(field) for field in PAIRS}
    return [
        base
        | {
            "source": "folder",
            "name": f"pair{n}",
            "photo": file.stem,
            "group": file.stem,
            "split": "val" if file.stem == "1" else "train",
            "original": str(file),
            "weight": 1.0,
        }
        for n, file in enumerate(files)
    ]


@pytest.fixture(scope="module")
def made(pairs, tmp_path_factory):
    """The folder, and the result of synthesize."""
    out = tmp_path_factory.mktemp("synthetic") / "out"
    return out, synthesize(pairs, out, SMALL, workers=1, quiet=True)


def contents(folder):
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_each_photograph_is_used_as_often_as_asked(pairs):
    items = example_items(pairs, SynthesizeConfig(pairs_per_photo=3))
    assert [item["number"] for item in items] == list(range(3 * 8))
    assert set(Counter(item["original"] for item in items).values()) == {3}


def test_counts_follow_the_split_and_the_weight(pairs):
    lighter = [pairs[0] | {"weight": 0.25}, pairs[2] | {"weight": 0.01}, *pairs[3:4], pairs[1]]
    items = example_items(lighter, SynthesizeConfig(pairs_per_photo=10, val_pairs_per_photo=4))
    counts = Counter((item["split"], item["photo"]) for item in items)
    expected = [2, 1, 10, 4]
    assert [counts[row["split"], row["photo"]] for row in lighter] == expected
    assert [item["number"] for item in items] == list(range(sum(expected)))


def test_the_manifest_shows_all_tools_in_every_direction(made):
    out, synthesis = made
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest == synthesis.manifest
    examples = manifest["examples"]
    assert set(examples["tools"]) == set(TOOLS) and min(examples["tools"].values()) >= 2
    directions = {f"{t.name}{s}" for t in TOOLS.values() for s in "+-" if s == "+" or t.low < 0}
    assert set(examples["tool_levels"]) == directions
    assert all(sum(levels.values()) >= 1 for levels in examples["tool_levels"].values())
    by_tool = {
        tool: sum(sum(v.values()) for k, v in examples["tool_levels"].items() if k[:-1] == tool) for tool in TOOLS
    }
    assert by_tool == examples["tools"]


def test_counts_are_those_of_the_tables(made):
    out, synthesis = made
    examples, judged = read_rows(out / "examples"), read_rows(out / "judged")
    counted = synthesis.manifest["examples"]
    assert sum(counted["tasks"].values()) == counted["rows"] == len(examples) == synthesis.examples.rows
    assert counted["personas"]["edit/expert"] + counted["personas"]["edit/none"] == counted["items"] - 8
    assert {row["split"] for row in examples} == {"train", "val"}
    assert {row["photo"] for row in examples if row["split"] == "val"} == {"1"}
    scores = synthesis.manifest["judged"]["scores"]
    assert sum(scores.values()) == len(judged) and list(scores) == sorted(scores, key=int)
    assert set(examples[0]) == set(EXAMPLES.names) and set(judged[0]) == set(JUDGED.names)


def test_an_unreadable_photograph_is_counted_and_skipped(made):
    assert made[1].manifest["examples"]["rejected"] == {"missing": SMALL.pairs_per_photo}


def test_a_missing_shard_is_made_again_with_the_same_bytes(pairs, made):
    out, _ = made
    before = contents(out)
    (out / "examples" / "00000.parquet").unlink()
    (out / "manifest.json").unlink()
    again = synthesize(pairs, out, SMALL, workers=1, quiet=True)
    assert again.judged.reused_shards == 1
    assert contents(out) == before


def test_tools_that_no_program_uses_are_reported(pairs, tmp_path):
    few = SynthesizeConfig(pairs_per_photo=1, size=28, difficulty="easy", judged=0, judged_val=0)
    made = synthesize(pairs, tmp_path, few, workers=1, quiet=True)
    counted = made.manifest["examples"]
    used = {name for name, levels in counted["tool_levels"].items() if sum(levels.values())}
    assert counted["unused"] and not used & set(counted["unused"])
    assert f"no program uses {counted['unused'][0]}" in summary(made)


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({"size": 100}, "multiple of 28"),
        ({"judged": -1}, "0 or more"),
        ({"pairs_per_photo": 0}, "1 or more"),
        ({"difficulty": "odd"}, "one of"),
        ({"seed": -1}, "0 or more"),
    ],
)
def test_invalid_settings_are_refused(settings, text):
    with pytest.raises(ValueError, match=text):
        SynthesizeConfig(**settings)


def test_the_command_makes_both_tables(iea, pairs, tmp_path):
    table = tmp_path / "pairs.parquet"
    pq.write_table(pa.Table.from_pylist(pairs[:-1], schema=PAIRS), table)
    arguments = ["--pairs", table, "--out", tmp_path / "out", "--pairs-per-photo", 8, "--size", 56]
    arguments += ["--judged", 4, "--judged-val", 2, "--workers", 1]
    result = iea("data", "synthesize", *[str(argument) for argument in arguments])
    assert result.exit_code == 0, result.output
    assert f"all {len(TOOLS)} tools used" in result.output
    assert (tmp_path / "out" / "manifest.json").exists()


def test_the_command_names_the_fault_of_the_pairs(iea, tmp_path):
    result = iea("data", "synthesize", "--pairs", str(tmp_path / "none.parquet"), "--out", str(tmp_path / "out"))
    assert result.exit_code == 1
    assert "must be a parquet file" in result.output
