"""Markdown tables."""

import re

import pytest

from iea.editor.markdown import markdown_table


def test_undefined_numbers_are_empty_cells() -> None:
    assert markdown_table(["a", "b"], [["x", float("nan")]]).splitlines()[-1] == "| x |  |"


def test_signs_and_leading_zeros_are_kept() -> None:
    assert markdown_table(["a", "b", "c"], [["+0.500", 0.5, 7]]).splitlines()[-1] == "| +0.500 | 0.500 | 7 |"


@pytest.mark.parametrize("text", ["a|b", "|", "a\nb", "a\r\nb|c", "a\u2028b"])
def test_any_text_is_one_cell_of_one_line(text: str) -> None:
    lines = markdown_table([text, "n"], [[text, 1]]).splitlines()
    assert len(lines) == 3
    assert all(len(re.split(r"(?<!\\)\|", line)) == 4 for line in lines)
