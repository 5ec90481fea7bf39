"""One call from sources to the files of every stage."""

import hashlib
import json
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from PIL import Image

from iea.data_prep.annotate.label_noise import label_of
from iea.data_prep.annotate.offline import Offline, annotate_offline
from iea.data_prep.ingest.sources.bundled import everyday_photographs
from iea.data_prep.prepare import PrepareConfig, prepare
from iea.data_prep.runner import Item, Report
from iea.data_prep.schema import JUDGE_SCHEMA, RL_SCHEMA, SFT_SCHEMA
from iea.editor import TOOLS, Program, distance, leave_one_out, render
from iea.editor.io import read_image, write_image

Row = dict[str, Any]
SCRIPT = Path(__file__).parents[1] / "scripts" / "killed_prepare.py"
MADE = ["stage1", "stage2", "stage3", "judge", "held_out"]
HELD_OUT = {"folder:1.png", "folder:4.png", "folder:below/6.png"}
"""Of the fixture's seven photographs, in fold 0."""


def rows(out: Path, stage: str, split: str = "train") -> list[Row]:
    return list(pq.read_table(out / stage / f"{split}.parquet").to_pylist())


def contents(out: Path) -> dict[str, str]:
    """Return the digest of every file below `out` but the hidden ones, which hold times."""
    files = sorted(path for path in out.rglob("*") if path.is_file() and not path.name.startswith("."))
    return {path.relative_to(out).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_rl_rows_follow_the_contract_with_verl(prepared: Path) -> None:
    for split in ("train", "val"):
        assert pq.read_schema(prepared / "stage2" / f"{split}.parquet").equals(RL_SCHEMA)
        for index, row in enumerate(rows(prepared, "stage2", split)):
            info = row["extra_info"]
            assert (info["index"], info["split"]) == (index, split)
            assert row["data_source"] == f"iea/{info['kind']}" and row["ability"] == "edit"
            assert row["reward_model"] == {"style": "rule", "ground_truth": info["program"]}
            (image,) = row["images"]
            assert image["image"] == info["original"] and image.keys() == {"image", "min_pixels", "max_pixels"}
            (message,) = row["prompt"]
            assert message["role"] == "user" and message["content"].startswith("<image>")
            assert message["content"].count("<image>") == 1
            assert info["original"].startswith(str(prepared)) and info["reference"].endswith(".png")


def test_programs_render_the_reference_or_restore_it(prepared: Path) -> None:
    for row in rows(prepared, "stage2"):
        info = row["extra_info"]
        original, reference = read_image(info["original"]), read_image(info["reference"])
        program = Program.from_json(info["program"])
        edited = render(original, program)
        if info["kind"] == "edit":
            assert np.array_equal(edited, reference)
        else:
            assert distance(edited, reference) <= 0.5 * distance(original, reference)
        result = leave_one_out(original, reference, program)
        assert all(without > result.after for without in result.without.values())


def test_a_quarter_of_the_rows_have_no_request(prepared: Path) -> None:
    assert Counter(row["extra_info"]["kind"] for row in rows(prepared, "stage1")) == {"edit": 72, "auto": 24}


def test_held_out_photographs_share_the_val_rows_evenly(prepared: Path) -> None:
    for stage in ("stage1", "stage2"):
        val = Counter((r["extra_info"]["photo"], r["extra_info"]["kind"]) for r in rows(prepared, stage, "val"))
        assert val == Counter({(photo, kind): n for photo in HELD_OUT for kind, n in (("edit", 6), ("auto", 2))})
        train = {row["extra_info"]["photo"] for row in rows(prepared, stage)}
        assert len(train) == 4 and not train & HELD_OUT


def test_easy_edits_use_all_tools_in_both_directions(prepared: Path) -> None:
    counts: Counter[tuple[str, int]] = Counter()
    for row in rows(prepared, "stage1") + rows(prepared, "stage1", "val"):
        if row["extra_info"]["kind"] == "edit":
            program = json.loads(_true_programs(prepared)[row["extra_info"]["name"]])
            assert 1 <= len(program) <= 5 and {abs(value) for value in program.values()} <= {20, 45, 80}
            counts.update((tool, 1 if value > 0 else -1) for tool, value in program.items())
    by_tool = {tool: counts[tool, 1] + counts[tool, -1] for tool in TOOLS}
    assert min(by_tool.values()) >= 5 and max(by_tool.values()) <= 4 * min(by_tool.values())
    assert all(counts[tool, -1] >= 2 for tool, found in TOOLS.items() if found.low < 0)


def _true_programs(out: Path) -> dict[str, str]:
    """Return name -> program of the synthetic table."""
    found = [pq.read_table(path) for path in sorted((out / "synthetic/examples").glob("*.parquet"))]
    return {row["name"]: row["program"] for table in found for row in table.to_pylist()}


def test_sft_answers_are_programs_with_label_noise(prepared: Path) -> None:
    true = _true_programs(prepared)
    for split in ("train", "val"):
        assert pq.read_schema(prepared / "stage1" / f"{split}.parquet").equals(SFT_SCHEMA)
        for row in rows(prepared, "stage1", split):
            user, assistant = row["messages"]
            assert (user["role"], assistant["role"]) == ("user", "assistant")
            assert user["content"].count("<image>") == len(row["images"]) == 1
            name = row["extra_info"]["name"]
            label = label_of(Program.from_json(true[name]), 1.0, 0, name)
            assert assistant["content"] == label.to_json(json.loads(true[name]))


def test_sft_and_rl_have_the_same_validation_prompts(prepared: Path) -> None:
    prompts = [(row["prompt"][0]["content"], row["images"]) for row in rows(prepared, "stage2", "val")]
    assert prompts == [(r["messages"][0]["content"], r["images"]) for r in rows(prepared, "stage1", "val")]


@pytest.fixture
def own(small: PrepareConfig, tmp_path: Path) -> PrepareConfig:
    """Return the settings of a smaller data set for one test."""
    few = {"pairs_per_photo": 16, "val_pairs_per_photo": 8, "stage1_rows": None, "stage2_rows": None}
    return replace(small, out=tmp_path / "out", **few)  # type: ignore[arg-type]


def make(config: PrepareConfig, workers: int = 1) -> dict[str, str]:
    """Prepare without contact sheets; return the contents of the folder."""
    prepare(config, workers=workers, sheets=False, quiet=True)
    return contents(config.out)


def test_label_noise_changes_only_answers(own: PrepareConfig) -> None:
    noisy = make(own)
    with pytest.raises(ValueError, match="same mix and settings"):
        make(replace(own, label_noise=0.0))
    shutil.rmtree(own.out / "stage1")
    exact = make(replace(own, label_noise=0.0))
    changed = {name for name in noisy if noisy[name] != exact[name]}
    assert changed == {f"stage1/{name}" for name in ("train.parquet", "val.parquet", "manifest.json")}
    true = _true_programs(own.out)
    for row in rows(own.out, "stage1"):
        assert row["messages"][1]["content"] == true[row["extra_info"]["name"]]


def test_looks_are_rows_of_their_own(own: PrepareConfig) -> None:
    make(replace(own, looks=True))
    assert {len(row["messages"]) for row in rows(own.out, "two_turns")} == {2, 4}
    assert {len(row["messages"]) for row in rows(own.out, "stage1")} == {2}


def test_a_repeated_call_keeps_the_files(own: PrepareConfig) -> None:
    def times() -> dict[Path, int]:
        made = [path for name in ("synthetic", "stage1", "stage2") for path in (own.out / name).rglob("*.p*")]
        return {path: path.stat().st_mtime_ns for path in made}

    first = make(own)
    before = times()
    assert make(own) == first and times() == before


@pytest.mark.parametrize("change", ["added", "replaced", "removed", "output deleted"])
def test_a_changed_folder_of_photographs_changes_all_that_is_made_of_it(
    change: str, own: PrepareConfig, make_photo: Any, tmp_path: Path
) -> None:
    config = replace(own, photos=tmp_path / "photos", pairs_per_photo=2, val_pairs_per_photo=2)
    for seed in range(7):
        make_photo(tmp_path / f"photos/{seed}.png", seed)
    before = make(config)
    if change == "added":
        make_photo(tmp_path / "photos/2b.png", 20)
    elif change == "replaced":
        make_photo(tmp_path / "photos/2.png", 20)
    elif change == "removed":
        (tmp_path / "photos/2.png").unlink()
    else:
        next((config.out / "synthetic/images").rglob("*.png")).unlink()
    after = make(config)
    assert (after == before) == (change == "output deleted")
    shutil.rmtree(config.out)
    fresh = make(config)
    images = {name for name in after if "/images/" in name}  # those that nothing names any more stay
    assert {name: after[name] for name in after.keys() - images} == {
        name: fresh[name] for name in fresh.keys() - images
    }
    assert all(after[name] == fresh[name] for name in fresh)


def test_a_damaged_mix_is_made_again(own: PrepareConfig) -> None:
    whole = make(own)
    (own.out / "stage2/val.parquet").write_bytes(b"cut")
    (own.out / "stage1/manifest.json").write_text("{")
    with pytest.raises(ValueError, match="files of its own"):
        make(own)
    (own.out / "stage1/train.parquet").unlink()
    (own.out / "stage1/val.parquet").unlink()
    (own.out / "stage1/manifest.json").unlink()
    assert make(own) == whole


@pytest.mark.slow
def test_the_bytes_do_not_depend_on_the_number_of_workers(own: PrepareConfig) -> None:
    pytest.importorskip("ray", reason="needs the scale extra")
    expected = make(own)
    shutil.rmtree(own.out)
    assert make(own, workers=2) == expected


@pytest.mark.slow
@pytest.mark.parametrize("place", ["synthesis", "mix"])
def test_a_killed_call_resumes_to_the_same_bytes(own: PrepareConfig, place: str) -> None:
    """The call is killed in the second shard of synthesis, or in the second parquet file of a mix."""
    expected = make(own)
    shutil.rmtree(own.out)
    settings = json.dumps(asdict(own), default=str)
    command = [sys.executable, str(SCRIPT), settings, place]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert not (own.out / "stage1/manifest.json").exists()
    assert make(own) == expected


def test_seed_and_fold_change_the_rows(own: PrepareConfig, tmp_path: Path) -> None:
    texts = []
    few = replace(own, pairs_per_photo=4, val_pairs_per_photo=4)
    for number, config in enumerate((few, replace(few, seed=1), replace(few, fold=1))):
        out = tmp_path / str(number)
        make(replace(config, out=out))
        texts.append([(r["prompt"][0]["content"], r["extra_info"]["photo"]) for r in rows(out, "stage2", "val")])
    assert texts[0] != texts[1]
    assert not {photo for _, photo in texts[0]} & {photo for _, photo in texts[2]}


def test_other_settings_in_the_same_folder_are_an_error(small: PrepareConfig, prepared: Path) -> None:
    with pytest.raises(ValueError, match="choose a new folder"):
        make(replace(small, seed=5))


def test_an_empty_split_is_an_error_before_synthesis(own: PrepareConfig, make_photo: Any, tmp_path: Path) -> None:
    make_photo(tmp_path / "photos/0.png")
    with pytest.raises(ValueError, match="in val, got none of 1; .* with --fold"):
        make(replace(own, photos=tmp_path / "photos", fold=None))
    assert not (own.out / "synthetic").exists()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"size": 100}, "multiple of 28, got 100"),
        ({"label_noise": 1.5}, r"label_noise must be in \[0, 1\], got 1.5"),
        ({"seed": -1}, "seed must be 0 or more"),
        ({"difficulty": "odd"}, "one of paper, easy, .*got 'odd'"),
        ({"style": "odd"}, "style must be one of"),
        ({"photos": None}, "at least one source"),
        ({"source": ("flickr=x",)}, "must be one of bundled, .* got 'flickr'"),
    ],
)
def test_settings_out_of_range_are_errors(small: PrepareConfig, change: Row, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(small, **change)


@pytest.fixture(scope="module")
def paired(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a folder of GIER with four pairs, one of them for validation."""
    root = tmp_path_factory.mktemp("gier")
    (root / "images").mkdir()
    rng = np.random.default_rng(0)
    for split, names in (("train", "abc"), ("val", "d")):
        records = []
        for name in names:
            ramp = np.linspace(15, 225, 84)[None, :, None] * rng.uniform(0.6, 1.0, 3)
            original = np.clip(ramp + rng.normal(0, 20, (84, 84, 3)), 0, 255).astype(np.uint8)
            write_image(root / f"images/{name}_in.png", original)
            write_image(root / f"images/{name}_out.png", render(original, {"exposure": 45, "saturation": -45}))
            operators = {tool: {"local": False, "ids": []} for tool in ("exposure", "saturation")}
            texts = {"expert_summary": ["Raise the exposure."], "amateur_summary": ["it is too dark"]}
            records.append({"input": f"{name}_in.png", "output": f"{name}_out.png", "operator": operators, **texts})
        (root / f"{split}_sess_1.json").write_text(json.dumps(records))
    return root


@pytest.mark.slow
def test_pairs_with_references_make_all_stages(paired: Path, tmp_path: Path) -> None:
    folders: list[Path] = []

    def annotate(pairs: Sequence[Item], out: Path) -> Report:
        folders.append(out)
        return annotate_offline(pairs, out, Offline(evaluations=40), workers=1)

    config = PrepareConfig(
        tmp_path / "out",
        source=(f"gier={paired}",),
        max_pixels=84 * 84,
        size=56,
        pairs_per_photo=4,
        judged=4,
        judged_val=2,
        oracle=False,
    )
    manifests = prepare(config, annotate=annotate, workers=1, quiet=True)
    assert list(manifests) == MADE and folders == [tmp_path / "out/annotated"]
    for stage, schema in (("stage1", SFT_SCHEMA), ("stage2", RL_SCHEMA), ("judge", JUDGE_SCHEMA)):
        for split in ("train", "val"):
            assert pq.read_schema(config.out / stage / f"{split}.parquet").equals(schema)
            assert rows(config.out, stage, split)
    assert {row["extra_info"]["origin"] for row in rows(config.out, "stage1")} == {"gier"}
    assert {row["extra_info"]["origin"] for row in rows(config.out, "stage3")} == {"gier", "synthetic"}
    assert (config.out / "stage3/sheet.png").is_file() and (config.out / "stage3/stats/stats.md").is_file()


def test_photographs_alone_make_all_stages(photo_folder: Path, tmp_path: Path) -> None:
    config = PrepareConfig(tmp_path / "out", photo_folder, fold=0, size=56, pairs_per_photo=2, judged=4, judged_val=2)
    assert list(prepare(config, workers=1, sheets=False, quiet=True)) == MADE
    kinds = {stage: {row["data_source"] for row in rows(config.out, stage)} for stage in ("stage1", "stage2", "stage3")}
    assert kinds == {
        "stage1": {"iea/edit", "iea/auto", "iea/summary"},
        "stage2": {"iea/edit", "iea/auto", "iea/summary"},
        "stage3": {"iea/edit", "iea/auto", "iea/summary", "iea/refine"},
    }
    system, _ = rows(config.out, "stage2")[0]["prompt"]
    assert "exposure [" in system["content"], "the full prompt lists the tools"
    true = _true_programs(config.out)
    edits = [row for row in rows(config.out, "stage1") if row["data_source"] == "iea/edit"]
    assert all(row["extra_info"]["program"] == true[row["extra_info"]["name"]] for row in edits)


@pytest.mark.parametrize("place", ["photos/out", "."])
def test_folders_of_photographs_and_data_may_hold_each_other(
    place: str, make_photo: Any, small: PrepareConfig, tmp_path: Path
) -> None:
    for seed in range(6):
        make_photo(tmp_path / f"photos/{seed}.png", seed)
    few = replace(small, photos=tmp_path / "photos", pairs_per_photo=2, val_pairs_per_photo=2, stage1_rows=None, fold=1)
    config = replace(few, out=tmp_path / place, stage2_rows=None)
    first = make(config)
    assert make(config) == first
    assert {row["photo"] for row in pq.read_table(config.out / "pairs/pairs.parquet").to_pylist()} == {
        f"folder:{seed}.png" for seed in range(6)
    }
    for wrong in (".", "pairs", "synthetic/images"):
        with pytest.raises(ValueError, match="must not be one that this command writes"):
            replace(config, photos=config.out / wrong)


def test_copies_of_a_photograph_share_a_split_in_every_stage(tmp_path: Path, small: PrepareConfig) -> None:
    """Smaller and stronger compressed JPEG copies, and the bundled photographs themselves as a second source."""
    for name, path in everyday_photographs().items():
        image = Image.open(path).convert("RGB")
        image.resize((image.width // 2, image.height // 2)).save(tmp_path / f"{name}_half.jpg", quality=60)
        image.resize((image.width * 2 // 3, image.height * 2 // 3)).save(tmp_path / f"{name}_web.jpg", quality=85)
    few = replace(small, pairs_per_photo=1, val_pairs_per_photo=1, stage1_rows=None, stage2_rows=None, judged=0)
    config = replace(few, out=tmp_path / "out", photos=tmp_path, source=("bundled",), fold=0)
    make(config)
    pairs = pq.read_table(config.out / "pairs/pairs.parquet").to_pylist()
    places: dict[str, set[tuple[str, str]]] = {}
    for row in pairs:
        name = row["name"].rsplit("_half")[0].rsplit("_web")[0]
        places.setdefault(name, set()).add((row["group"], row["split"]))
    assert all(len(found) == 1 for found in places.values()), places
    assert {name for name, found in places.items() if "val" in dict(found).values()} == {
        "flower",
        "rocket",
        "grace_hopper",
    }
    groups = {row["photo"]: row["group"] for row in pairs}
    for stage in ("stage1", "stage2"):
        held = {groups[row["extra_info"]["photo"]] for row in rows(config.out, stage, "val")}
        trained = {groups[row["extra_info"]["photo"]] for row in rows(config.out, stage)}
        assert held and trained and not held & trained
