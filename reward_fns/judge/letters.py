"""Letters of an answer: those of English, or others that look alike, are invisible or disguise its words.

A table of confusable letters is not needed: every letter is refused unless it is ASCII, with or without an accent.
"""

import re
import unicodedata

KNOWN = "ßæœøł¼½¾²³ªº"  # without an ASCII letter or digit in them, and yet in English texts
MARKS_OF_EMOJI = "\u200d\u20e3\ufe0f"
_DISGUISED = re.compile(
    r"(?:(?<![a-z'])[a-z][\W_]{1,3}){3}[a-z](?![a-z'])"  # letters one by one: s c o r e, s.c.o.r.e
    r"|[a-z]{2}[0-9]+[a-z]|[a-z][0-9]+[a-z]{2}|(?<![a-z0-9])[0-9][a-z]{5}(?<!point)"  # sc0re, 1gnore; not h2o
    r"|[a-z]{25}"  # without spaces; "desaturation" has 12
)


def is_foreign(letter: str) -> bool:
    """Return True for a letter or number that English does not have: of another script, or styled: wide, circled, on
    a key."""
    base = unicodedata.normalize("NFD", letter)[0].lower()
    named = any(word in unicodedata.name(base, "") for word in ("LETTER", "KEYCAP", "HUNDRED"))
    spelled = named or base.isalpha() or base.isnumeric()
    return spelled and not base.isascii() and base not in KNOWN


def is_hidden(letter: str) -> bool:
    """Return True for an invisible character, and for a mark that no letter carries (the text being composed, NFC)."""
    return unicodedata.category(letter)[0] in "CM" and letter not in "\t\n\r" + MARKS_OF_EMOJI


def disguises(text: str) -> bool:
    """Return True if a text hides its words: invisible characters, stacked marks, letters one by one, digits for letters."""
    return any(map(is_hidden, unicodedata.normalize("NFC", text))) or bool(_DISGUISED.search(folded(text)))


def folded(text: str) -> str:
    """Return a text in lower case, without accents and invisible characters, and with plain quotes.

    >>> folded("\u00c9cl\u00e0t\u2019s")
    "eclat's"
    """
    letters = unicodedata.normalize("NFKD", text.replace("\u2019", "'"))
    return "".join(letter for letter in letters if not is_hidden(letter)).casefold()
