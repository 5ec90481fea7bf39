"""The files of rows on which policies are evaluated: of the call `prepare`, and of a second source that may be missing."""

from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from iea.data_prep.mix.held_out import MIX, write_held_out
from iea.data_prep.mix.step import MixConfig
from iea.data_prep.prepare import PrepareConfig, prepare
from iea.data_prep.schema import EXAMPLES, RL_SCHEMA

FEW = """
rows: rl
parts:
  - {name: Edit, where: {task: edit, persona: template}, count: 3}
  - {name: Summary, where: {task: summary}, count: 100}
  - {name: Refine, where: {task: refine}, count: 1}
"""


def test_parts_have_their_counts_and_every_photograph_its_share(
    example_rows: list[dict[str, Any]], tmp_path: Path
) -> None:
    val = [row | {"split": "val"} for row in example_rows]
    pq.write_table(pa.Table.from_pylist(val, schema=EXAMPLES), tmp_path / "examples.parquet")
    (tmp_path / "few.yaml").write_text(FEW)
    config = MixConfig(str(tmp_path / "few.yaml"), (tmp_path / "examples.parquet",), tmp_path / "rows.parquet")
    manifest = write_held_out(config, quiet=True)
    assert pq.read_schema(config.out).equals(RL_SCHEMA)
    rows = pq.read_table(config.out).to_pylist()
    assert Counter(row["ability"] for row in rows) == {"edit": 3, "summary": 32, "refine": 1}
    assert manifest["rows"]["rows"] == 36
    edited = Counter(row["extra_info"]["photo"] for row in rows if row["ability"] == "edit")
    assert max(edited.values()) == 1
    before = config.out.stat().st_mtime_ns
    assert write_held_out(config, quiet=True) == manifest and config.out.stat().st_mtime_ns == before
    config.out.write_bytes(b"cut")
    assert write_held_out(config, quiet=True) == manifest
    assert write_held_out(replace(config, seed=1), quiet=True)["sha256"] != manifest["sha256"]


def test_rows_of_training_are_not_evaluated(example_rows: list[dict[str, Any]], tmp_path: Path) -> None:
    trained = [row | {"split": "train"} for row in example_rows]
    pq.write_table(pa.Table.from_pylist(trained, schema=EXAMPLES), tmp_path / "examples.parquet")
    config = MixConfig(MIX, (tmp_path / "examples.parquet",), tmp_path / "rows.parquet")
    with pytest.raises(ValueError, match="must have rows of the val split, got none"):
        write_held_out(config, quiet=True)


@pytest.fixture
def config(make_photo: Any, tmp_path: Path) -> PrepareConfig:
    for seed in range(6):
        make_photo(tmp_path / f"photos/{seed}.png", seed)
    few = {"pairs_per_photo": 4, "val_pairs_per_photo": 8, "judged": 0}
    return PrepareConfig(
        tmp_path / "out", tmp_path / "photos", fold=1, style="short", size=56, difficulty="lane", **few
    )


def test_a_second_source_is_evaluated_and_never_trained_on(
    config: PrepareConfig, make_photo: Any, tmp_path: Path
) -> None:
    for seed in (20, 21):
        make_photo(tmp_path / f"others/{seed}.png", seed)
    manifests = prepare(replace(config, second=f"folder={tmp_path / 'others'}"), workers=1, sheets=False, quiet=True)
    assert list(manifests) == ["stage1", "stage2", "stage3", "held_out", "second"]
    photos = {
        name: {row["photo"] for row in pq.read_table(config.out / f"{name}.parquet")["extra_info"].to_pylist()}
        for name in ("held_out", "second", "stage1/train", "stage2/train", "stage3/train")
    }
    assert photos["second"] == {"folder:20.png", "folder:21.png"}
    trained = photos["stage1/train"] | photos["stage2/train"] | photos["stage3/train"]
    assert photos["held_out"] and not trained & (photos["held_out"] | photos["second"])
    for name in ("held_out", "second"):
        sources = set(pq.read_table(config.out / f"{name}.parquet")["data_source"].to_pylist())
        assert sources == {"iea/edit", "iea/auto", "iea/summary", "iea/refine"}


def test_a_second_source_without_photographs_is_left_out_by_name(
    config: PrepareConfig, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))  # where apt-get is not
    manifests = prepare(replace(config, second=f"debian={tmp_path / 'debian'}"), workers=1, sheets=False)
    assert "second" not in manifests and not (config.out / "second.parquet").exists()
    said = capsys.readouterr().out
    assert "no second evaluation file: " in said and "apt-get is not installed" in said
    assert not (config.out / "second").exists()


def test_an_unknown_second_source_is_an_error_at_once(config: PrepareConfig) -> None:
    with pytest.raises(ValueError, match="a source must be one of .*got 'flickr'"):
        replace(config, second="flickr=x")
