import hashlib
import json
import shutil
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from iea.data_prep import build as build_module
from iea.data_prep.build import BuildConfig, app, build
from iea.data_prep.row import RL_SCHEMA, SFT_SCHEMA
from iea.editor import TOOLS, Program, distance, leave_one_out, render
from iea.editor.io import read_image


def contents(out: Path) -> dict[str, str]:
    """Digest of every file below `out`."""
    files = sorted(p for p in out.rglob("*") if p.is_file())
    return {p.relative_to(out).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def rows(out: Path, name: str) -> list[dict]:
    return pq.read_table(out / f"{name}.parquet").to_pylist()


@pytest.fixture(scope="module")
def built(tmp_path_factory, photo_folder) -> Path:
    """One data set that tests read and never change."""
    out = tmp_path_factory.mktemp("built") / "data"
    build(BuildConfig(out, photo_folder, 128, 72, 32, size=28), jobs=1, quiet=True)
    return out


def test_rl_rows_follow_the_contract(built):
    assert pq.read_schema(built / "train.parquet").equals(RL_SCHEMA)
    for split in ("train", "val"):
        for index, row in enumerate(rows(built, split)):
            info = row["extra_info"]
            assert (info["index"], info["split"]) == (index, split)
            assert row["data_source"] == f"iea/{info['kind']}"
            assert row["ability"] == "edit"
            assert row["reward_model"] == {"style": "rule", "ground_truth": info["program"]}
            assert row["images"] == [{"image": info["original"], "min_pixels": 784, "max_pixels": 784}]
            (message,) = row["prompt"]
            assert message["role"] == "user"
            assert message["content"].startswith("<image>")
            assert message["content"].count("<image>") == 1
            assert info["original"].startswith(str(built)) and info["reference"].endswith(".png")


def test_the_program_makes_the_reference_or_undoes_the_damage(built):
    for row in rows(built, "train"):
        info = row["extra_info"]
        original, reference = read_image(info["original"]), read_image(info["reference"])
        program = Program.from_json(info["program"])
        edited = render(original, program)
        if info["kind"] == "edit":
            assert np.array_equal(edited, reference)
        else:
            assert distance(edited, reference) <= 0.5 * distance(original, reference)
        result = leave_one_out(original, reference, program)
        assert all(d > result.after for d in result.without.values())


def test_a_quarter_of_the_rows_carry_no_instruction(built):
    for split, count in (("train", 32), ("val", 18)):
        assert Counter(r["extra_info"]["kind"] for r in rows(built, split))["auto"] == count


def test_held_out_photographs_take_equal_parts_of_each_kind_and_none_is_trained_on(built):
    train = {r["extra_info"]["photo"] for r in rows(built, "train")}
    val = Counter((r["extra_info"]["photo"], r["extra_info"]["kind"]) for r in rows(built, "val"))
    held_out = {photo for photo, _ in val}
    assert len(held_out) == 3
    assert not train & held_out
    assert {val[photo, "edit"] for photo in held_out} == {18}
    assert {val[photo, "auto"] for photo in held_out} == {6}
    roles = {p["name"]: p["role"] for p in json.loads((built / "manifest.json").read_text())["photos"]}
    assert {name for name, role in roles.items() if role == "held_out"} == held_out


def test_all_tools_are_used_about_evenly_in_both_directions(built):
    counts = Counter()
    for row in rows(built, "train"):
        if row["extra_info"]["kind"] == "edit":
            for tool, value in json.loads(row["extra_info"]["program"]).items():
                counts[tool, 1 if value > 0 else -1] += 1
    by_tool = {tool: counts[tool, 1] + counts[tool, -1] for tool in TOOLS}
    assert min(by_tool.values()) >= 6
    assert max(by_tool.values()) <= 3 * min(by_tool.values())
    assert all(counts[tool, -1] >= 2 for tool, t in TOOLS.items() if t.low < 0)


def test_sft_rows_answer_with_a_program_and_nothing_else(built):
    assert pq.read_schema(built / "sft_train.parquet").equals(SFT_SCHEMA)
    for name in ("sft_train", "sft_val"):
        for row in rows(built, name):
            user, assistant = row["messages"]
            assert (user["role"], assistant["role"]) == ("user", "assistant")
            assert user["content"].count("<image>") == len(row["images"]) == 1
            assert Program.from_json(assistant["content"]).to_json() == assistant["content"]
            assert Path(row["images"][0]["image"]).is_file()


def test_sft_validation_asks_what_rl_validation_asks(built):
    asked = [(r["prompt"][0]["content"], r["images"]) for r in rows(built, "val")]
    assert asked == [(r["messages"][0]["content"], r["images"]) for r in rows(built, "sft_val")]


def test_without_label_noise_the_answers_are_the_true_programs(small):
    manifest = build(replace(small, label_noise=0), jobs=1, quiet=True).manifest
    true = [r["extra_info"]["program"] for r in rows(small.out, "val")]
    assert [r["messages"][1]["content"] for r in rows(small.out, "sft_val")] == true
    assert all(h["headroom_by_construction"] == 0 for h in manifest["headroom"]["sft_train"].values())


def test_label_noise_changes_answers_and_nothing_else(small, tmp_path):
    noisy = build(small, jobs=1, quiet=True).manifest
    exact = build(replace(small, label_noise=0), jobs=1, quiet=True).manifest
    assert noisy["splits"] == exact["splits"]
    assert noisy["files"]["train.parquet"] == exact["files"]["train.parquet"]
    assert noisy["files"]["sft_train.parquet"] != exact["files"]["sft_train.parquet"]
    assert all(h["headroom_by_construction"] > 0.05 for h in noisy["headroom"]["sft_train"].values())


def test_the_same_settings_give_the_same_bytes_in_one_process_or_two(small):
    build(small, jobs=1, quiet=True)
    first = contents(small.out)
    shutil.rmtree(small.out)
    build(small, jobs=2, quiet=True)
    assert contents(small.out) == first
    assert not [name for name in first if "partial" in name or name.startswith(".work")]


def test_more_rows_leave_the_first_ones_as_they_were(small, tmp_path):
    build(small, jobs=1, quiet=True)
    few = rows(small.out, "train")
    build(replace(small, train_rows=40), jobs=1, quiet=True)
    assert rows(small.out, "train")[: len(few)] == few


def test_seed_and_fold_change_the_rows(small):
    texts = []
    for config in (small, replace(small, seed=1), replace(small, fold=1)):
        build(config, jobs=1, quiet=True)
        texts.append([(r["prompt"][0]["content"], r["extra_info"]["photo"]) for r in rows(small.out, "val")])
    assert texts[0] != texts[1]
    assert not {photo for _, photo in texts[0]} & {photo for _, photo in texts[2]}


def test_a_finished_data_set_is_used_again(small):
    assert not build(small, jobs=1, quiet=True).reused
    before = {p: p.stat().st_mtime_ns for p in small.out.rglob("*")}
    again = build(small, jobs=1, quiet=True)
    assert again.reused
    assert {p: p.stat().st_mtime_ns for p in small.out.rglob("*")} == before


@pytest.mark.parametrize("damage", ["parquet", "image", "manifest", "settings", "photographs"])
def test_a_damaged_or_outdated_data_set_is_made_again(small, damage, tmp_path):
    photos = tmp_path / "photos"
    shutil.copytree(small.photos, photos)
    config = replace(small, photos=photos)
    build(config, jobs=1, quiet=True)
    if damage == "parquet":
        (small.out / "val.parquet").write_bytes(b"cut")
    elif damage == "image":
        next(small.out.rglob("*-original.jpg")).unlink()
    elif damage == "manifest":
        (small.out / "manifest.json").write_text("{")
    elif damage == "settings":
        config = replace(config, seed=5)
    else:
        (photos / "0.png").unlink()
    assert not build(config, jobs=1, quiet=True).reused
    assert len(rows(small.out, "val")) == 24
    assert build(config, jobs=1, quiet=True).reused


def test_the_manifest_tells_counts_seed_versions_and_hashes(small):
    build(small, jobs=1, quiet=True)
    manifest = json.loads((small.out / "manifest.json").read_text())
    assert manifest["config"]["seed"] == 0
    assert set(manifest["versions"]) == {"numpy", "pillow", "pyarrow", "verl-iea"}
    assert set(manifest["files"]) == {"train.parquet", "val.parquet", "sft_train.parquet", "sft_val.parquet"}
    for name, digest in manifest["files"].items():
        assert hashlib.sha256((small.out / name).read_bytes()).hexdigest() == digest
    for photo in manifest["photos"]:
        assert hashlib.sha256((small.photos / photo["name"]).read_bytes()).hexdigest() == photo["sha256"]
    described = manifest["splits"]["val"]
    assert described["rows"] == 24
    assert described["kinds"] == {"auto": 6, "edit": 18}
    assert sum(described["edit_tools"].values()) == sum(described["edit_strengths"].values()) >= 18
    assert manifest["images"] == len(list((small.out / "images").rglob("*.*"))) == 2 * 32 + 2 * 24 + 32
    truth = manifest["headroom"]["train"]["edit"]["true_programs"]
    assert truth == {"r_like": 1.0, "r_use": 1.0, "reward_w0.7": 1.0}


def test_bad_photographs_are_reported_and_never_fatal(small, tmp_path, make_photo, capsys):
    photos = tmp_path / "photos"
    shutil.copytree(small.photos, photos)
    (photos / "broken.jpg").write_bytes(b"\xff\xd8 nothing")
    make_photo(photos / "tiny.png", 9, height=12, width=12)
    manifest = build(replace(small, photos=photos), jobs=1, quiet=True).manifest
    assert {s["file"] for s in manifest["skipped"]} == {"broken.jpg", "tiny.png"}
    report = capsys.readouterr().err
    assert "skipped broken.jpg" in report and "skipped tiny.png" in report


def test_a_folder_with_files_of_its_own_is_left_alone(small):
    keep = small.out / "images" / "holiday.png"
    keep.parent.mkdir(parents=True)
    keep.write_bytes(b"mine")
    with pytest.raises(ValueError, match="choose another"):
        build(small, jobs=1, quiet=True)
    assert keep.read_bytes() == b"mine"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"size": 100}, "multiple of 28, got 100"),
        ({"train_rows": 0}, "train_rows must be 4 or more, got 0"),
        ({"label_noise": 1.5}, r"label_noise must be in \[0, 1\], got 1.5"),
        ({"fold": -1}, "fold and seed must be 0 or more"),
    ],
)
def test_settings_out_of_range_are_refused(small, change, message):
    with pytest.raises(ValueError, match=message):
        replace(small, **change)


# Runs a build that stops at a marker until it is killed. {patch} puts the marker.
KILLED = """
import sys
from pathlib import Path
from iea.data_prep import build as b

def stop():
    print("here", flush=True)
    sys.stdin.read()

{patch}
if __name__ == "__main__":
    config = b.BuildConfig(Path(sys.argv[1]), Path(sys.argv[2]), 32, 24, 32, size=28)
    b.build(config, jobs=int(sys.argv[3]), quiet=True)
"""
IN_THE_THIRD_PARQUET = """
write = b.pq.write_table
written = []
def half(table, path, **kwargs):
    write(table, path, **kwargs)
    written.append(path)
    if len(written) == 3:
        data = path.read_bytes()
        path.write_bytes(data[: len(data) // 2])
        stop()
b.pq.write_table = half
"""
AFTER_THE_FIRST_ROW = """
def one_row(rows, desc, **kwargs):
    if desc != "rows":
        yield from rows
        return
    yield next(rows)
    stop()
b.tqdm = one_row
"""


@pytest.mark.parametrize(
    ("patch", "jobs"),
    [(IN_THE_THIRD_PARQUET, 1), (AFTER_THE_FIRST_ROW, 1), (AFTER_THE_FIRST_ROW, 2)],
    ids=["parquet", "rows", "rows-2-processes"],
)
def test_a_killed_build_leaves_nothing_half_written_and_is_made_again(small, tmp_path, patch, jobs):
    build(small, jobs=1, quiet=True)
    expected = contents(small.out)
    shutil.rmtree(small.out)
    script = tmp_path / "killed.py"
    script.write_text(KILLED.format(patch=patch))
    process = subprocess.Popen(
        [sys.executable, str(script), str(small.out), str(small.photos), str(jobs)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "here\n"
    process.kill()
    process.communicate(timeout=30)  # returns once every worker, too, has let go of stdout

    assert not (small.out / "manifest.json").exists()
    whole = {p.name: pq.read_table(p).num_rows for p in small.out.glob("*.parquet")}
    assert whole == ({"train.parquet": 32, "val.parquet": 24} if patch is IN_THE_THIRD_PARQUET else {})

    assert not build(small, jobs=1, quiet=True).reused
    assert contents(small.out) == expected


def test_the_command_says_what_it_made_and_what_it_found(small):
    arguments = ["--out", str(small.out), "--photos", str(small.photos), "--size", "28", "--jobs", "1"]
    arguments += ["--train-rows", "8", "--val-rows", "12", "--sft-rows", "8"]
    first, second = (CliRunner().invoke(app, arguments) for _ in range(2))
    assert first.exit_code == second.exit_code == 0
    assert "made" in first.output and "found" in second.output
    assert "val: 12 rows (3 auto, 9 edit)" in first.output
    assert "by construction" in first.output


def test_the_command_ends_with_a_plain_error(tmp_path):
    done = CliRunner().invoke(app, ["--out", str(tmp_path / "o"), "--photos", str(tmp_path / "absent")])
    assert done.exit_code == 1
    assert "error: --photos must be a folder" in done.output


def test_the_bundled_photographs_make_a_data_set_each_in_rows_that_suit_it(tmp_path):
    config = BuildConfig(tmp_path, train_rows=160, val_rows=12, sft_rows=4)
    manifest = build_module.build(config, jobs=1, quiet=True).manifest
    assert manifest["skipped"] == []
    assert set(manifest["splits"]["val"]["photos"]) == {"flower", "rocket", "grace_hopper"}
    assert Counter(p["role"] for p in manifest["photos"]) == {"train": 5, "held_out": 3, "train_only": 7}
    facts = [row["extra_info"] for row in rows(tmp_path, "train")]
    auto, edit = ({fact["photo"] for fact in facts if fact["kind"] == kind} for kind in ("auto", "edit"))
    assert auto & {"camera", "coins", "brick", "grass", "gravel"}, "black and white ones can look natural"
    assert edit & {"retina", "ihc"} and not auto & {"retina", "ihc"}, "medical ones cannot"
    assert not (auto | edit) & {"flower", "rocket", "grace_hopper"}
