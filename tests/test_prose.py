"""Rules for docstrings, comments, messages and documentation: plain technical English, with the terms of docs/glossary.md."""

import ast
import re
import tokenize
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CODE = ("editor", "reward_fns", "data_prep", "recipe", "examples", "tests")
GLOSSARY = ROOT / "docs/glossary.md"
QUOTED = (Path(__file__), GLOSSARY, ROOT / "docs/tools.md")  # texts that quote rejected words, or that models read
TRAINING_TEXT = ("prompts.py", "words.py")  # strings that models read are exempt there

OPENINGS = ("what", "how", "whether", "who", "whose", "whom", "where", "when", "whatever", "whoever")
FREE_RELATIVES_PER_1000_WORDS = 2
RULES = {
    "is no X": r"(?<!there )(?<!There )\b(?:is|are|was|were) no\b(?! longer| more than| less than| fewer than)",
    "personification": r"\b(?:reads? aloud|lets? go|is told|are told|was told|were told|(?:it|model|code|test|step|run)s? knows?)\b",
    "private verb": r"\b(?:anew|hence|mend(?:s|ed|ing)?|whence|thereof|whereof|gone on with|go(?:es)? on with|to be had|at hand"
    r"|the very|in all\b(?=[,.;:]))",
    "for ever": r"\bfor ever\b",
    "British spelling": r"\b(?:colou?r(?<!color)\w*|grey\w*|behaviour\w*|neighbour\w*|licence\w*|centre\w*|judgement\w*"
    r"|synthesis(?:e|ed|es|ing)\b|normalis\w*|summaris\w*|optimis\w*|initialis\w*|serialis\w*|recognis\w*)\b",
}


def _sources(suffix: str) -> Iterator[Path]:
    for folder in (*CODE, "docs"):
        yield from sorted(path for path in (ROOT / folder).rglob(f"*{suffix}") if path.is_file())
    yield from sorted(ROOT.glob(f"*{suffix}"))


@cache
def _docstrings(path: Path) -> list[tuple[int, str]]:
    """Return (line, text) of every docstring of a module."""
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    nodes = (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, kinds))
    found = ((node, ast.get_docstring(node)) for node in nodes)
    return [(getattr(node, "lineno", 1), text) for node, text in found if text]


@cache
def _comments(path: Path) -> list[tuple[int, str]]:
    with path.open("rb") as stream:
        tokens = list(tokenize.tokenize(stream.readline))
    return [(token.start[0], token.string.lstrip("# ")) for token in tokens if token.type == tokenize.COMMENT]


@cache
def _messages(path: Path) -> list[tuple[int, str]]:
    """Return (line, text) of the constant parts of raised errors."""
    raised = (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Raise) and node.exc)
    parts = (part for node in raised for part in ast.walk(node.exc) if isinstance(part, ast.Constant))  # type: ignore[arg-type]
    return [(part.lineno, part.value) for part in parts if isinstance(part.value, str)]


def _prose(path: Path) -> list[tuple[int, str]]:
    """Return (line, text) of the prose of a file, without code and quotations."""
    if path.suffix == ".py":
        messages = [] if path.name in TRAINING_TEXT else _messages(path)
        found = [*_docstrings(path), *_comments(path), *messages]
    elif path.suffix in (".yaml", ".sh"):
        lines = enumerate(path.read_text().splitlines(), 1)
        found = [(number, line.partition("#")[2]) for number, line in lines if "#" in line]
    else:
        text = re.sub(r"```.*?```", lambda block: "\n" * block[0].count("\n"), path.read_text(), flags=re.DOTALL)
        found = list(enumerate(text.splitlines(), 1))
    return [(line, re.sub(r"`[^`]*`|\"[^\"]*\"|https?://\S+", " ", text)) for line, text in found]


def _rejected_terms() -> dict[str, str]:
    """Return rejected word -> term, from the last column of the glossary; words in italics are not checked."""
    rejected = {}
    for line in GLOSSARY.read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 3 and cells[2] and not set(cells[2]) <= {"-"} and cells[2] != "not":
            for word in re.sub(r"\*[^*]*\*(?: in prose)?|\([^)]*\)", "", cells[2]).split(","):
                if word.strip():
                    rejected[word.strip()] = cells[0]
    return rejected


def _all_prose() -> Iterator[tuple[str, str]]:
    """Yield ("file:line", text) of every piece of prose outside QUOTED."""
    for suffix in (".py", ".md", ".yaml", ".sh"):
        for path in _sources(suffix):
            if path not in QUOTED:
                yield from ((f"{path.relative_to(ROOT)}:{line}", text) for line, text in _prose(path))


def test_docstrings_open_with_a_verb_or_a_noun() -> None:
    opened = [
        f"{path.relative_to(ROOT)}:{line}: {text.splitlines()[0]}"
        for path in _sources(".py")
        for line, text in _docstrings(path)
        if re.split(r"\W+", text.strip().lower(), maxsplit=1)[0] in OPENINGS
    ]
    assert not opened, "\n".join(opened)


@pytest.mark.parametrize("rule", RULES)
def test_prose_keeps_the_rule(rule: str) -> None:
    broken = [
        f"{where}: {found[0]!r} in {text.strip()[:90]!r}"
        for where, text in _all_prose()
        if (found := re.search(RULES[rule], text, re.IGNORECASE))
    ]
    assert not broken, "\n".join(broken)


def test_prose_uses_the_glossary() -> None:
    terms = {word.lower(): term for word, term in _rejected_terms().items()}
    assert terms
    pattern = re.compile(r"\b(" + "|".join(map(re.escape, terms)) + r")s?\b", re.IGNORECASE)
    broken = [
        f"{where}: {found[0]!r} should be {terms[found[1].lower()]!r}"
        for where, text in _all_prose()
        if (found := pattern.search(text))
    ]
    assert not broken, "\n".join(broken)


def test_free_relatives_are_rare() -> None:
    words = " ".join(text for where, text in _all_prose() if where.split(":")[0].endswith(".py")).lower().split()
    free = sum(word.strip(".,;:()") in ("what", "whoever", "whatever", "whose") for word in words)
    assert free <= FREE_RELATIVES_PER_1000_WORDS * len(words) / 1000, f"{free} in {len(words)} words"
