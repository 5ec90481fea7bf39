"""The command `iea`: quick and complete help, one meaning per option, errors in one line."""

from collections.abc import Callable
from inspect import signature
from pathlib import Path
from subprocess import CompletedProcess
from typing import get_args, get_type_hints

import pytest
import typer
from typer.testing import CliRunner, Result

from iea.data_prep.ingest.sources import SOURCES
from iea.recipe.cli import ReportingGroup, app, judge, policy
from iea.recipe.config import recipe_names

Iea = Callable[..., Result]
RunScript = Callable[..., "CompletedProcess[str]"]


@pytest.fixture(scope="module")
def helps(script: RunScript) -> dict[str, set[str]]:
    """Command -> its options, as printed by tests/scripts/help_imports.py."""
    lines = [line.split() for line in script("help_imports").stdout.splitlines()]
    return {
        " ".join(word for word in line if word[0] != "-"): {word for word in line if word[0] == "-"} for line in lines
    }


def test_every_command_and_option_has_help_without_heavy_imports(helps: dict[str, set[str]]) -> None:
    assert "imported:" in helps, "help must import no heavy package"


def test_help_is_quick(script: RunScript) -> None:
    assert float(script("help_only").stdout.split()[-1]) < 1  # 0.2 s of processor time where nothing else runs


def test_defaults_and_settings_are_those_of_the_library() -> None:
    from iea.recipe.pipeline.judge import JudgeRun
    from iea.recipe.pipeline.run import Run
    from iea.recipe.pipeline.stage import Scale

    assert get_args(get_type_hints(policy.train)["scale"]) == get_args(Scale)
    assert signature(policy.train).parameters["scale"].default == Run.scale
    assert signature(judge.train).parameters["steps"].default == JudgeRun.steps


def test_the_shell_completes_sources_from_their_table() -> None:
    words = {"_IEA_COMPLETE": "complete_bash", "COMP_WORDS": "iea data ingest f", "COMP_CWORD": "3"}
    result = CliRunner().invoke(app, [], prog_name="iea", env=words)
    assert result.output.split() == [name for name in SOURCES if name.startswith("f")]


@pytest.mark.parametrize(
    ("word", "rule"),
    [
        ("jobs", "--workers"),
        ("procs", "--workers"),
        ("at-once", "--concurrency"),
        ("deadline", "--timeout"),
        ("tries", "--attempts"),
        ("retries", "--attempts"),
        ("address", "--ray-address"),
        ("count", "--limit or --rows"),
        ("file", "--data or --out"),
        ("jsonl", "--data"),
    ],
)
def test_a_concept_has_one_option_name(word: str, rule: str, helps: dict[str, set[str]]) -> None:
    others = [name for name, options in helps.items() if f"--{word}" in options]
    assert not others, f"{others} must name it {rule}"


def test_an_error_is_one_line_and_status_1(iea: Iea, tmp_path: Path) -> None:
    result = iea("data", "stats", tmp_path / "none.parquet")
    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
    assert result.stderr.startswith("error: ") and "none.parquet" in result.stderr
    assert isinstance(iea("--traceback", "data", "stats", tmp_path / "none.parquet").exception, ValueError)


@pytest.mark.parametrize(
    ("error", "status"), [(ValueError("x"), 1), (OSError("x"), 1), (KeyError("x"), None), (typer.Exit(4), 4)]
)
def test_an_unexpected_error_keeps_its_traceback(error: Exception, status: int | None) -> None:
    app = typer.Typer(cls=ReportingGroup)

    @app.command()
    def fail() -> None:
        raise error

    app.command("other")(lambda: None)  # with one command alone there would be no group
    result = CliRunner().invoke(app, ["fail"])
    assert result.exit_code == (status or 1)
    assert (result.exception is error) == (status is None)


def test_an_error_may_have_its_own_status() -> None:
    app = typer.Typer(cls=ReportingGroup)
    unfinished = RuntimeError("two pairs are unanswered")
    unfinished.exit_status = 3  # type: ignore[attr-defined]

    @app.command()
    def fail() -> None:
        raise unfinished

    app.command("other")(lambda: None)
    assert CliRunner().invoke(app, ["fail"]).exit_code == 3


def test_memory_takes_overrides_as_verl_does(iea: Iea) -> None:
    whole = iea("memory", "+recipe=iea").output
    half = iea("memory", "+recipe=iea", "actor_rollout_ref.rollout.gpu_memory_utilization=0.25").output
    assert "40.0 GiB" in whole and "20.0 GiB" in half
    wrong = iea("memory", "+recipe=none")
    assert wrong.exit_code == 1 and all(name in wrong.stderr for name in recipe_names())


@pytest.mark.parametrize(
    ("setting", "rule"),
    [
        ("trainer.n_gpus_per_node=0", "a whole number of at least 1, got 0"),
        ("trainer.nnodes=-1", "a whole number of at least 1, got -1"),
        ("trainer.n_gpus_per_node=1e30", "a whole number of at least 1"),
        ("actor_rollout_ref.rollout.tensor_model_parallel_size=0", "a whole number of at least 1, got 0"),
        ("actor_rollout_ref.rollout.gpu_memory_utilization=nan", "a number above 0, at most 1, got nan"),
        ("data.train_batch_size=many", "a whole number of at least 1, got 'many'"),
        ("trainer.n_gpus_per_node=7", "must divide the 7 GPUs"),
        ("iea.w", "overrides must fit ppo_trainer, got"),
        ("none.such=1", "overrides must fit ppo_trainer, got"),
    ],
)
def test_memory_refuses_impossible_numbers_in_one_line(setting: str, rule: str, iea: Iea) -> None:
    result = iea("memory", "+recipe=iea", setting)
    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
    assert rule in result.stderr


@pytest.mark.parametrize("lost", ["config.json", "model.safetensors"])
@pytest.mark.parametrize("command", ["evaluate checkpoint={}", "judge evaluate --model {}"])
def test_a_model_without_its_files_is_refused_before_it_is_loaded(
    command: str, lost: str, iea: Iea, home: Path
) -> None:
    (home / "tiny_model" / lost).unlink()
    rows = home / "data/stage2/val.parquet"
    result = iea(*command.format(home / "tiny_model").split(), "--data", rows, "--out", home / "out")
    assert result.exit_code == 1 and result.stderr.startswith("error: the folder of a model must hold")


def test_training_in_a_folder_that_no_trainer_takes_is_refused_at_once(
    iea: Iea, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "must not contain '${'" in iea("train", "--home", tmp_path / "${x}").stderr
    monkeypatch.setenv("TMPDIR", "/tmp/" + "t" * 90)
    for command in (("train",), ("judge", "train")):
        assert "set RAY_TMPDIR" in iea(*command, "--home", tmp_path / "home").stderr
    assert not any((tmp_path / "home").glob("*"))
