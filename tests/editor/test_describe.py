"""The page of tools in docs/ is generated from the code."""

from pathlib import Path

from iea.editor.describe import tools_page


def test_the_page_of_tools_is_up_to_date() -> None:
    page = Path(__file__).parents[2] / "docs/tools.md"
    assert page.read_text() == tools_page() + "\n", "run: iea tools > docs/tools.md"
