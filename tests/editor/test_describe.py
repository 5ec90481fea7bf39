"""The generated page of tools is the one the code makes."""

from pathlib import Path

from iea.editor.describe import tool_table


def test_docs_show_the_tools_as_they_are() -> None:
    page = Path(__file__).parents[2] / "docs/tools.md"
    assert page.read_text() == tool_table() + "\n", "run: iea tools > docs/tools.md"
