"""Reject rows that a trainer could not show, or a reward not score."""

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeGuard

import pyarrow as pa
from omegaconf import DictConfig

from iea.recipe.guard.error import SettingError, setting
from iea.recipe.guard.settings import FUNCTION, KWARGS, REWARD
from iea.reward_fns.tasks import SOURCES

ROWS_LOOKED_AT = 256  # rows of a file whose images must exist: enough to see that images moved, quick on a network disk
IMAGES_OF_REWARD = ("original", "reference", "previous")


def refuse_unknown_tasks(config: DictConfig, table: pa.Table, path: Path, key: str) -> None:
    column = table["data_source"]
    sources = set(column.unique().to_pylist()) if pa.types.is_string(column.type) else {str(column.type)}
    if unknown := sorted(map(str, sources - set(SOURCES))):
        raise SettingError(
            f"{key}: data_source must be one of {', '.join(sorted(SOURCES))}, got {unknown[0]!r} in {str(path)!r}; "
            "make the rows with iea data mix, or add the task to iea.reward_fns.tasks"
        )
    judged = {source for source in sources if SOURCES[source].name == "summary"}
    if judged == sources and setting(config, f"{KWARGS}.judge") is None:
        raise SettingError(
            f"{key}: all rows of {str(path)!r} are summaries, which need a judge, got {KWARGS}.judge=null; add the "
            "layer served_judge, see docs/judge.md"
        )
    if judged and setting(config, f"{KWARGS}.judge") is None:
        print(
            f"verl-iea, warning: {str(path)!r} holds summaries, from which nothing is learned without a judge; add the "
            "layer served_judge, or choose a mix without them",
            flush=True,
        )


def row_fault(config: DictConfig, row: Mapping[str, Any]) -> str | None:
    """Return what a row lacks to be trained on and scored: the rule, and what came; None if it is whole."""
    is_rl, image_key = "actor_rollout_ref" in config, setting(config, "data.image_key")
    name = setting(config, f"data.{'prompt' if is_rl else 'messages'}_key")
    turns = row[name]
    if not _filled_list(turns) or not all(
        isinstance(turn, Mapping) and isinstance(turn.get("role"), str) and turn.get("content") for turn in turns
    ):
        return f"{name} must be messages with a role and a content, got {turns!r:.80}"
    if image_key and not (_filled_list(images := row[image_key]) and all(images)):
        return f"{image_key} must be a list of images, got {images!r:.80}"
    if not is_rl or setting(config, f"{FUNCTION}.path") != REWARD:
        return None
    if not isinstance(given := row["reward_model"], Mapping) or given.get("ground_truth") is None:
        return f"reward_model must have a ground_truth, got {given!r:.80}"
    task, extra = SOURCES[row["data_source"]], row["extra_info"]
    if not isinstance(extra, Mapping):
        return f"extra_info must be a group of values, got {extra!r:.80}"
    if task.name == "summary":
        if setting(config, f"{KWARGS}.judge") is None or _filled_list(said := extra.get("summaries")) and all(said):
            return None
        return f"extra_info of {row['data_source']} must have summaries, got {said!r:.80}"
    for one in (*task.images, "reference"):
        if not isinstance(extra.get(one), str) or not extra[one]:
            return f"extra_info of {row['data_source']} must have the path of its {one}, got {extra.get(one)!r:.80}"
    return None


def _filled_list(value: object) -> TypeGuard[list[Any]]:
    return isinstance(value, list) and bool(value)


def sampled(table: pa.Table) -> list[dict[str, Any]]:
    count = table.num_rows
    chosen = sorted({index * count // ROWS_LOOKED_AT for index in range(ROWS_LOOKED_AT)})
    rows: list[dict[str, Any]] = table.take(chosen).to_pylist()
    return rows


def refuse_missing_images(rows: Sequence[Mapping[str, Any]], image_key: str | None, path: Path, key: str) -> None:
    paths = {one for row in rows for one in _image_paths(row, image_key)}
    missing = sorted(one for one in paths if not os.path.isfile(one.removeprefix("file://")))
    if missing:
        raise SettingError(
            f"{key}: the images of the rows must exist, but {len(missing)} of {len(paths)} images in {len(rows)} rows "
            f"of {str(path)!r} do not, such as {missing[0]!r}; mount or restore their folder, or make the rows again"
        )


def _image_paths(row: Mapping[str, Any], image_key: str | None) -> Iterable[str]:
    """Yield the paths of the images that a row shows, and of those that its reward reads."""
    for image in row.get(image_key or "") or ():
        shown = image.get("image") if isinstance(image, Mapping) else image
        if isinstance(shown, str) and not shown.startswith(("http://", "https://", "data:")):
            yield shown
    extra = row.get("extra_info") if "reward_model" in row else None  # of the judge's rows they are sentences
    for name in IMAGES_OF_REWARD:
        if isinstance(extra, Mapping) and isinstance(extra.get(name), str) and extra[name]:
            yield extra[name]
