"""Read conversations and images in the forms that projects write them, for display: no value of a cell is an error.

Known are the messages of verl and of OpenAI (`role`, `content`: a text or a list of parts), of LLaMA-Factory's ShareGPT form
(`from`, `value`), a bare text, and any of them as JSON; images as a path, as bytes, or a struct of either
(`image`, `path`, `url`, `image_url`, `bytes`), alone or in a list.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

WORDS = ("content", "value", "text")
PICTURED = ("bytes", "image", "path", "url", "image_url")
"""Keys of a struct that hold its text, and its image: the first that is set."""
ANSWERS = ("assistant", "gpt", "model", "bot", "function_call")


class Message(NamedTuple):
    """One turn: `role` as the file names it, "" if it names none."""

    role: str
    text: str


def messages_of(value: object) -> list[Message]:
    """Return the turns in a cell, in their order.

    >>> messages_of([{"from": "human", "value": "<image>brighter?"}, {"from": "gpt", "value": "yes"}])[1]
    Message(role='gpt', text='yes')
    >>> messages_of("brighter?")
    [Message(role='', text='brighter?')]
    """
    value = _parsed(value)
    if isinstance(value, Mapping):
        role = value.get("role") or value.get("from")
        return [Message(text_of(role), text_of(value))]
    if isinstance(value, list):
        return [message for one in value for message in messages_of(one)]
    return [Message("", text_of(value))] if value is not None else []


def split_answer(messages: list[Message]) -> tuple[list[Message], str]:
    """Return the prompt and the answer of a conversation: its last turn, if a model speaks there; else ""."""
    if messages and messages[-1].role in ANSWERS:
        return messages[:-1], messages[-1].text
    return messages, ""


def text_of(value: object) -> str:
    """Return the text in a cell: that of a struct's own key, of all parts of a list, of a number; "" for null.

    >>> text_of([{"type": "image", "image": None}, {"type": "text", "text": "brighter"}])
    'brighter'
    """
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        return next((text for key in WORDS if (text := text_of(value.get(key)))), "")
    if isinstance(value, list):
        return " ".join(text for text in map(text_of, value) if text)
    return "" if value is None or isinstance(value, bytes) else str(value)


def images_of(value: object) -> Iterator[str | bytes]:
    """Yield the images in a cell: paths, and bytes of files. The bytes of a struct go before its path, a mere name there."""
    value = _parsed(value)
    if isinstance(value, Mapping):
        keys = [key for key in PICTURED if value.get(key)]
        yield from images_of(value[keys[0]]) if keys else ()
    elif isinstance(value, list):
        for one in value:
            yield from images_of(one)
    elif isinstance(value, str | bytes) and value:
        yield value


def shown_in(value: object) -> Iterator[str | bytes]:
    """Yield the images among the parts of the messages in a cell.

    >>> list(shown_in([{"role": "user", "content": [{"type": "image", "image": "a.png"}, {"type": "text", "text": "warmer"}]}]))
    ['a.png']
    """
    value = _parsed(value)
    if isinstance(value, Mapping):
        if value.get("type") in ("image", "image_url"):
            yield from images_of(value)
        else:
            yield from shown_in(value.get("content"))
    elif isinstance(value, list):
        for one in value:
            yield from shown_in(one)


def mapping_of(value: object) -> Mapping[str, Any]:
    """Return the struct in a cell, also one written as JSON; {} for anything else."""
    value = _parsed(value)
    return value if isinstance(value, Mapping) else {}


def _parsed(value: object) -> object:
    """Return the list or object that a text holds as JSON; any other value as it is."""
    if isinstance(value, str) and value.lstrip()[:1] in ("[", "{"):
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            return value
    return value
