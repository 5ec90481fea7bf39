"""The page of tools in docs/ is generated from the code."""

from pathlib import Path

from iea.editor.describe import tool_table


def test_the_page_of_tools_is_up_to_date() -> None:
    page = Path(__file__).parents[2] / "docs/tools.md"
    assert page.read_text() == tool_table() + "\n", "run: iea tools > docs/tools.md"
