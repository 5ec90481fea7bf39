"""Requests in Chinese: their words become English ones, since the grammar compares words and not their order."""

import re
from functools import cache
from importlib.resources import files

import yaml

LEFT = re.compile(r"[^\W\d_]*[^\W\d_a-zA-Z][^\W\d_]*")
"""Words with letters beyond English: Chinese ones that have no English one here, and those of other languages."""

BREAK = re.compile(r"[，、。；！？,;!?\n]|但是?|并且?|同时|然后")


def in_english(text: str) -> str:
    """Return a text with its Chinese words replaced, the longest first; those that are not known stay.

    >>> in_english("请提亮阴影，对比度更高").split()
    ['brighten', 'shadows', ',', 'contrast', 'more', 'more']
    """
    return text if text.isascii() else _known().sub(lambda found: f" {_words()[found[0]]} ", text)


@cache
def _known() -> re.Pattern[str]:
    return re.compile("|".join(sorted(map(re.escape, _words()), key=len, reverse=True)))


@cache
def _words() -> dict[str, str]:
    loaded: dict[str, str] = yaml.safe_load((files(__package__) / "chinese.yaml").read_text(encoding="utf-8"))
    return loaded
