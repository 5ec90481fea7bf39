"""Reject rows, images and models that are missing, unreadable or of another form."""

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from omegaconf import DictConfig, OmegaConf

from iea.data_prep.files import file_sha256
from iea.data_prep.runner.tables import opened
from iea.recipe.guard.error import SettingError, required, setting
from iea.recipe.guard.rows import refuse_missing_images, refuse_unknown_tasks, row_fault, sampled
from iea.recipe.guard.settings import FUNCTION, REWARD
from iea.recipe.model_files import FolderError, model_digest, refuse_bad_model, weight_bytes
from iea.recipe.overrides import is_literal

OWN_DATASET = "pkg://iea.recipe.hooks.last_answer"
RL_COLUMNS = ("data_source", "reward_model", "extra_info")
_REMOTE = re.compile(r"\w{2,}://")  # hdfs://, s3://: verl fetches them
_HUB_NAME = re.compile(r"[\w.-]+/[\w.-]+")


@dataclass(frozen=True)
class Inputs:
    """Rows and model of a run.

    digests : "model" and "data" -> (place, digest of the content)
    rows : of the training files; None where they cannot be counted here
    weight_bytes : size of the model's weights; 0 where they cannot be measured here
    places : its files and folders on this machine
    """

    digests: Mapping[str, tuple[str, str]]
    rows: int | None
    weight_bytes: int
    places: Sequence[Path] = ()


def refuse_bad_inputs(config: DictConfig) -> Inputs:
    """Raise SettingError unless the trainer can read the rows, their images and the model; return what they are."""
    digests, rows = {}, None
    if files := local_files(config, "data.train_files"):
        rows = sum(refuse_bad_rows(config, path, "data.train_files") for path in files)
        digests["data"] = (", ".join(map(str, files)), " ".join(map(file_sha256, files)))
        _refuse_too_few(config, rows)
    for path in local_files(config, "data.val_files"):
        refuse_bad_rows(config, path, "data.val_files")
    key = "actor_rollout_ref.model.path" if "actor_rollout_ref" in config else "model.path"
    model = _checked_model(config, key, vision=bool(setting(config, "data.image_key")))
    if setting(config, "reward.reward_model.enable", False):
        _checked_model(config, "reward.reward_model.model_path")
    digest = model_digest(model) if isinstance(model, Path) else str(model)
    size = weight_bytes(model) if isinstance(model, Path) else 0
    places = [*files, *([model] if isinstance(model, Path) else [])]
    return Inputs(digests | {"model": (str(model), digest)}, rows, size, places)


def local_files(config: DictConfig, key: str) -> list[Path]:
    """Return the files of a setting that are on this machine's file systems."""
    given = setting(config, key)
    paths = list(given) if OmegaConf.is_list(given) else [given] if given else []
    if not paths and key == "data.train_files":
        raise SettingError(f"{key} must name parquet files, got {given!r}; make them with iea data prepare")
    if replaced := [path for path in paths if not is_literal(str(path))]:
        raise SettingError(
            f"{key} must not contain '${{' or the $NAME of a variable, got {replaced[0]!r}; rename the folder"
        )
    if odd := [path for path in paths if not isinstance(path, str) or path.startswith("file:")]:
        raise SettingError(f"{key} must name files by their paths, without file://, got {odd[0]!r}; correct it")
    return [Path(str(path)).expanduser() for path in paths if not _REMOTE.match(str(path))]


def refuse_bad_rows(config: DictConfig, path: Path, key: str) -> int:
    """Raise SettingError unless a parquet file has the columns of the trainer, known tasks and images; return its rows."""
    is_rl = "actor_rollout_ref" in config
    image_key = setting(config, "data.image_key")
    wanted = [setting(config, "data.prompt_key"), *RL_COLUMNS] if is_rl else [setting(config, "data.messages_key")]
    wanted += [image_key] if image_key else []
    if bad := [name for name in wanted if not isinstance(name, str)]:
        raise SettingError(f"the names of columns under data. must be texts, got {bad[0]!r}; correct the setting")
    if not os.path.isfile(path):  # unlike Path's, False for a path that is too long, too
        raise SettingError(f"{key} must name parquet files that exist, got {str(path)!r}; run iea data prepare first")
    try:
        with opened(path) as parquet:
            count, names = int(parquet.metadata.num_rows), parquet.schema_arrow.names
            missing = [name for name in wanted if name not in names]
            read = list(dict.fromkeys([*wanted, *(name for name in ("extra_info",) if name in names)]))
            table = parquet.read(columns=read) if not missing else None
    except ValueError as error:
        raise SettingError(f"{key}: {error}; make the file again") from error
    if _other_dataset(config):
        return count
    if table is None:
        raise SettingError(
            f"{key} must have the columns {', '.join(wanted)}, but {str(path)!r} lacks {', '.join(missing)}; "
            f"it must be a file for {'GRPO' if is_rl else 'SFT'}: see the table of mixes in docs/data.md"
        )
    if not count:
        raise SettingError(f"{key} must have rows, got none in {str(path)!r}; make the mix with more photographs")
    if not image_key and "images" in names:
        raise SettingError(
            f"{key} must hold texts alone for this recipe, got images in {str(path)!r}; see the table of mixes in docs/data.md"
        )
    if is_rl and setting(config, f"{FUNCTION}.path") == REWARD:
        refuse_unknown_tasks(config, table, path, key)
    rows = sampled(table)
    for row in rows:
        if fault := row_fault(config, row):
            raise SettingError(f"{key}: {fault} in {str(path)!r}; make the rows again with iea data mix")
    refuse_missing_images(rows, image_key, path, key)
    return count


def _other_dataset(config: DictConfig) -> bool:
    """Return True if a data set of the user reads the rows, in a form that is not known here."""
    return setting(config, "data.custom_cls.path") not in (None, OWN_DATASET)


def steps_of(config: DictConfig, rows: int | None) -> int | None:
    """Return the number of steps that a run will take; None where it cannot be counted here."""
    asked = setting(config, "trainer.total_training_steps")
    if asked is not None:
        return int(asked)
    return None if rows is None else _steps_in(config, rows)


def _steps_in(config: DictConfig, rows: int) -> int:
    limit = setting(config, "data.train_max_samples", -1)
    used = rows if limit == -1 else min(rows, limit)
    return int(used // _batch(config) * required(config, "trainer.total_epochs"))


def _batch(config: DictConfig) -> int:
    return int(setting(config, "data.gen_batch_size") or required(config, "data.train_batch_size"))


def _refuse_too_few(config: DictConfig, rows: int) -> None:
    asked, possible = setting(config, "trainer.total_training_steps"), _steps_in(config, rows)
    warmup = setting(config, "trainer.critic_warmup", 0)
    if possible and warmup >= (asked or possible):
        raise SettingError(
            f"trainer.critic_warmup must be less than the {asked or possible} steps, got {warmup}: the policy would not be "
            "trained; set it to 0"
        )
    if not possible:
        raise SettingError(
            f"the training files must have the rows of a batch, got {rows} rows and a batch of {_batch(config)} "
            "(incomplete batches are dropped); use more rows, or lower data.train_batch_size"
        )
    if asked is not None and asked > possible and not _other_dataset(config):
        raise SettingError(
            f"trainer.total_training_steps must be at most the {possible} steps of {required(config, 'trainer.total_epochs')} epochs "
            f"of {rows} rows in batches of {_batch(config)}, got {asked}; raise trainer.total_epochs"
        )


def _checked_model(config: DictConfig, key: str, *, vision: bool = False) -> Path | str:
    """Return a model's folder, or its name on the hub, where it is not a folder."""
    given = setting(config, key)
    path = Path(str(given)).expanduser()
    if not given or (
        not os.path.exists(path) and not _HUB_NAME.fullmatch(str(given)) and not _REMOTE.match(str(given))
    ):
        raise SettingError(f"{key} must be the folder of a model that exists, got {given!r}{_saved_models(path)}")
    if not os.path.exists(path):
        return str(given)
    try:
        refuse_bad_model(path, vision=vision)
    except FolderError as error:
        raise SettingError(f"{key}: {error}") from error
    return path


def _saved_models(path: Path) -> str:
    """Name the models that a trainer saved near a missing path."""
    roots: Sequence[Path] = [one for one in (path, *list(path.parents)[:2]) if os.path.isdir(one)][:1]
    found = [
        one for root in roots for one in (*root.glob("global_step_*/huggingface"), *root.glob("*/actor/huggingface"))
    ]
    newest = max(found, key=lambda one: one.stat().st_mtime, default=None)
    return f"; a saved one is {str(newest)!r}" if newest else "; train it first, or correct the path"
