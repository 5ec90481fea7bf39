"""Markdown tables."""

from iea.editor.markdown import markdown_table


def test_undefined_numbers_are_empty_cells() -> None:
    assert markdown_table(["a", "b"], [["x", float("nan")]]).splitlines()[-1] == "| x |  |"


def test_signs_and_leading_zeros_are_kept() -> None:
    assert markdown_table(["a", "b", "c"], [["+0.500", 0.5, 7]]).splitlines()[-1] == "| +0.500 | 0.500 | 7 |"
