"""The table of tools as markdown, for docs/tools.md."""

from iea.editor.tools import TOOLS

_HEAD = """# The sixteen tools

Made by `iea tools`; edit the files in `editor/tools/`, not this page.

In order of application, whatever order a program names them in. Values are integers; 0 is the identity. A chain of
curves is one table per channel; colour and spatial layers add to it afterwards; one clip and one rounding end it.

| tool | range | a negative value | a positive value | kind | formula |
|---|---|---|---|---|---|
"""


def tool_table() -> str:
    """Markdown page with one line for each of TOOLS."""
    lines = [
        f"| `{tool.name}` | {tool.low} to {tool.high} | {tool.minus or '-'} | {tool.plus} | {tool.kind} | {tool.reference} |"
        for tool in TOOLS.values()
    ]
    return _HEAD + "\n".join(lines)
