"""The server without a browser: hostile files, names, addresses and loads."""

import io
import json
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from PIL import Image as PillowImage
from starlette.testclient import TestClient

from iea.editor import Image
from iea.recipe.agent.models.offline import Offline
from iea.recipe.agent.web.server import HEADERS, build_app
from iea.recipe.agent.web.settings import WebSettings

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("web") / "sessions"


@pytest.fixture(scope="module")
def client(root: Path) -> Iterator[TestClient]:
    """Return a client of an application in this process, with small limits."""
    settings = WebSettings(root=root, max_pixels=200_000, max_bytes=1_000_000, uploads=100, decode_s=600)
    with TestClient(build_app(settings, Offline(), workers=1), base_url="http://127.0.0.1") as client:
        yield client


@pytest.fixture
def jpeg(cat: Image) -> bytes:
    buffer = io.BytesIO()
    PillowImage.fromarray(cat).save(buffer, "JPEG")
    return buffer.getvalue()


def _png_claiming(width: int, height: int) -> bytes:
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = b"IDAT" + zlib.compress(b"\0" * 100)
    parts = [struct.pack(">I", len(one) - 4) + one + struct.pack(">I", zlib.crc32(one)) for one in (header, body)]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def _upload(client: TestClient, data: Any, name: str = "cat.jpg") -> Any:
    return client.post("/photographs", content=data, headers={"X-Name": quote(name)})


def test_hostile_files_are_refused_with_a_reason_and_leave_nothing(client: TestClient, jpeg: bytes, root: Path) -> None:
    svg = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
    cases: list[tuple[bytes, str]] = [
        (b"", "not_an_image"),
        (svg, "not_an_image"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n(%pipe%id) (r) file", "not_an_image"),
        (b"PK\x03\x04" + bytes(100), "not_an_image"),
        (jpeg[:400], "broken_image"),
        (b"\xff\xd8\xff" + bytes(1000), "not_an_image"),
        (_png_claiming(60_000, 60_000), "too_many_pixels"),
        (_png_claiming(500, 401), "too_many_pixels"),
        (jpeg + bytes(1_000_000), "too_large"),
    ]
    before = set(root.iterdir())
    for data, code in cases:
        answer = _upload(client, data)
        assert (answer.json()["error"], answer.status_code // 100) == (code, 4), data[:20]
    assert set(root.iterdir()) == before


def test_a_body_without_a_length_is_limited_too(client: TestClient, jpeg: bytes) -> None:

    def endless() -> Iterator[bytes]:
        yield jpeg[:1000]
        while True:
            yield bytes(10_000)

    assert _upload(client, (part for part, _ in zip(endless(), range(200), strict=False))).status_code == 413


@pytest.mark.parametrize(
    "name", ["../../../etc/passwd", "/etc/shadow.jpg", "a\0b.jpg", "<b>x</b>.jpg", "\u202egpj.exe", "x" * 3000, ""]
)
def test_names_never_reach_the_disk_or_a_header(client: TestClient, jpeg: bytes, root: Path, name: str) -> None:
    session = _upload(client, jpeg, name).json()["session"]
    folder = root / session
    assert {path.name for path in folder.iterdir()} == {"upload.jpg", "small.png", "about.json", "talk.iea.json"}
    assert folder.stat().st_mode & 0o077 == 0
    file = client.post(f"/s/{session}/result", json={}).json()["file"]
    sent = client.get(f"/s/{session}/files/{file}")
    assert sent.headers["content-disposition"].startswith("attachment")
    assert "/" not in sent.headers["content-disposition"].replace("utf-8''", "")


def test_paths_of_others_are_not_reached(client: TestClient, jpeg: bytes, root: Path) -> None:
    session = _upload(client, jpeg).json()["session"]
    (root.parent / "secret.txt").write_text("secret")
    for path in ("../about.json", "%2e%2e%2fabout.json", "..%2f..%2f..%2fsecret.txt", "upload.jpg"):
        assert client.get(f"/s/{session}/files/{path}").status_code == 404
    for identifier in ("..", "%2e%2e", "." * 32, session[:-1], session[:-1] + "/", f".new-{session}", "x" * 32):
        assert client.get(f"/s/{identifier}/state").status_code == 404
    assert client.get("/static/../server.py").status_code == 404


def test_bodies_are_checked(client: TestClient, jpeg: bytes) -> None:
    base = f"/s/{_upload(client, jpeg).json()['session']}"
    for path, body in (
        ("program", {"program": {"exposure": 1000}}),
        ("program", {"program": {"crop": 3}}),
        ("program", {"program": []}),
        ("program", []),
        ("go", {"length": 1}),
        ("go", {"length": "0"}),
        ("say", {"request": " "}),
        ("say", {"request": "x" * 1001}),
        ("export", {"format": "../x"}),
        ("result", {"suffix": ".exe"}),
    ):
        assert client.post(f"{base}/{path}", json=body).status_code == 422, (path, body)
    assert client.post(f"{base}/say", content=b"[" * 5000).status_code == 422
    assert client.post(f"{base}/say", content=b"x" * 9000).status_code == 413
    assert client.get(f"{base}/image", params={"program": '{"exposure": 1e9}'}).status_code == 422
    assert client.get(f"{base}/state").json()["length"] == 0
    assert client.post(f"{base}/say", content=rb'{"request": "warmer, \ud800"}').status_code == 200, "half a character"
    assert client.post(f"{base}/go", json={"length": True}).status_code == 422
    assert client.get(f"{base}/state").json()["program"] == {"temperature": 45}


def test_every_answer_has_safe_headers(client: TestClient, jpeg: bytes) -> None:
    base = f"/s/{_upload(client, jpeg).json()['session']}"
    for path in ("/", base, f"{base}/image", f"{base}/state", "/static/main.js", "/nowhere", f"{base}/files/x"):
        answer = client.get(path)
        for name, value in HEADERS.items():
            assert answer.headers[name.decode()] == value.decode(), path
    assert "unsafe" not in HEADERS[b"content-security-policy"].decode()
    assert client.get("/", headers={"Host": "evil.example"}).status_code == 400


def test_results_make_room_for_each_other(client: TestClient, jpeg: bytes, root: Path) -> None:
    session = _upload(client, jpeg).json()["session"]
    for value in range(1, 7):
        client.post(f"/s/{session}/program", json={"program": {"exposure": value}})
        file = client.post(f"/s/{session}/result", json={"suffix": ".png"}).json()["file"]
        assert client.get(f"/s/{session}/files/{file}").status_code == 200
    assert len(list((root / session / "results").iterdir())) == 4
    turns = json.loads((root / session / "talk.iea.json").read_text())["turns"]
    assert [turn["program"] for turn in turns] == [{"exposure": value} for value in range(1, 7)]
