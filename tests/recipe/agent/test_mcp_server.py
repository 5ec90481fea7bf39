"""The server for agents, called by the SDK's own client: in this process, and over stdin and stdout."""

import asyncio
import base64
import io
import json
import os
import sys
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest
from PIL import Image as PillowImage

from iea.data_prep.ingest.sources.bundled import everyday_photographs
from iea.editor import TOOLS, program_schema, render
from iea.editor.io import read_image
from iea.recipe.agent.exports import FORMATS
from iea.recipe.agent.mcp_session import MOST, Session

mcp = pytest.importorskip("mcp")
Calls = Callable[..., Any]
WARMER = {"exposure": 15, "temperature": 30}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with a photograph, photo.png."""
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos/photo.png").write_bytes(everyday_photographs()["coffee"].read_bytes())
    return tmp_path / "photos"


@pytest.fixture
def session(folder: Path) -> Iterator[Session]:
    with Session([folder]) as session:
        yield session


@pytest.fixture
def call(session: Session) -> Calls:
    """call(name, **arguments): the result of a call, in a session of its own with the server."""
    from iea.recipe.agent.mcp_server import build_server

    server = build_server(session)

    def run(name: str, /, **arguments: object) -> Any:
        async def once() -> Any:
            async with mcp.Client(server) as client:
                return await client.call_tool(name, arguments)

        return run_alone(once())

    return run


def run_alone(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """Run to the end in a thread of its own: that of the tests may have the loop of a browser."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, coroutine).result()


def said(result: Any) -> str:
    """Return the text of a result."""
    return "".join(getattr(one, "text", "") for one in result.content)


def test_an_agent_learns_all_that_a_program_needs(call: Calls) -> None:
    found = call("describe_tools").structured_content
    assert [one["name"] for one in found["tools"]] == list(TOOLS)
    assert found["program_schema"] == program_schema() and list(found["formats"]) == list(FORMATS)


def test_every_tool_has_words_and_a_schema(session: Session) -> None:
    from iea.recipe.agent.mcp_server import build_server

    async def listed() -> Any:
        async with mcp.Client(build_server(session)) as client:
            return (await client.list_tools()).tools

    for one in run_alone(listed()):
        jsonschema.Draft202012Validator.check_schema(one.input_schema)
        assert one.description and one.annotations.destructive_hint is False
        for name, value in one.input_schema["properties"].items():
            assert value.get("description") or name == "program", f"{name} of {one.name}"
        if one.name == "apply":
            program = one.input_schema["properties"]["program"]
            assert program["properties"].keys() == TOOLS.keys() and program["additionalProperties"] is False


def test_open_look_improve_apply(call: Calls, folder: Path, session: Session) -> None:
    before = (folder / "photo.png").read_bytes()
    opened = call("open_photo", path=str(folder / "photo.png")).structured_content
    assert opened["photo"] == "p1" and opened["width"] == 600 and opened["stats"]["lightness"]
    (shown,) = call("preview", photo="p1", program=WARMER, side=200).content
    preview = PillowImage.open(io.BytesIO(base64.b64decode(shown.data)))
    assert (preview.format, preview.size, shown.mime_type) == ("JPEG", (200, 133), "image/jpeg")
    brighter = call("stats", photo="p1", program=WARMER).structured_content
    assert brighter["lightness"]["50"] > opened["stats"]["lightness"]["50"]
    assert (brighter["width"], brighter["height"]) == (opened["width"], opened["height"])
    applied = call("apply", photo="p1", program=WARMER).structured_content
    result = Path(applied["path"])
    assert result.parent == session.folder and not applied["kept"]
    assert (read_image(result) == render(read_image(folder / "photo.png"), WARMER)).all()
    assert call("apply", photo="p1", program={}).structured_content["path"] != applied["path"]
    assert (folder / "photo.png").read_bytes() == before and len(list(folder.iterdir())) == 1


@pytest.mark.slow
def test_a_fit_explains_an_edit(call: Calls, session: Session, folder: Path) -> None:
    call("open_photo", path=str(folder / "photo.png"))
    edited = call("apply", photo="p1", program=WARMER).structured_content["path"]
    call("open_photo", path=edited)
    found = call("fit", before="p1", after="p2").structured_content
    assert found["explained"] > 0.9 and "temperature" in found["program"]
    assert "name the edited file second" in said(call("fit", before="p1", after="p1"))


@pytest.mark.slow
@pytest.mark.parametrize("format", sorted(set(FORMATS) - {"cube1d"}))
def test_exports_stay_in_the_folder_of_the_session(format: str, call: Calls, session: Session, folder: Path) -> None:
    call("open_photo", path=str(folder / "photo.png"))
    paths = [
        Path(call("export", program=WARMER, format=format, photo="p1", name=name).structured_content["path"])
        for name in ("../../look", "../../look", "/")
    ]
    assert {one.parent for one in paths} == {session.folder} and len(set(paths)) == 3
    if format == "sliders":
        assert call("read_preset", path=str(paths[0])).structured_content["program"] == WARMER


@pytest.mark.parametrize(
    ("name", "arguments", "words"),
    [
        ("open_photo", {"path": "/etc/hostname"}, "--root"),
        ("open_photo", {"path": "../escape.png"}, "--root"),
        ("open_photo", {"path": "nowhere.png"}, "nowhere.png"),
        ("open_photo", {"path": "text.png"}, "must be a readable image"),
        ("open_photo", {"path": "link.png"}, "--root"),
        ("preview", {"photo": "p7"}, "photo must be the id of an open photograph, got 'p7'; open it with open_photo"),
        ("export", {"program": {"exposure": 101}, "format": "curve"}, "exposure must be in [-100, 100], got 101"),
        ("export", {"program": {"sepia": 1}, "format": "curve"}, "a tool must be one of exposure"),
        ("export", {"program": {"exposure": "much"}, "format": "curve"}, "valid integer"),
        ("export", {"program": {"exposure": True}, "format": "curve"}, "valid integer"),
        ("export", {"program": {"exposure": 1}, "format": "lut"}, "format must be one of"),
        ("export", {"program": {"grain": 1}, "format": "cube"}, "a table must hold a tool of the kinds"),
        ("export", {"program": {"exposure": 1}, "format": "html"}, "a trace must show a photograph"),
        ("read_preset", {"path": "text.png"}, "must be XMP"),
    ],
)
def test_an_error_tells_the_agent_what_to_do(
    call: Calls, folder: Path, name: str, arguments: dict[str, Any], words: str
) -> None:
    (folder / "text.png").write_text("no image")
    (folder / "link.png").symlink_to("/etc/hostname")
    (folder.parent / "escape.png").write_bytes((folder / "photo.png").read_bytes())
    if "path" in arguments and not arguments["path"].startswith("/"):
        arguments = {**arguments, "path": str(folder / arguments["path"])}
    result = call(name, **arguments)
    assert result.is_error and words in said(result), said(result)


def test_a_session_has_a_bound_and_ends_without_a_trace(folder: Path) -> None:
    with Session([folder]) as session:
        for _ in range(MOST):
            session.open(str(folder / "photo.png"))
        with pytest.raises(ValueError, match=rf"at most {MOST} photographs may be open.*close one"):
            session.open(str(folder / "photo.png"))
        session.close("p1")
        assert session.open(str(folder / "photo.png"))["photo"] == f"p{MOST + 1}", "an id is used once"
        session.apply("p2", {"exposure": 5})
    assert not session.folder.exists() and len(list(folder.iterdir())) == 1


def test_results_are_kept_in_a_folder_of_the_users(folder: Path, tmp_path: Path) -> None:
    with Session([folder], tmp_path / "results") as session:
        session.open(str(folder / "photo.png"))
        assert session.apply("p1", {"exposure": 5})["kept"]
    assert np.array_equal([one.name for one in (tmp_path / "results").iterdir()], ["photo_edited.png"])


@pytest.mark.slow
def test_the_command_speaks_the_protocol(folder: Path) -> None:
    from mcp.client.stdio import StdioServerParameters

    environment = {"PYTHONPATH": os.pathsep.join(sys.path), "OMP_NUM_THREADS": "1"}
    arguments = ["-m", "iea.recipe.cli", "mcp", "--root", str(folder)]
    server = StdioServerParameters(command=sys.executable, args=arguments, env=environment, cwd=folder)

    async def talk() -> tuple[Any, Any, Any]:
        async with mcp.Client(server) as client:
            opened = await client.call_tool("open_photo", {"path": "photo.png"})
            refused = await client.call_tool("apply", {"photo": "p1", "program": {"exposure": 500}})
            return opened, refused, await client.call_tool("apply", {"photo": "p1", "program": WARMER})

    opened, refused, applied = run_alone(talk())
    assert json.loads(said(opened))["photo"] == "p1"
    assert refused.is_error and "exposure must be in [-100, 100], got 500" in said(refused)
    assert not Path(applied.structured_content["path"]).parent.exists(), "thrown away when the agent leaves"
    assert [one.name for one in folder.iterdir()] == ["photo.png"]
