"""The examples for serving the page: their commands run, their files fit the programs that read them."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
import yaml

from iea.recipe.agent.models.vllm_server import OPTIONS, vllm_arguments

ROOT = Path(__file__).parents[1]
COMPOSE, DOCKERFILE = ROOT / "examples/compose.yaml", ROOT / "examples/Dockerfile"
SCHEMA = "IEA_COMPOSE_SCHEMA"
ENVIRONMENTS: list[dict[str, str]] = [
    {},
    {"IEA_ENDPOINT": "https://api.example/v1", "IEA_MODEL": "m", "IEA_KEY": "secret"},
    {"CHECKPOINT": "/models/stage3", "GPUS": "2", "DOMAIN": "photos.example.org"},
]


def services(**environment: str) -> dict[str, Any]:
    """Return the services with their variables replaced: the forms of compose are those of the shell."""
    text = "\n".join(line for line in COMPOSE.read_text().splitlines() if not line.startswith("#"))
    assert "`" not in text and "$(" not in text
    filled = subprocess.run(
        ["bash", "-c", f"cat << END\n{text}\nEND\n"], env=environment, capture_output=True, text=True, check=True
    )
    loaded: dict[str, Any] = yaml.safe_load(filled.stdout)
    return loaded


def instructions() -> dict[str, list[str]]:
    """Return the lines of the Dockerfile by their instruction."""
    found: dict[str, list[str]] = {}
    for line in DOCKERFILE.read_text().replace("\\\n", " ").splitlines():
        if line and not line.startswith("#"):
            name, _, rest = line.partition(" ")
            found.setdefault(name, []).append(rest)
    return found


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_compose_fits_its_schema(environment: dict[str, str]) -> None:
    import jsonschema

    if not (given := os.environ.get(SCHEMA)):
        pytest.skip(f"set {SCHEMA} to the file schema/compose-spec.json of github.com/compose-spec/compose-go")
    jsonschema.validate(services(**environment), json.loads(Path(given).read_text()))


def test_a_checkpoint_brings_its_endpoint_and_a_hosted_one_its_key() -> None:
    plain, hosted, trained = (
        services(PATH=os.environ["PATH"], **one)["services"]["page"]["environment"] for one in ENVIRONMENTS
    )
    assert not plain["IEA_ENDPOINT"] and not plain["IEA_KEY_ENV"]
    assert (hosted["IEA_ENDPOINT"], hosted["IEA_KEY_ENV"]) == ("https://api.example/v1", "IEA_KEY")
    assert trained["IEA_ENDPOINT"] == "http://model:8000/v1" and not trained["IEA_KEY_ENV"]


def test_only_the_proxy_is_reached_from_elsewhere() -> None:
    composed = services(PATH=os.environ["PATH"])
    for name, service in composed["services"].items():
        assert service["read_only"] and service["cap_drop"] == ["ALL"] and service["mem_limit"], name
        published = [one for one in service.get("ports", []) if not one.startswith("127.0.0.1:")]
        assert not published or name == "proxy"
    assert composed["services"]["model"]["networks"] == ["inside"] and composed["networks"]["inside"]["internal"]
    assert not composed["services"]["model"].get("ports")


def test_the_model_is_served_as_everywhere() -> None:
    service = services(PATH=os.environ["PATH"], GPUS="2")["services"]["model"]
    words = [*service["entrypoint"], *service["command"]]
    ours = ["vllm", *vllm_arguments("/checkpoint", 8000, host="0.0.0.0")]
    pairs = {name: value for name, value in zip(ours[3::2], ours[4::2], strict=True)}
    assert words[:3] == ours[:3]
    given = dict(one.split("=", 1) for one in words[3:])
    assert {name: json.loads(value) if value[0] == "{" else value for name, value in given.items()} == {
        **{name: json.loads(value) if value[0] == "{" else value for name, value in pairs.items()},
        "--tensor-parallel-size": "2",
    }
    assert set(OPTIONS) <= set(given)


@pytest.mark.lane
@pytest.mark.filterwarnings("ignore")  # vLLM's own
def test_vllm_knows_its_options() -> None:
    from vllm.entrypoints.openai.cli_args import make_arg_parser
    from vllm.utils.argparse_utils import FlexibleArgumentParser

    parser = make_arg_parser(FlexibleArgumentParser())
    _, *words = services(PATH=os.environ["PATH"])["services"]["model"]["command"]
    given = parser.parse_args(words)
    assert (given.model_tag, given.served_model_name) == ("/checkpoint", ["policy"])
    assert given.limit_mm_per_prompt == {"image": 2, "video": 0}


@pytest.mark.slow
def test_the_page_runs_as_in_its_container(tmp_path: Path) -> None:
    """Its command line, with a free port and a folder of this test, and its health check."""
    (entry,) = map(json.loads, instructions()["ENTRYPOINT"])
    command = [*entry[1:], *services(PATH=os.environ["PATH"])["services"]["page"]["command"]]
    assert command.count("0.0.0.0") == 1 and command.count("/sessions") == 1
    words = [{"0.0.0.0": "127.0.0.1", "/sessions": str(tmp_path / "sessions")}.get(word, word) for word in command]
    (check,) = (re.search(r"CMD (\[.*\])", one) for one in instructions()["HEALTHCHECK"])
    assert check
    program = json.loads(check[1])[2]
    with subprocess.Popen(
        [sys.executable, "-m", "iea.recipe.cli", *words, "--port", "0"], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        try:
            url = process.stdout.readline().strip()
            with urlopen(url) as page:
                assert b"<html" in page.read()
            told = program.replace("http://127.0.0.1:8000", url)
            assert told != program
            subprocess.run([sys.executable, "-c", told], check=True)
        finally:
            process.kill()
    assert subprocess.run([sys.executable, "-c", told], capture_output=True, check=False).returncode


@pytest.mark.slow
def test_the_image_gets_all_that_the_package_is_built_from(tmp_path: Path) -> None:
    context, tree = tmp_path / "context", tmp_path / "src"
    shown = [line[1:] for line in DOCKERFILE.with_suffix(".dockerignore").read_text().splitlines() if line[0] == "!"]
    for name in shown:
        source, target = ROOT / name, context / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, symlinks=True, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
        else:
            shutil.copy(source, target)
    tree.mkdir()
    for line in instructions()["COPY"]:
        *sources, target = shlex.split(line)
        assert target.startswith("/src/")
        for name in sources:
            into = (
                tree / target.removeprefix("/src/") / ("" if len(sources) == 1 and (context / name).is_dir() else name)
            )
            copy = shutil.copytree if (context / name).is_dir() else shutil.copy
            copy(context / name, into, **({"symlinks": True} if copy is shutil.copytree else {}))
    options = ["--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", str(tmp_path)]
    subprocess.run([sys.executable, "-m", "pip", "wheel", *options, str(tree)], check=True)
    (wheel,) = tmp_path.glob("*.whl")
    packed = set(zipfile.ZipFile(wheel).namelist())
    wanted = [path for path in (ROOT / "recipe/agent").rglob("*") if path.suffix in (".py", ".yaml", ".html", ".js")]
    assert {f"iea/{path.relative_to(ROOT)}" for path in wanted} <= packed


@pytest.mark.slow
def test_the_script_passes_its_options_on(tmp_path: Path) -> None:
    """With the environment of this test in the place of `.venv`; it runs from any folder."""
    (tmp_path / "examples").mkdir()
    shutil.copy(ROOT / "examples/page.sh", tmp_path / "examples")
    (tmp_path / ".venv/bin").mkdir(parents=True)
    (tmp_path / ".venv/bin/python").write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} "$@"\n')
    (tmp_path / ".venv/bin/python").chmod(0o755)
    done = subprocess.run(
        ["bash", tmp_path / "examples/page.sh", "--nothing"], cwd="/", capture_output=True, text=True, check=False
    )
    assert done.returncode == 2 and "--nothing" in done.stderr
