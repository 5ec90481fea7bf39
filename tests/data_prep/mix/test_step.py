import json
from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from mixed import kinds, named_only, names, rows, table

from iea.data_prep.annotate.label_noise import label_of
from iea.data_prep.mix.mixture import draw, mix_names, read_mixture, shares
from iea.data_prep.mix.step import MixConfig, mix
from iea.data_prep.runner import Step, run
from iea.data_prep.runner.tables import table_files
from iea.data_prep.schema import EXAMPLES, JUDGE_SCHEMA, JUDGED, LABELED, RL_SCHEMA, SFT_SCHEMA
from iea.editor import Program


@pytest.mark.parametrize("name", mix_names())
def test_every_mix_of_the_package_is_read(name):
    found = read_mixture(name)
    assert all(part.name for part in found.parts)


def test_stage_1_asks_for_the_counts_of_the_paper():
    counts = {part.name: part.count for part in read_mixture("stage1").parts}
    assert counts == {"Edit, labeled": 25_763, "Summary, labeled": 3_583}


def test_stage_3_asks_for_the_ratios_of_the_paper():
    assert [part.ratio for part in read_mixture("stage3").parts] == [2, 5, 0.2, 1, 2]


def test_stage_1_takes_labeled_edits_and_expert_summaries_once_each(examples, tmp_path):
    manifest = mix(MixConfig("stage1", (examples,), tmp_path / "out"), quiet=True)
    assert pq.read_schema(tmp_path / "out" / "train.parquet").equals(SFT_SCHEMA)
    assert kinds(tmp_path / "out") == {"iea/edit": 6, "iea/auto": 6, "iea/summary": 12}
    assert set(names(tmp_path / "out").values()) == {1}
    assert {row["extra_info"]["origin"] for row in rows(tmp_path / "out")} == {"gier"}
    edit, summary = manifest["parts"]
    assert (edit["asked"], edit["available"], edit["taken"]) == (25_763, 12, 12)
    assert (summary["asked"], summary["available"], summary["taken"]) == (3_583, 12, 12)


def test_stage_2_is_written_for_rl(examples, tmp_path):
    mix(MixConfig("stage2", (examples,), tmp_path / "out", style="short"), quiet=True)
    assert pq.read_schema(tmp_path / "out" / "train.parquet").equals(RL_SCHEMA)
    indices = [row["extra_info"]["index"] for row in rows(tmp_path / "out")]
    assert indices == list(range(24))


def test_stage_3_repeats_each_row_as_often_as_its_part_says(examples, tmp_path):
    manifest = mix(MixConfig("stage3", (examples,), tmp_path / "out"), quiet=True)
    by_part = {part["name"]: (part["taken"], part["distinct"], part["repeats"]) for part in manifest["parts"]}
    assert by_part == {
        "Edit, labeled": (24, 12, 12),
        "Summary, labeled": (60, 12, 48),
        "Edit, synthetic": (1, 1, 0),
        "Summary, synthetic": (6, 6, 0),
        "Refine, synthetic": (12, 6, 6),
    }
    assert Counter(names(tmp_path / "out").values()) == {2: 12 + 6, 5: 12, 1: 1 + 6}


def test_val_rows_are_of_the_val_split_none_twice(examples, tmp_path):
    mix(MixConfig("stage3", (examples,), tmp_path / "out"), quiet=True)
    assert {row["extra_info"]["split"] for row in rows(tmp_path / "out", "val")} == {"val"}
    assert set(names(tmp_path / "out", "val").values()) == {1}
    assert {row["extra_info"]["photo"] for row in rows(tmp_path / "out")} == {f"{n}.png" for n in range(6)}


def test_rows_sets_the_total_in_the_proportions_of_the_mix(examples, tmp_path):
    manifest = mix(MixConfig("stage3", (examples,), tmp_path / "out", rows=50), quiet=True)
    assert [part["asked"] for part in manifest["parts"]] == [12, 29, 0, 3, 6]
    assert len(rows(tmp_path / "out")) == 50


def test_scale_takes_that_part_of_the_mix(examples, tmp_path):
    manifest = mix(MixConfig("stage1", (examples,), tmp_path / "out", scale=4 / 25_763), quiet=True)
    assert [part["taken"] for part in manifest["parts"]] == [4, 1]


def test_equal_settings_give_equal_bytes_and_the_seed_the_order(examples, tmp_path):
    for name, seed in (("a", 0), ("b", 0), ("c", 1)):
        mix(MixConfig("stage3", (examples,), tmp_path / name, seed=seed), quiet=True)
    made = [{file.name: file.read_bytes() for file in (tmp_path / name).glob("[!.]*")} for name in "abc"]
    assert sorted(made[0]) == ["manifest.json", "train.parquet", "val.parquet"]
    assert made[0] == made[1]
    assert made[0]["train.parquet"] != made[2]["train.parquet"]


def test_rows_are_shuffled(examples, tmp_path):
    mix(MixConfig("stage1", (examples,), tmp_path / "out"), quiet=True)
    order = [row["extra_info"]["name"] for row in rows(tmp_path / "out")]
    assert order != sorted(order)


def test_all_sentences_of_an_edit_are_right_answers_of_its_summaries(examples, tmp_path):
    mix(MixConfig("stage1", (examples,), tmp_path / "out"), quiet=True)
    (summary, *_) = [row for row in rows(tmp_path / "out") if row["data_source"] == "iea/summary"]
    right = summary["extra_info"]["summaries"]
    assert right[0] == summary["messages"][-1]["content"]
    assert sorted(right) == [
        "It is too dark and too green.",
        "Lift the exposure and take out green.",
        "Make it brighter.",
        "More light, less green.",
    ]


def test_the_manifest_counts_what_was_written(examples, tmp_path):
    mix(MixConfig("stage3", (examples,), tmp_path / "out"), quiet=True)
    counted = json.loads((tmp_path / "out" / "manifest.json").read_text())["rows"]["train"]
    written = rows(tmp_path / "out")
    assert counted["rows"] == len(written)
    assert counted["data_source"] == dict(sorted(kinds(tmp_path / "out").items()))
    for column in ("task", "origin", "persona"):
        found = Counter(row["extra_info"][column] for row in written)
        assert counted[column] == dict(sorted(found.items()))
    edits = sum(row["extra_info"]["program"] != "" for row in written)
    assert counted["tools"] == {"exposure+": edits, "tint-": edits}


def test_unusable_rows_are_counted_and_left_out(example_rows, tmp_path):
    bad = [
        example_rows[0] | {"program": "{", "name": "broken"},
        example_rows[0] | {"original": "/gone.png"},
        example_rows[0] | {"split": "dev"},
        example_rows[0] | {"photo": None},
    ]
    path = table(tmp_path / "examples.parquet", [*bad, *example_rows])
    manifest = mix(MixConfig("stage1", (path,), tmp_path / "out"), quiet=True)
    assert manifest["rejected"] == {"missing_image": 1, "missing_value": 1, "program_unparsable": 1, "unknown_split": 1}
    assert "broken" in manifest["rejected_examples"]["program_unparsable"][0]
    assert len(rows(tmp_path / "out")) == 24


def test_a_group_in_two_splits_is_refused_across_tables(examples, example_rows, tmp_path):
    leaked = [example_rows[0] | {"group": example_rows[-1]["group"]}]
    other = table(tmp_path / "other.parquet", leaked)
    with pytest.raises(ValueError, match="must be in one split, got '7.png' in val and train"):
        mix(MixConfig("stage1", (examples, other), tmp_path / "out"), quiet=True)
    assert not (tmp_path / "out" / "train.parquet").exists()


def test_a_finished_folder_is_read_and_an_unfinished_one_refused(example_rows, tmp_path):
    step = Step("examples", EXAMPLES, named_only, {})
    run(step, example_rows, tmp_path / "shards", workers=1, shard_items=10, quiet=True)
    assert len(table_files(tmp_path / "shards")) == 7
    mix(MixConfig("stage1", (tmp_path / "shards",), tmp_path / "out"), quiet=True)
    assert len(rows(tmp_path / "out")) == 24
    (tmp_path / "shards" / "00003.parquet").unlink()
    with pytest.raises(ValueError, match="a finished step"):
        mix(MixConfig("stage1", (tmp_path / "shards",), tmp_path / "out"), quiet=True)
    assert len(rows(tmp_path / "out")) == 24, "the mix made before stays"


def test_judged_sentences_become_text_rows_of_the_reward_model(tmp_path):
    empty = dict.fromkeys(JUDGED.names, "") | {"kind": "exact", "persona": "amateur"}
    judged = [
        empty | {"name": str(n), "split": split, "reference": "warmer", "prediction": "bluer", "score": n}
        for n, split in enumerate(["train"] * 9 + ["val"] * 2 + ["test"] * 3)
    ]
    path = table(tmp_path / "judged.parquet", judged, JUDGED)
    manifest = mix(MixConfig("judge", (path,), tmp_path / "out"), quiet=True)
    assert pq.read_schema(tmp_path / "out" / "train.parquet").equals(JUDGE_SCHEMA)
    assert {row["messages"][-1]["content"] for row in rows(tmp_path / "out")} == {str(n) for n in range(9)}
    assert {row["messages"][-1]["content"] for row in rows(tmp_path / "out", "val")} == {"9", "10"}
    assert manifest["rejected"] == {"bad_score": 3}


def test_a_mix_without_rows_names_the_available_ones(example_rows, tmp_path):
    path = table(tmp_path / "examples.parquet", [row for row in example_rows if row["origin"] == "synthetic"])
    with pytest.raises(ValueError, match="6 of edit synthetic template train"):
        mix(MixConfig("stage1", (path,), tmp_path / "out"), quiet=True)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("rows: all\nparts: [{name: a, ratio: 1}]", "rows: .*'sft', 'rl' or 'judge', got 'all'"),
        ("rows: sft\nparts: []", "parts: .*at least 1 item"),
        ("rows: sft\nparts: [{name: a}]", "a count or a ratio"),
        ("rows: sft\nparts: [{name: a, ratio: 1, count: 2}]", "a count or a ratio"),
        ("rows: sft\nparts: [{name: a, count: -2}]", "parts.0.count: .*greater than 0, got -2"),
        ("rows: sft\nparts: [{name: a, ratio: 0}]", "parts.0.ratio: .*greater than 0"),
        ("rows: sft\nparts: [{name: a, count: 1.5}]", "parts.0.count: .*integer, got 1.5"),
        ("rows: sft\nparts: [{name: a, ratio: 1, where: {tsak: edit}}]", "among task, origin, persona, got 'tsak'"),
        ("rows: sft\nval_rows: few\nparts: [{name: a, ratio: 1}]", "val_rows: .*integer"),
        ("rows: sft\nlabel_noise: 2\nparts: [{name: a, ratio: 1}]", "label_noise: .*equal to 1"),
        ("rows: sft\npart: []", "parts: Field required"),
        ("rows: [", "valid YAML"),
    ],
)
def test_an_invalid_mix_is_refused(content, message, tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(content)
    with pytest.raises(ValueError, match=message):
        read_mixture(str(path))


def test_a_mix_of_ones_own_chooses_by_lists_of_values(examples, tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(
        "rows: sft\nparts: [{name: some, where: {task: [edit, refine]}, unless: {origin: gier}, ratio: 1.5}]"
    )
    mix(MixConfig(str(path), (examples,), tmp_path / "out"), quiet=True)
    assert Counter(names(tmp_path / "out").values()) == {1: 6, 2: 6}
    assert {row["extra_info"]["task"] for row in rows(tmp_path / "out")} == {"edit", "refine"}
    assert len(rows(tmp_path / "out", "val")) == 4


@pytest.mark.parametrize(("max_pixels", "kept"), [(512 * 512, 3), (112 * 112, 2)])
def test_a_labeled_pair_that_the_trainer_cannot_read_at_this_size_is_rejected(example_rows, tmp_path, max_pixels, kept):
    path = labeled(example_rows[0], tmp_path, wide={"name": "wide", "width": 1400, "height": 56})
    manifest = mix(MixConfig("stage1", (path,), tmp_path / "out", max_pixels=max_pixels), quiet=True)
    assert manifest["rejected"] == ({} if kept == 3 else {"too_narrow": 1})


def test_labeled_pairs_are_expanded_to_examples(example_rows, tmp_path):
    path = labeled(example_rows[0], tmp_path)
    mix(MixConfig("stage1", (path,), tmp_path / "out"), quiet=True)
    assert kinds(tmp_path / "out") == {"iea/edit": 1, "iea/auto": 7, "iea/summary": 1}
    programs = {row["extra_info"]["program"] for row in rows(tmp_path / "out")}
    assert programs == {'{"fade":5}'} | {""} or programs == {'{"fade": 5}', ""}


def labeled(row, folder, **others):
    """Write a table of LABELED with a pair, another for validation, and `others`."""
    texts = dict.fromkeys(LABELED.names, "") | {key: row[key] for key in LABELED.names if key in row}
    lists = {name: [] for name in ("amateur", "operators", "summaries_expert", "summaries_amateur")}
    numbers = dict.fromkeys(("width", "height", "evaluations"), 1) | {"r_like": 0.5, "r_use": 1.0, "weight": 1.0}
    pair = texts | lists | numbers | {"source": "gier", "expert": ["Lift it."], "label": '{"fade": 5}'}
    held_out = pair | {"name": "held out", "split": "val", "group": "another"}
    return table(folder / "labeled.parquet", [pair, held_out, *(pair | other for other in others.values())], LABELED)


def test_label_noise_is_for_rendered_edits_in_sft_rows(examples, example_rows, tmp_path):
    true = {row["name"]: row["program"] for row in example_rows}
    programs = {}
    for stage in ("stage3", "synthetic_stage1", "synthetic_stage2"):
        for noise in (0.0, 1.0):
            out = tmp_path / f"{stage}-{noise}"
            mix(MixConfig(stage, (examples,), out, scale=5, label_noise=noise), quiet=True)
            found = rows(out) + rows(out, "val")
            programs[stage, noise] = {r["extra_info"]["name"]: r["extra_info"]["program"] for r in found}
    noisy = {
        name: label_of(Program.from_json(true[name]), 1.0, 0, name).to_json()
        for name in programs["synthetic_stage2", 0.0]
        if true[name]
    }
    for (_, noise), found in programs.items():
        if noise == 0:
            assert all(found[name] == true[name] for name in found)
    assert programs["synthetic_stage2", 1.0] == programs["synthetic_stage2", 0.0], "RL rows are exact"
    for stage in ("stage3", "synthetic_stage1"):
        assert {name: programs[stage, 1.0][name] for name in noisy} == noisy
        others = programs[stage, 1.0].keys() - noisy.keys()
        assert all(programs[stage, 1.0][name] == true[name] for name in others)
    assert noisy != {name: true[name] for name in noisy}


@pytest.mark.parametrize(("wanted", "least"), [(0, 0), (3, 0), (5, 1), (12, 2)])
def test_draws_repeat_all_rows_equally_often_or_once_more(wanted, least):
    taken = draw(np.arange(5) * 7, wanted, np.random.default_rng(0))
    times = Counter({number: 0 for number in range(0, 35, 7)})
    times.update(taken.tolist())
    assert len(taken) == wanted
    assert set(times.values()) <= {least, least + 1}


def test_shares_add_up():
    assert shares([25_763, 3_583], 100) == [88, 12]
    assert sum(shares([1, 1, 1], 100)) == 100
    assert shares([0, 0], 10) == [0, 0]


def test_another_table_is_not_read_as_examples(tmp_path):
    path = table(tmp_path / "judged.parquet", [], JUDGED)
    with pytest.raises(ValueError, match="must be EXAMPLES or LABELED, got JUDGED"):
        mix(MixConfig("stage1", (path,), tmp_path / "out"), quiet=True)
    old = pa.Table.from_pylist([], schema=EXAMPLES).drop_columns(["group"])
    pq.write_table(old, tmp_path / "old.parquet")
    with pytest.raises(ValueError, match="must have the column 'group'"):
        mix(MixConfig("stage1", (tmp_path / "old.parquet",), tmp_path / "out"), quiet=True)
    (tmp_path / "no.parquet").write_text("no parquet")
    with pytest.raises(ValueError, match="must be a parquet file"):
        mix(MixConfig("stage1", (tmp_path / "no.parquet",), tmp_path / "out"), quiet=True)


def test_the_command_prints_rows_taken_and_rejected(iea, example_rows, tmp_path):
    path = table(tmp_path / "examples.parquet", [*example_rows, example_rows[0] | {"original": "/gone.png"}])
    options = ["stage3", "--table", str(path), "--out", str(tmp_path / "out")]
    result = iea("data", "mix", *options)
    assert result.exit_code == 0, result.output
    assert "Summary, labeled: 60 of 60 rows asked (12 available, 48 repeated)" in result.output
    assert "rejected 1: missing_image" in result.output and "/gone.png" in result.output


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            ["stage9", "--table", "x"],
            "must be one of all_tasks, held_out, judge, lane_stage3, stage1, stage2, stage3, synthetic_stage1, synthetic_stage2, synthetic_stage3, two_turns or",
        ),
        (["stage1", "--table", "x", "--style", "odd"], "style must be one of"),
        (["stage1", "--table", "x", "--scale", "0"], "scale must be above 0"),
        (["stage1", "--table", "x", "--scale", "nan"], "scale must be above 0"),
        (["stage1", "--table", "x", "--scale", "inf"], "scale must be above 0"),
        (["stage1", "--table", "x", "--rows", str(10**30)], "rows 1 or more"),
        (["stage1", "--table", "x", "--max-pixels", str(10**30)], "max-pixels in"),
        (["stage1", "--table", "nowhere"], "folder of a finished step"),
    ],
)
def test_the_command_refuses_invalid_settings(iea, options, message, tmp_path):
    result = iea("data", "mix", *options, "--out", str(tmp_path / "out"))
    assert result.exit_code == 1
    assert message in result.output
    assert not Path(tmp_path / "out" / "train.parquet").exists()


def test_a_row_that_is_read_twice_is_taken_once(examples, example_rows, tmp_path):
    again = table(tmp_path / "again.parquet", [*example_rows[:20], *example_rows[:5]])
    manifest = mix(MixConfig("stage1", (examples, again), tmp_path / "out"), quiet=True)
    assert manifest["rejected"] == {"duplicate_row": 25}
    assert set(names(tmp_path / "out").values()) == {1}
    assert len(rows(tmp_path / "out")) == 24


@pytest.mark.parametrize("split", ["train", "test"])
def test_a_mix_without_a_validation_row_is_refused(example_rows, split, tmp_path):
    found = [row if row["split"] == "train" else row | {"split": split} for row in example_rows]
    path = table(tmp_path / "examples.parquet", found)
    with pytest.raises(ValueError, match="must find rows of the val split.*--fold"):
        mix(MixConfig("stage1", (path,), tmp_path / "out"), quiet=True)
    assert not (tmp_path / "out" / "train.parquet").exists()


@pytest.mark.parametrize(
    "content",
    [
        b"rows: \xff\xfe",
        "rows: sft".encode("utf-16"),
        b"\0",
        b"[" * 1500,
        b"rows: 2024-99-99",
        b"rows: !!python/name:a",
        b"",
    ],
)
def test_a_mix_that_is_no_text_or_no_yaml_is_named(iea, examples, content, tmp_path):
    (tmp_path / "mine.yaml").write_bytes(content)
    result = iea("data", "mix", tmp_path / "mine.yaml", "--table", examples, "--out", tmp_path / "out")
    assert result.exit_code == 1 and isinstance(result.exception, SystemExit), result.exception
    assert "mine.yaml' must" in result.output
