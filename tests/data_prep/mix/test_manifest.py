"""A finished mix is kept, made again if what it was made from has changed, and never overwritten by another."""

import json
from pathlib import Path

import pytest
from mixed import named_only, rows, table

from iea.data_prep.mix.step import MixConfig, mix, summary
from iea.data_prep.runner import Step, run
from iea.data_prep.schema import EXAMPLES


def test_a_folder_of_other_files_is_left_alone(examples, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "train.parquet").write_text("mine")
    with pytest.raises(ValueError, match="choose another"):
        mix(MixConfig("stage1", (examples,), tmp_path / "out"), quiet=True)
    assert (tmp_path / "out" / "train.parquet").read_text() == "mine"


def test_an_interrupted_mix_is_made_again(examples, tmp_path):
    (tmp_path / "out" / ".work").mkdir(parents=True)
    (tmp_path / "out" / ".work" / "train.parquet").write_text("cut off")
    (tmp_path / "out" / "train.parquet").write_text("of a previous mix")
    (tmp_path / "out" / ".iea.lock").touch()
    mix(MixConfig("stage1", (examples,), tmp_path / "out"), quiet=True)
    assert len(rows(tmp_path / "out")) == 24
    assert not (tmp_path / "out" / ".work").exists()


OTHER_MIXES = {
    "mix": {"stage": "stage2"},
    "mix of the same rows": {"stage": "stage3"},
    "file": {"stage": "mine.yaml"},
    "seed": {"seed": 1},
    "rows": {"rows": 5},
    "style": {"style": "short"},
    "noise": {"label_noise": 0.5},
}


@pytest.mark.parametrize("other", OTHER_MIXES.values(), ids=OTHER_MIXES)
@pytest.mark.parametrize("interrupted", [False, True])
def test_a_finished_mix_is_kept_and_never_overwritten_by_another(examples, tmp_path, monkeypatch, other, interrupted):
    def made(**changed):
        mix(MixConfig(**{"stage": "stage1", "tables": (examples,), "out": tmp_path / "out"} | changed), quiet=True)

    def files():
        return {path.name: path.stat().st_mtime_ns for path in (tmp_path / "out").iterdir() if path.is_file()}

    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.yaml").write_text("rows: sft\nparts:\n  - {name: all, ratio: 1}\n")
    made()
    first = files()
    if interrupted:
        (tmp_path / "out/.work").mkdir()
    with pytest.raises(ValueError, match="one of the same mix and settings.*choose another, or remove"):
        made(**other)
    assert files() == first
    made()
    assert files() == first


@pytest.mark.parametrize(
    "key", ["rejected", "parts", "rows", "files", "inputs", "usable_rows", "sha256", "code_sha256"]
)
@pytest.mark.parametrize("value", [None, 5, [], "x", {}])
def test_a_damaged_manifest_is_made_again(examples, tmp_path, key, value):
    config, manifest = MixConfig("stage1", (examples,), tmp_path / "out"), tmp_path / "out/manifest.json"
    mix(config, quiet=True)
    whole = manifest.read_bytes()
    manifest.write_text(json.dumps(json.loads(whole) | {key: value}))
    summary(config.out, mix(config, quiet=True))
    assert json.loads(manifest.read_bytes()) == json.loads(whole)


@pytest.mark.parametrize("content", ["", "[]", "5", "null", '"x"', "{}", "{", "[" * 5000, '{"mix": 5}'])
def test_a_manifest_that_is_none_is_one_line(iea, examples, tmp_path, content):
    config = MixConfig("stage1", (examples,), tmp_path / "out")
    mix(config, quiet=True)
    (config.out / "manifest.json").write_text(content)
    done = iea("data", "mix", "stage1", "--table", examples, "--out", config.out)
    assert done.exit_code == 1 and isinstance(done.exception, SystemExit) and "manifest.json" in done.output


def test_a_table_that_is_given_twice_is_refused_under_any_name(examples, tmp_path):
    link, copy = tmp_path / "link.parquet", tmp_path / "copy.parquet"
    link.symlink_to(examples)
    copy.write_bytes(examples.read_bytes())
    (tmp_path / "below").symlink_to(tmp_path, target_is_directory=True)
    for other in (examples, link, copy, tmp_path / "below" / "examples.parquet"):
        with pytest.raises(ValueError, match="every --table must hold rows of its own"):
            mix(MixConfig("stage1", (examples, other), tmp_path / "out"), quiet=True)
    assert not (tmp_path / "out").exists()


def test_a_mix_is_not_written_into_its_own_table_or_a_folder_of_others(example_rows, examples, tmp_path):
    step = Step("examples", EXAMPLES, named_only, {})
    folder = tmp_path / "shards"
    run(step, example_rows, folder, workers=1, quiet=True)
    (tmp_path / "link").symlink_to(folder)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "notes.txt").write_text("mine")
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    for out, message in (
        (folder, "another folder"),
        (tmp_path / "link", "another folder"),
        (tmp_path, "another folder"),
    ):
        with pytest.raises(ValueError, match=message):
            mix(MixConfig("stage1", (examples, folder), out), quiet=True)
    with pytest.raises(ValueError, match="files of its own"):
        mix(MixConfig("stage1", (examples,), tmp_path / "full"), quiet=True)
    (tmp_path / "full" / ".iea.lock").touch()
    with pytest.raises(ValueError, match=r"files of its own and no readable manifest\.json"):
        mix(MixConfig("stage1", (examples,), tmp_path / "full"), quiet=True)
    (tmp_path / "full" / ".iea.lock").unlink()
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_a_finished_mix_notices_missing_and_restored_images(example_rows, tmp_path):
    copied = {}
    for column in ("original", "reference", "previous"):
        for path in {row[column] for row in example_rows if row[column]}:
            copied[path] = tmp_path / "images" / Path(path).name
    copied[""] = ""
    (tmp_path / "images").mkdir()
    for path, copy in copied.items():
        if path:
            copy.write_bytes(Path(path).read_bytes())
    moved = [row | {c: str(copied[row[c]]) for c in ("original", "reference", "previous")} for row in example_rows]
    config = MixConfig("stage1", (table(tmp_path / "examples.parquet", moved),), tmp_path / "out")
    whole = mix(config, quiet=True)
    gone = Path(moved[0]["original"])
    content = gone.read_bytes()
    gone.unlink()
    assert mix(config, quiet=True)["rejected"] == {"missing_image": 8}
    gone.write_bytes(content)
    assert mix(config, quiet=True) == whole, "what the environment caused is not kept"
    made = (tmp_path / "out" / "train.parquet").stat().st_mtime_ns
    assert mix(config, quiet=True) == whole and (tmp_path / "out" / "train.parquet").stat().st_mtime_ns == made


def test_a_changed_table_is_mixed_again(examples, example_rows, tmp_path):
    config = MixConfig("stage1", (examples,), tmp_path / "out")
    mix(config, quiet=True)
    table(examples, example_rows[8:])
    assert sum(mix(config, quiet=True)["rows"]["train"]["task"].values()) == len(rows(tmp_path / "out")) == 20
