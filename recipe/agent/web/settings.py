"""Settings of the server, and the error of a request that it refuses."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class WebSettings:
    """Limits of the server.

    root : folder of the sessions, one below it for each
    max_bytes : of an uploaded file
    max_pixels : of a photograph
    upload_s, decode_s, render_s : seconds for one upload, for reading a photograph, for a result at full size
    uploads, requests, actions : that one client address may make in a minute: photographs, requests to the model, all others
    sessions : at most, on the disk
    days : without use, after which a session is removed
    waiting : jobs that may wait for a worker, and requests that may wait for the model; more are refused at once
    talks : requests that the model may answer at a time
    """

    root: Path
    max_bytes: int = 80_000_000
    max_pixels: int = 60_000_000
    upload_s: float = 120.0
    decode_s: float = 60.0
    render_s: float = 180.0
    uploads: int = 20
    requests: int = 30
    actions: int = 3000
    sessions: int = 2000
    days: float = 7.0
    waiting: int = 24
    talks: int = 8


class RefusedError(Exception):
    """A request that the server refuses: `status` of HTTP, `code` of a text in the language files, `detail` for the user."""

    def __init__(self, status: int, code: str, detail: str = "") -> None:
        super().__init__(code)
        self.status, self.code, self.detail = status, code, detail
