"""Read the questions of a comparison, and answer them as an honest grader."""

import base64
import hashlib
import io
import json
from typing import Any

import numpy as np
from PIL import Image


def parts(body: dict[str, Any], kind: str) -> list[Any]:
    """Return the texts or the addresses of the images, in their order."""
    (message,) = body["messages"]
    found = [part[kind] for part in message["content"] if part["type"] == kind]
    return [one["url"] if kind == "image_url" else one for one in found]


def shown_levels(body: dict[str, Any]) -> list[float]:
    """Return the mean level of every image, 0 to 255."""
    packed = [base64.b64decode(url.partition("base64,")[2]) for url in parts(body, "image_url")]
    return [float(np.asarray(Image.open(io.BytesIO(one))).mean()) for one in packed]


def prompt_name(body: dict[str, Any]) -> str:
    """Return the name of the prompt, which the form of the answer has."""
    return str(body["response_format"]["json_schema"]["name"])


def chance(body: dict[str, Any]) -> float:
    """Return a number in [0, 1) that depends on the request alone."""
    digest = hashlib.sha256(json.dumps(body["messages"]).encode()).digest()
    return int.from_bytes(digest[:4]) / 2**32


def honest(body: dict[str, Any]) -> dict[str, Any]:
    """Answer as a grader without faults, for the request to make an image brighter."""
    levels = shown_levels(body)
    if prompt_name(body) == "pair":
        _, one, two = levels
        better = "tie" if abs(one - two) < 5 else "1" if one > two else "2"
        return {"reason": "brightness", "better": better}
    if prompt_name(body) == "following":
        return {"reason": "brightness", "instruction": round((levels[1] - levels[0]) / 10), "preservation": 9}
    return {"reason": "clean", "naturalness": 9, "artifacts": 8.5}
