"""Command lines with hostile words: each ends with a result or one line that names the fault, and nothing is trained."""

import random
import time
import traceback
from collections.abc import Iterator
from copy import deepcopy
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import typer
from homes import TRAINERS, composed, write_home
from omegaconf import DictConfig, OmegaConf
from typer.testing import CliRunner

from iea.recipe.cli import app
from iea.recipe.guard import JobGuard

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]

# trainings and servers start with their plain options alone, so one of these has a value that none takes
NEVER_STARTED = {("train",): ("--seed", "-1"), ("judge", "train"): ("--steps", "0"), ("web",): ("--days", "0")}
SLOW = {("doctor",)}  # imports verl
WORDS = [
    *(
        "",
        " ",
        "0",
        "-1",
        "1",
        "2",
        "10**9",
        "99999999999999999999",
        "1e999",
        "nan",
        "inf",
        "-inf",
        "0.5",
        "true",
        "null",
    ),
    *("é新", "a=b", "a,b", "'", '"', "${iea.w}", "{", "[", "\u202e", "\udc80", "/dev/null", "/proc/self/mem"),
    *(
        "--help",
        "-h",
        "--",
        "--traceback",
        "x" * 5000,
        "a/" * 2000,
        "http://127.0.0.1:1/v1",
        "file:///etc",
        "+recipe=iea",
    ),
    *(
        "trainer.nnodes=0",
        "checkpoint",
        "gray",
        "folder",
        "bundled",
        "greedy",
        "stage1",
        "judge",
        "easy",
        "full",
        "short",
    ),
]
VALUES: list[Any] = [
    *(None, "", " ", "x", "é新", "${iea.none}", "???", True, False, 0, -1, 1, 2, 3, 2**70, 0.5, -0.5, 1e308),
    *(
        float("nan"),
        float("inf"),
        [],
        [1, 2],
        ["/x"],
        {},
        {"a": 1},
        "/dev/null",
        "/none",
        "a/b",
        "hdfs://x/y",
        "~",
        "x" * 5000,
    ),
]


def files(folder: Path) -> list[str]:
    """Write files and folders that a command may be given; return their paths."""
    write_home(folder / "home")
    for name, content in {
        "empty": b"",
        "binary": bytes(range(256)) * 8,
        "cut.parquet": b"PAR1" + b"\0" * 64,
        "text.json": b'{"a": [1,',
        "list.json": b"[1, 2]",
        "mix.yaml": b"rows: rl\nparts: 3\n",
        "png.png": b"\x89PNG\r\n\x1a\n" + b"\0" * 32,
    }.items():
        (folder / name).write_bytes(content)
    (folder / "folder").mkdir()
    (folder / "loop").symlink_to(folder / "loop")
    made = [path for path in folder.rglob("*") if path.name != "loop" and "home" not in path.name]
    return [*map(str, made), str(folder / "loop"), str(folder / "none"), str(folder / "none/none.parquet")]


def commands(group: Any, context: Any, *path: str) -> Iterator[tuple[tuple[str, ...], list[Any]]]:
    """Yield the path and the parameters of every command below `group`."""
    if hasattr(group, "list_commands"):
        for name in group.list_commands(context):
            _, command, _ = group.resolve_command(context, [name])
            yield from commands(command, context, *path, name)
    else:
        yield path, group.params


def command_lines(rng: random.Random, there: list[str], out: Path) -> Iterator[list[str]]:
    """Yield command lines without end: what a command requires, mostly, and up to three other options."""
    root = typer.main.get_command(app)
    known = [one for one in commands(root, typer.Context(root)) if one[0] not in SLOW]
    for number in count():
        path, parameters = rng.choice(known)
        line = [*path, *NEVER_STARTED.get(path, ())]
        free = [one for one in parameters if one.opts[0] not in ("--home", "--cache", *line)]
        required = [one for one in free if one.required and rng.random() < 0.95]
        for one in [*required, *rng.sample(free, rng.randint(0, min(3, len(free))))]:
            if one.opts[0].startswith("-"):
                line.append(one.opts[0])
            if one.opts[0] == "--out":
                line.append(str(rng.choice([out / str(number), out / "same", *there])))
            elif not getattr(one, "is_flag", False) and rng.random() < 0.98:
                line.append(_value(rng, one, there))
        yield line


def _value(rng: random.Random, parameter: Any, there: list[str]) -> str:
    """Return a value for a parameter, of its kind three times in four."""
    if parameter.opts[0] == "--workers":  # each would be a process
        return rng.choice(["-1", "0", "1", "2", "nan", "x"])
    kind = rng.choice(("own", "own", "own", "any"))
    type_name = getattr(getattr(parameter, "type", None), "name", "path")
    if kind == "own" and type_name in ("integer", "integer range", "float", "float range"):
        return rng.choice(["0", "1", "2", "7", "0.5", "-1", "nan", "inf", "1e999", "99999999999999999999"])
    return rng.choice(there if kind == "own" and type_name in ("path", "file") else [*WORDS, *there])


def test_every_command_line_ends_with_a_result_or_one_line(
    seed: int, seconds: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    rng, runner, failures, number = random.Random(seed), CliRunner(), [], 0
    lines = command_lines(rng, files(tmp_path), tmp_path / "out")
    end = time.monotonic() + seconds / 2
    while time.monotonic() < end:
        line, number = next(lines), number + 1
        result = runner.invoke(app, line)
        error = result.exception
        if error is not None and not isinstance(error, SystemExit) and "--traceback" not in line:
            failures.append(f"{line}: {''.join(traceback.format_exception(error)[-3:])}")
        elif result.exit_code == 1 and "Traceback" in result.output:
            failures.append(f"{line}: {result.output[-800:]}")
    print(f"seed {seed}: {number} command lines, {len(failures)} failures")
    assert not failures, f"seed {seed}\n" + "\n".join(failures[:5])


def leaves(node: Any, path: str = "") -> Iterator[str]:
    for name, value in node.items():
        key = f"{path}.{name}" if path else str(name)
        yield key
        if isinstance(value, dict):
            yield from leaves(value, key)


def changed(config: DictConfig, keys: list[str], rng: random.Random) -> list[str]:
    """Set one to three keys to hostile values; return them as text."""
    done = []
    drawn = rng.sample(keys, rng.randint(1, 3))
    for key in sorted(drawn, key=lambda key: -key.count(".")):  # a group may be replaced after its members
        value = rng.choice(VALUES)
        OmegaConf.update(config, key, value, merge=False, force_add=True)
        done.append(f"{key}={value!r:.80}")
    return done


def test_every_setting_is_taken_or_refused_by_name(
    seed: int, seconds: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IEA_HOME", str(write_home(tmp_path / "home")))
    rng, failures, number = random.Random(seed), [], 0
    recipes = {recipe: composed(recipe) for recipe in TRAINERS}
    sections = (
        "data",
        "trainer",
        "actor_rollout_ref",
        "reward",
        "iea",
        "model",
        "engine",
        "optim",
        "checkpoint",
        "ray_kwargs",
    )
    keys = {}
    for recipe, config in recipes.items():
        plain = OmegaConf.to_container(config, resolve=False)
        assert isinstance(plain, dict)
        keys[recipe] = list(leaves({name: plain[name] for name in sections if name in plain}))
    end = time.monotonic() + seconds / 2
    while time.monotonic() < end:
        recipe, guard = rng.choice(list(recipes)), JobGuard()
        config, number = deepcopy(recipes[recipe]), number + 1
        settings: list[str] = []
        try:
            settings = changed(config, keys[recipe], rng)
            guard.on_job_start(config)
        except SystemExit as ended:
            if not str(ended).startswith("verl-iea: ") or "cannot check the settings" in str(ended):
                failures.append(f"{recipe} {settings}: {ended}"[:1000])
        except Exception as error:  # noqa: BLE001  (what is looked for)
            failures.append(f"{recipe} {settings}: {''.join(traceback.format_exception(error)[-3:])}")
        finally:
            guard.on_job_end(config, None)
    print(f"seed {seed}: {number} configurations, {len(failures)} failures")
    assert not failures, f"seed {seed}\n" + "\n".join(failures[:5])
