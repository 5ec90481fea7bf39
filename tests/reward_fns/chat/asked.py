"""Requests for the tests of the client."""

from typing import Any

IMAGE = {"type": "image_url", "image_url": {"url": "data:image/jpeg;base64,AAAA"}}


def request(number: int = 0, **more: Any) -> dict[str, Any]:
    content = [{"type": "text", "text": f"question {number}"}, IMAGE]
    return {"messages": [{"role": "user", "content": content}], **more}


def requests(count: int) -> list[dict[str, Any]]:
    return [request(number) for number in range(count)]
